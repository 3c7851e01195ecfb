/* SPDX-License-Identifier: GPL-2.0 */
/* The filters that porttrace applies in the kernel: exactly what matches is printed. */
#ifndef TESTS_KERNEL_FILTERS_H
#define TESTS_KERNEL_FILTERS_H

#include "tests/kernel/plan.h"

void filters_check(const struct run_options *options);

#endif
