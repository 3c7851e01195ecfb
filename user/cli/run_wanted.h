/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_RUN_WANTED_H
#define PORTTRACE_CLI_RUN_WANTED_H

#include <stdbool.h>

#include "user/model/observation.h"

/*
 * Whether run reports this failure. Programs look for a server by connecting and take a refusal for
 * an answer, so of connects only what this host refused, unless all are asked for. Pure.
 */
bool run_wants(const struct observation *seen, bool all);

#endif
