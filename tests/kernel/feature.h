/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel has of what scenarios need. Asked once, in processes that end at once. */
#ifndef TESTS_KERNEL_FEATURE_H
#define TESTS_KERNEL_FEATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/kernel/scene.h"

/* NULL: all is there; else what is not and why, for people. */
const char *feature_missing(unsigned int needs);

/* In one of tests/vm: its processors stand still for a tenth of a second at any place. */
bool feature_emulated(void);

#endif
