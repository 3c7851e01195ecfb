/* SPDX-License-Identifier: GPL-2.0 */
/* All scenarios under each plan of porttrace, or under none. */
#ifndef TESTS_KERNEL_PLAN_H
#define TESTS_KERNEL_PLAN_H

#include <stdbool.h>

#define PLAN_COUNT 3

struct run_options {
    const char *porttrace;
    const char *plan; /* a name, or "all" */
    const char *expected_plans;
    const char *only;
    const char *out; /* NULL: nothing is kept */
    bool brief;      /* without what is alike in all kernels, or in all plans */
};

extern const char *const plan_names[PLAN_COUNT];

bool plan_is_chosen(const struct run_options *options, const char *plan);
/* Starts it once. A plan that cannot be used is reported, as a failure where it was expected. */
bool plan_is_usable(const struct run_options *options, const char *plan);

void plans_check(const struct run_options *options, bool no_trace);

#endif
