/* SPDX-License-Identifier: GPL-2.0 */
/* Which kind of call was seen, by kernel and plan, as lines of DIR/coverage.tsv. */
#ifndef TESTS_KERNEL_COVERAGE_H
#define TESTS_KERNEL_COVERAGE_H

#include <stdbool.h>

#include "tests/kernel/scene.h"

bool coverage_open(const char *dir); /* NULL: nothing is written */
void coverage_close(void);
void coverage_call(const char *plan, const struct scenario *scenario, const struct call *call,
                   const char *verdict, const char *why);
void coverage_missing_scenario(const char *plan, const struct scenario *scenario, const char *why);
void coverage_missing_plan(const char *plan, const char *why);

#endif
