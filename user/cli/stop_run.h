/* SPDX-License-Identifier: GPL-2.0 */
/* Carries out a plan. Does I/O and prints what it does. */
#ifndef PORTTRACE_CLI_STOP_RUN_H
#define PORTTRACE_CLI_STOP_RUN_H

#include "user/cli/stop_options.h"
#include "user/cli/stop_plan.h"

/*
 * True: a service manager or container runtime could not do its part; the rest of the plan is done.
 */
bool stop_run_managed(const struct stop_plan *plan);

/*
 * The signals of the plan; returns when all have ended or the time is over. False: some process may
 * not be ended without more privileges.
 */
bool stop_run_signals(const struct stop_plan *plan, const struct stop_options *options);

#endif
