/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_WHY_MIXED_H
#define TESTS_WHY_MIXED_H

#include "tests/why/situation.h"

/* 64 rounds ask in every manner; each round 12 questions. In the net namespace of spot_prepare().
 */
void mixed_run(unsigned int rounds, struct counts *counts);

#endif
