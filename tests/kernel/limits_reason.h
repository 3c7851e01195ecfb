/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plan cannot know of why a call was refused, by kernel: the only cases in which less may be
 * told. Where more is told than is listed here, the test fails too.
 */
#ifndef TESTS_KERNEL_LIMITS_REASON_H
#define TESTS_KERNEL_LIMITS_REASON_H

#include "tests/kernel/scene.h"

enum reason_limit_of {
    REASON_LIMIT_REASON, /* .told instead of the reason */
    REASON_LIMIT_OWNER,  /* the socket in the way is told, but not whose it was */
    REASON_LIMIT_ALSO,   /* the second thing that is wrong is not told */
};

struct reason_limit {
    enum reason_limit_of of;
    const char *plan; /* NULL: any */
    int kernel_from;  /* 1000 * major + minor: the first that has the limit, 0 any */
    int kernel_to;    /* the last, 0 any */
    enum pt_op op;    /* 0: any */
    enum reason reason;
    enum reason told;
    bool depends; /* on what else is on the host: the reason itself may be told as well */
    const char *why;
    enum protocol protocol; /* 0: any */
    enum pt_entry entry;    /* 0: any */
    int error;              /* 0: any */
};

/* NULL: it must be told. */
const struct reason_limit *limits_reason_of(enum reason_limit_of of, const char *plan,
                                            const struct call *call);

#endif
