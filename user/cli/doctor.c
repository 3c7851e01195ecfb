// SPDX-License-Identifier: GPL-2.0
#include "user/cli/doctor.h"

#include <string.h>

#include "user/capture/kernel.h"
#include "user/cli/mounts.h"
#include "user/cli/host_check.h"

#define TRIAL_BUFFER  (64u << 10)
#define TRIAL_SOCKETS 64u

static void try_plan(enum pt_plan plan, struct plan_trial *ret_trial)
{
    const struct capture_options options = {
        .plan = plan, .buffer_bytes = TRIAL_BUFFER, .sockets = TRIAL_SOCKETS, .holders = true};
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

/* All of it is looked through, as for a trace. */
static int try_btf(void)
{
    struct types types = {0};
    int error = types_open(&types, KERNEL_BTF);

    types_close(&types);
    return error;
}

void doctor_examine(struct findings *ret_findings)
{
    static const enum pt_plan plans[CAPTURE_PLANS] = {PT_PLAN_FEXIT, PT_PLAN_KPROBE,
                                                      PT_PLAN_RESTRICTED};

    memset(ret_findings, 0, sizeof(*ret_findings));
    situation_examine(&ret_findings->here);
    ret_findings->proc = host_has_proc();
    ret_findings->btf = try_btf();
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
