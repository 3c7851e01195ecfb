/* SPDX-License-Identifier: GPL-2.0 */
/* The same thing very often, while something tries to make the answer wrong. */
#ifndef TESTS_KERNEL_THOROUGH_H
#define TESTS_KERNEL_THOROUGH_H

#include "tests/kernel/plan.h"
#include "tests/kernel/seen.h"

#define THOROUGH_ARGS_MAX 4096

/* How a child works, and what each bind that it makes must look like. */
struct thorough_work {
    const char *name;
    unsigned long times; /* at 100 percent */
    void (*run)(unsigned long times);
    /* NULL, or what is wrong with this bind. */
    const char *(*judge)(const struct seen *seen);
    bool needs_uring_bind;
};

extern const struct thorough_work thorough_works[];
extern const unsigned int thorough_work_count;

void thorough_check(const struct run_options *options, unsigned int percent);

#endif
