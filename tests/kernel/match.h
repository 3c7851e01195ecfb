/* SPDX-License-Identifier: GPL-2.0 */
/* What a scenario experienced against what porttrace printed of it. */
#ifndef TESTS_KERNEL_MATCH_H
#define TESTS_KERNEL_MATCH_H

#include <stddef.h>

#include "tests/kernel/scene.h"
#include "tests/kernel/trace.h"

/* What must be found in the stream of one trace. */
struct expectation {
    const char *plan;
    const struct scenario *scenario; /* whose coverage is written down, NULL: none */
    bool (*wanted)(const struct call *call, const void *context); /* NULL: all calls are */
    const void *context;
};

/* How many wanted calls have no event yet, those that the plan cannot see left out. */
size_t match_missing(struct trace *trace, const struct expectation *expected,
                     const struct scene_log *log);

/* The event of the call of this number, from 0; NULL: it has not come. */
const struct seen *match_event(struct trace *trace, const struct scene_log *log,
                               unsigned int number);

/* Marks events as used, writes the coverage, and describes all that is wrong; "" if nothing is. */
void match_judge(struct trace *trace, const struct expectation *expected,
                 const struct scene_log *log, char *ret_wrong, size_t size);

#endif
