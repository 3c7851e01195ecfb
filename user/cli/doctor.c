// SPDX-License-Identifier: GPL-2.0
#include "user/cli/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/cli/mounts.h"
#include "user/cli/privileges.h"

#define BTF_PATH      "/sys/kernel/btf/vmlinux"
#define TRIAL_BUFFER  (64u << 10)
#define TRIAL_SOCKETS 64u
#define MEMCG_MAJOR   5 /* from 5.11 on (97306be45fbe) BPF memory is charged to the cgroup */
#define MEMCG_MINOR   11

static bool charges_memlock(const char *release)
{
    char *end;
    unsigned long major = strtoul(release, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

    return major < MEMCG_MAJOR || (major == MEMCG_MAJOR && minor < MEMCG_MINOR);
}

static void examine_kernel(struct findings *findings)
{
    struct utsname names;
    struct rlimit limit;

    if (!uname(&names))
        snprintf(findings->kernel, sizeof(findings->kernel), "%s", names.release);
    findings->btf = !access(BTF_PATH, R_OK);
    findings->memlock_counts = charges_memlock(findings->kernel);
    findings->memlock_bytes = UINT64_MAX;
    if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY)
        findings->memlock_bytes = limit.rlim_cur;
}

static void try_plan(enum pt_plan plan, struct plan_trial *ret_trial)
{
    const struct capture_options options = {
        .plan = plan, .buffer_bytes = TRIAL_BUFFER, .sockets = TRIAL_SOCKETS};
    struct plan_trial trial = {.plan = plan};
    struct capture_report report;
    struct capture *capture;

    trial.result = capture_open(&options, &capture, &report);
    trial.hooks = report.hooks;
    if (report.refusal_count)
        trial.refusal = report.refusals[0];
    if (!trial.result)
        capture_close(capture);
    *ret_trial = trial;
}

void doctor_examine(struct findings *ret_findings)
{
    static const enum pt_plan plans[CAPTURE_PLANS] = {PT_PLAN_FEXIT, PT_PLAN_KPROBE,
                                                      PT_PLAN_RESTRICTED};

    memset(ret_findings, 0, sizeof(*ret_findings));
    examine_kernel(ret_findings);
    if (privileges_here(&ret_findings->capabilities))
        ret_findings->capabilities = 0;
    if (mounts_find_here("cgroup2", ret_findings->cgroup2, sizeof(ret_findings->cgroup2)))
        ret_findings->cgroup2[0] = '\0';
    if (mounts_find_here("tracefs", ret_findings->tracefs, sizeof(ret_findings->tracefs)))
        ret_findings->tracefs[0] = '\0';
    for (int i = 0; i < CAPTURE_PLANS; i++)
        try_plan(plans[i], &ret_findings->trials[i]);
}

enum pt_plan doctor_choice(const struct findings *findings)
{
    for (int i = 0; i < CAPTURE_PLANS; i++)
        if (!findings->trials[i].result)
            return findings->trials[i].plan;
    return 0;
}
