/* SPDX-License-Identifier: GPL-2.0 */
/* What this kernel has of what scenarios need. Asked once, in processes that end at once. */
#ifndef TESTS_KERNEL_FEATURE_H
#define TESTS_KERNEL_FEATURE_H

#include <stddef.h>

#include "tests/kernel/scene.h"

/* NULL: all is there; else what is not and why, for people. */
const char *feature_missing(unsigned int needs);

#endif
