// SPDX-License-Identifier: GPL-2.0
#include "user/cli/plan_report.h"

#include <errno.h>
#include <stdio.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/model/errors.h"
#include "user/model/operations.h"

void plan_report_choice(const struct capture_report *report)
{
    const struct plan_refusal *first = &report->refusals[0];

    if (!report->refusal_count)
        return;
    complain("uses the plan %s, %s was refused%s%s (%s); 'porttrace doctor' explains",
             operation_plan_name(report->plan), operation_plan_name(first->plan),
             first->hook[0] ? " at " : "", first->hook, error_name(first->error));
}

int plan_report_status(int result)
{
    switch (result) {
    case 0:
        return STATUS_DONE;
    case -EPERM:
    case -EACCES:
        return STATUS_PRIVILEGE;
    case -EOPNOTSUPP:
    case -ENOENT:
    case -ESRCH:
        return STATUS_KERNEL;
    default:
        return STATUS_BAD_NEWS;
    }
}

int plan_report_failure(const struct capture_report *report, int result)
{
    int status = plan_report_status(result);

    if (status == STATUS_PRIVILEGE)
        complain("cannot trace: privileges are missing");
    else if (status == STATUS_KERNEL)
        complain("cannot trace: this kernel lacks what is needed");
    else
        complain("cannot trace: %s", error_message(-result));
    for (unsigned int i = 0; i < report->refusal_count; i++) {
        const struct plan_refusal *refusal = &report->refusals[i];

        fprintf(stderr, "  plan %s: %s%s%s\n", operation_plan_name(refusal->plan), refusal->hook,
                refusal->hook[0] ? ": " : "", refusal->reason);
    }
    if (status == STATUS_PRIVILEGE)
        fputs("Run it as root ('sudo porttrace'), or with " PLAN_CAPABILITIES ".\n", stderr);
    else if (status == STATUS_KERNEL)
        fputs("It takes Linux 5.10 or later with BTF (CONFIG_DEBUG_INFO_BTF).\n", stderr);
    fputs("'porttrace doctor' tries everything and says what is missing.\n", stderr);
    return status;
}

const char *plan_blind_spots(enum pt_plan plan)
{
    switch (plan) {
    case PT_PLAN_FEXIT:
    case PT_PLAN_KPROBE:
        return "calls that a seccomp filter refuses, unless --seccomp is given";
    case PT_PLAN_RESTRICTED:
        return "how long a call took in all: its latency counts from a hook inside the call";
    }
    return "";
}

const char *plan_cost(enum pt_plan plan)
{
    switch (plan) {
    case PT_PLAN_FEXIT:
    case PT_PLAN_KPROBE:
        return "nothing for system calls that have nothing to do with ports";
    case PT_PLAN_RESTRICTED:
        return "every system call of the host takes about 40 ns longer while the trace runs";
    }
    return "";
}
