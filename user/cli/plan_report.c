// SPDX-License-Identifier: GPL-2.0
#include "user/cli/plan_report.h"

#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <unistd.h>

#include "user/capture/kernel.h"
#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/mounts.h"
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

void plan_report_seccomp(bool wanted, enum pt_plan plan)
{
    if (wanted && plan == PT_PLAN_RESTRICTED)
        complain("--seccomp has no effect in the plan restricted, which has no hook for that");
}

int plan_report_status(int result, const struct situation *here)
{
    if (result && here->too_old)
        return STATUS_KERNEL;
    switch (result) {
    case 0:
        return STATUS_DONE;
    case -EPERM:
    case -EACCES:
        return situation_privileged(here) ? STATUS_KERNEL : STATUS_PRIVILEGE;
    case -EINVAL: /* what the verifier says of programs that it does not trust */
        return situation_trusted(here) ? STATUS_BAD_NEWS : STATUS_PRIVILEGE;
    case -EOPNOTSUPP:
    case -ENOENT:
    case -ESRCH:
    case -EBADMSG:
        return STATUS_KERNEL;
    default:
        return STATUS_BAD_NEWS;
    }
}

/* Privileges can be given, so one plan that wants them is enough. */
static int status_of(const struct capture_report *report, int result, const struct situation *here)
{
    for (unsigned int i = 0; i < report->refusal_count; i++)
        if (plan_report_status(-report->refusals[i].error, here) == STATUS_PRIVILEGE)
            return STATUS_PRIVILEGE;
    return plan_report_status(result, here);
}

static void advise_on_privileges(const struct situation *here)
{
    char mount[PATH_MAX];

    if (here->in_userns) {
        complain_more(
            "This user namespace has no privileges over the host, whatever its root may do "
            "in it:\nrun it as root outside of it.");
        return;
    }
    complain_more("%s\nthe plan restricted also takes CAP_NET_ADMIN and CAP_DAC_READ_SEARCH.",
                  geteuid()
                      ? "Run it as root ('sudo porttrace'), or with the capabilities CAP_BPF and "
                        "CAP_PERFMON;"
                      : "Root lacks capabilities here, as in a container: it takes CAP_BPF and "
                        "CAP_PERFMON;");
    if (situation_memlock_limits(here))
        complain_more("Before Linux 5.11 also CAP_SYS_RESOURCE, or no limit: ulimit -l unlimited");
    if (situation_perf_refused(here))
        complain_more("kernel.perf_event_paranoid is %d: the plans kprobe and restricted take "
                      "CAP_SYS_ADMIN, or\nsysctl kernel.perf_event_paranoid=2",
                      here->perf_event_paranoid);
    if (!situation_has(here, CAP_SYS_ADMIN) && mounts_find_here("tracefs", mount, sizeof(mount)))
        complain_more(
            "Without CAP_SYS_ADMIN the plan restricted needs tracefs to be mounted: mount -t "
            "tracefs\ntracefs /sys/kernel/tracing");
}

static void advise_on_kernel(const struct situation *here)
{
    complain_more("It takes Linux 5.10 or later with BTF (CONFIG_DEBUG_INFO_BTF); this is %s.\n"
                  "In a container it takes the privileges of the host.",
                  here->kernel);
}

int plan_report_failure(const struct capture_report *report, int result)
{
    struct situation here;
    int status;

    situation_examine(&here);
    status = status_of(report, result, &here);
    if (status == STATUS_PRIVILEGE)
        complain("cannot trace: privileges are missing");
    else if (status == STATUS_KERNEL)
        complain("cannot trace: this kernel lacks or refuses what is needed");
    else
        complain("cannot trace: %s", error_message(-result));
    for (unsigned int i = 0; i < report->refusal_count; i++) {
        const struct plan_refusal *refusal = &report->refusals[i];

        complain_more("  plan %s: %s%s%s", operation_plan_name(refusal->plan), refusal->hook,
                      refusal->hook[0] ? ": " : "", refusal->reason);
    }
    if (!report->refusal_count)
        complain_more("  no plan was tried: the BTF of this kernel, " KERNEL_BTF
                      ", is not there or damaged");
    if (status == STATUS_PRIVILEGE)
        advise_on_privileges(&here);
    else if (status == STATUS_KERNEL)
        advise_on_kernel(&here);
    complain_more("'porttrace doctor' tries everything and says what is missing.");
    return status;
}

const char *const *plan_blind_spots(enum pt_plan plan)
{
    static const char *const full[] = {
        "calls that a seccomp filter refuses, unless --seccomp is given",
        NULL,
    };
    static const char *const restricted[] = {
        "refusals of the kernel's own sockets, and when these give a port back",
        "refusals of 32-bit programs, their listens without a bind, and what they connect to",
        "addresses of raw, ping and SCTP, and of early refusals, before anybody can change them",
        "how long a call took in all: the time counts from a hook inside it",
        NULL,
    };

    return plan == PT_PLAN_RESTRICTED ? restricted : full;
}

const char *plan_cost(enum pt_plan plan)
{
    if (plan == PT_PLAN_RESTRICTED)
        return "every system call of the host takes some tens of nanoseconds longer meanwhile, "
               "the shortest by a third: the price of exact errnos here";
    return "nothing for system calls that have nothing to do with ports";
}
