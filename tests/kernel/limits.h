/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plan cannot see, by kernel: the only events, and the only fields of events, that a test
 * may find missing. What comes although it is listed here fails the test too, so that the list
 * stays true.
 */
#ifndef TESTS_KERNEL_LIMITS_H
#define TESTS_KERNEL_LIMITS_H

#include "tests/kernel/scene.h"

enum limit_of {
    LIMIT_EVENT, /* there is none */
    LIMIT_REQUESTED,
    LIMIT_ADDRESS_SIZE,
    LIMIT_BACKLOG,
    LIMIT_IMPLIES_AUTOBIND,
};

/* The reason why this cannot be seen, NULL where it must be seen. */
const char *limits_reason(enum limit_of of, const char *plan, const struct call *call);

#define VERSION(major, minor) ((major)*1000 + (minor))

/* The VERSION() of the running kernel. */
int limits_kernel_version(void);

#endif
