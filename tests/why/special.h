/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_WHY_SPECIAL_H
#define TESTS_WHY_SPECIAL_H

#include "tests/why/situation.h"

/* Privileges, addresses, devices and sysctls: each in a net namespace of its own. */
void special_run(struct counts *counts);

#endif
