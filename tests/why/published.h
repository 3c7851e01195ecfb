/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TESTS_WHY_PUBLISHED_H
#define TESTS_WHY_PUBLISHED_H

#include "tests/why/situation.h"

/* Ports held by a proxy for a container, and sent on by a rule without a socket. */
void published_run(struct counts *counts);

/* What the test does when it is started as a proxy; does not return then. */
void published_be_proxy(int argc, char **argv);

#endif
