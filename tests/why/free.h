/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_WHY_FREE_H
#define TESTS_WHY_FREE_H

#include "tests/why/situation.h"

/* Each port that porttrace free names is really bound. */
void free_run(struct counts *counts);

#endif
