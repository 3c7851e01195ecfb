/* SPDX-License-Identifier: GPL-2.0 */
/* How a trace begins and ends, what it loses, and that it leaves nothing behind. */
#ifndef TESTS_KERNEL_LIFECYCLE_H
#define TESTS_KERNEL_LIFECYCLE_H

#include "tests/kernel/plan.h"

void lifecycle_check(const struct run_options *options);

#endif
