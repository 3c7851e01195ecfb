/* SPDX-License-Identifier: GPL-2.0 */
/* What the doctor found, and how it says it. */
#ifndef PORTTRACE_CLI_DOCTOR_H
#define PORTTRACE_CLI_DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/capture/capture.h"
#include "user/cli/situation.h"
#include "user/model/strbuf.h"

struct plan_trial {
    enum pt_plan plan;
    int result; /* of capture_open() */
    struct plan_refusal refusal;
    unsigned int hooks;
};

struct findings {
    struct situation here;
    bool proc;              /* mounted, and with it known what else is */
    int btf;                /* 0: it can be used, or negative errno as of a trace */
    char cgroup2[PATH_MAX]; /* where it is mounted; empty: nowhere */
    char tracefs[PATH_MAX];
    struct plan_trial trials[CAPTURE_PLANS];
};

/* Asks the kernel, and really attaches and detaches each plan. */
void doctor_examine(struct findings *ret_findings);

/* The plan that a trace would take; 0 none. */
enum pt_plan doctor_choice(const struct findings *findings);

void doctor_print_text(const struct findings *findings, bool colour, struct strbuf *out);
void doctor_print_json(const struct findings *findings, struct strbuf *out);

#endif
