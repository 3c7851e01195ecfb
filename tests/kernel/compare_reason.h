/* SPDX-License-Identifier: GPL-2.0 */
/* Why a call was refused, who was in the way: what is said of it against what is true. */
#ifndef TESTS_KERNEL_COMPARE_REASON_H
#define TESTS_KERNEL_COMPARE_REASON_H

#include "tests/kernel/compare.h"

/* Of a call that was refused. */
void compare_reason(const struct seen *seen, const char *plan, const struct call *call,
                    struct wrong *wrong);

#endif
