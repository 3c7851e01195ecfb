/* SPDX-License-Identifier: GPL-2.0 */
/* What the capture stage says of its plans, in words. */
#ifndef PORTTRACE_CLI_PLAN_REPORT_H
#define PORTTRACE_CLI_PLAN_REPORT_H

#include "user/capture/capture.h"
#include "user/cli/situation.h"

/* A line where the plan in use is not the best one. */
void plan_report_choice(const struct capture_report *report);

/* A line where --seccomp is asked for and the plan in use has no hook for it. */
void plan_report_seccomp(bool wanted, enum pt_plan plan);

/* No plan could be used: why, and what to do. result as of capture_open(). Returns the exit status.
 */
int plan_report_failure(const struct capture_report *report, int result);

/* The exit status for what capture_open() returned in this situation. */
int plan_report_status(int result, const struct situation *here);

/* What a plan does not see, ended by NULL, and what it costs the rest of the host. */
const char *const *plan_blind_spots(enum pt_plan plan);
const char *plan_cost(enum pt_plan plan);

#endif
