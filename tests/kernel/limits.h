/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plan cannot see, by kernel: the only calls that a test may find missing. An event that
 * comes although it is listed here fails the test too, so that the list stays true.
 */
#ifndef TESTS_KERNEL_LIMITS_H
#define TESTS_KERNEL_LIMITS_H

#include "tests/kernel/scene.h"

/* The reason why this call cannot be seen, NULL where it must be seen. */
const char *limits_reason(const char *plan, const struct call *call);

#endif
