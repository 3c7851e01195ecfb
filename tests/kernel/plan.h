/* SPDX-License-Identifier: GPL-2.0 */
/* All scenarios under each plan of porttrace, or under none. */
#ifndef TESTS_KERNEL_PLAN_H
#define TESTS_KERNEL_PLAN_H

#include <stdbool.h>

struct run_options {
    const char *porttrace;
    const char *plan; /* a name, or "all" */
    const char *expected_plans;
    const char *only;
    const char *out; /* NULL: nothing is kept */
};

void plans_check(const struct run_options *options, bool no_trace);

#endif
