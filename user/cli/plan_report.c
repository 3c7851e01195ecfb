// SPDX-License-Identifier: GPL-2.0
#include "user/cli/plan_report.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/mounts.h"
#include "user/cli/privileges.h"
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

int plan_report_status(int result, uint64_t capabilities)
{
    switch (result) {
    case 0:
        return STATUS_DONE;
    case -EPERM:
    case -EACCES:
        return capabilities >> CAP_SYS_ADMIN & 1 ? STATUS_KERNEL : STATUS_PRIVILEGE;
    case -EOPNOTSUPP:
    case -ENOENT:
    case -ESRCH:
        return STATUS_KERNEL;
    default:
        return STATUS_BAD_NEWS;
    }
}

static void advise_on_privileges(void)
{
    char mount[PATH_MAX];

    fputs("Run it as root ('sudo porttrace'), or with the capabilities CAP_BPF, CAP_PERFMON,\n"
          "CAP_NET_ADMIN and CAP_DAC_READ_SEARCH.\n",
          stderr);
    if (mounts_find_here("tracefs", mount, sizeof(mount)))
        fputs("Without root, tracefs must be mounted here: mount -t tracefs tracefs "
              "/sys/kernel/tracing\n",
              stderr);
}

static void advise_on_kernel(void)
{
    fputs("It takes Linux 5.10 or later with BTF (CONFIG_DEBUG_INFO_BTF); in a container, the\n"
          "privileges of the host.\n",
          stderr);
}

int plan_report_failure(const struct capture_report *report, int result)
{
    uint64_t capabilities = 0;
    int status;

    if (privileges_here(&capabilities))
        capabilities = 0;
    status = plan_report_status(result, capabilities);
    if (status == STATUS_PRIVILEGE)
        complain("cannot trace: privileges are missing");
    else if (status == STATUS_KERNEL)
        complain("cannot trace: this kernel lacks or refuses what is needed");
    else
        complain("cannot trace: %s", error_message(-result));
    for (unsigned int i = 0; i < report->refusal_count; i++) {
        const struct plan_refusal *refusal = &report->refusals[i];

        fprintf(stderr, "  plan %s: %s%s%s\n", operation_plan_name(refusal->plan), refusal->hook,
                refusal->hook[0] ? ": " : "", refusal->reason);
    }
    if (status == STATUS_PRIVILEGE)
        advise_on_privileges();
    else if (status == STATUS_KERNEL)
        advise_on_kernel();
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
