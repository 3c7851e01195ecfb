// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/lifecycle.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/limits.h"
#include "tests/kernel/report.h"
#include "tests/kernel/scene.h"

bool lifecycle_start_with(struct lifecycle *run, const char *const *args)
{
    run->tracing = true;
    if (trace_start(&run->trace, run->options->porttrace, args, NULL))
        return true;
    snprintf(run->why, sizeof(run->why), "it does not start: %s", run->trace.errors);
    return false;
}

bool lifecycle_start(struct lifecycle *run, const char *option, const char *value)
{
    const char *args[] = {"--plan", run->plan, option, value, NULL};

    return lifecycle_start_with(run, args);
}

static void end(struct lifecycle *run)
{
    if (!run->tracing)
        return;
    if (!run->trace.ended)
        trace_end(&run->trace, SIGKILL);
    trace_free(&run->trace);
    run->tracing = false;
}

int lifecycle_storm(int times, int go)
{
    struct address addresses[] = {loopback(AF_INET, 8080), loopback(AF_INET, 8081)};
    int pid = fork(), i, fd;
    char byte;

    if (pid)
        return pid;
    if (!scene_network_up() || (go >= 0 && read(go, &byte, 1) != 1))
        _exit(1);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    for (i = 0; i < times; i++)
        (void)bind(fd, (struct sockaddr *)&addresses[i % 2].storage, addresses[0].size);
    _exit(0);
}

int lifecycle_binds(int times)
{
    int pid = lifecycle_storm(times, -1);

    waitpid(pid, NULL, 0);
    return pid;
}

size_t lifecycle_binds_of(const struct trace *trace, int pid)
{
    size_t count = 0, i;

    for (i = 0; i < trace->count; i++)
        if (trace->seen[i].pid == pid && trace->seen[i].action &&
            strcmp(trace->seen[i].action, "bind") == 0)
            count += (size_t)trace->seen[i].times;
    return count;
}

const struct seen *lifecycle_last_line(const struct trace *trace)
{
    const struct seen *last = trace->count ? &trace->seen[trace->count - 1] : NULL;

    return last && last->action && strcmp(last->action, "trace-end") == 0 ? last : NULL;
}

static const struct {
    const char *name;
    void (*check)(struct lifecycle *run);
    const char *plan; /* the only one to check, NULL all: elsewhere it is alike, or not asked */
    int since;        /* VERSION() of the first kernel where there is what it looks at */
    bool alike;       /* in all plans */
} checks[] = {
    {"sigint", lifecycle_sigint, NULL, 0, true},
    {"sigterm", lifecycle_sigterm, NULL, 0, true},
    {"live", lifecycle_live, NULL, 0, true},
    {"count", lifecycle_count, NULL, 0, true},
    {"duration", lifecycle_duration, NULL, 0, true},
    {"end-leaves-nothing", lifecycle_end_leaves_nothing, NULL, 0, false},
    {"kill-leaves-nothing", lifecycle_kill_leaves_nothing, NULL, 0, false},
    {"closed-pipe", lifecycle_closed_pipe, NULL, 0, true},
    {"without-privileges", lifecycle_without_privileges, NULL, 0, true},
    {"loss", lifecycle_loss, NULL, 0, true},
    {"flipped-address", lifecycle_flipped_address, NULL, 0, false},
    {"repeated", lifecycle_repeated, NULL, 0, false},
    {"repeated-without-holders", lifecycle_repeated_without_holders, NULL, 0, true},
    {"existing", lifecycle_existing, NULL, 0, false},
    {"crowded-ports", lifecycle_crowded_ports, "restricted", VERSION(6, 2), false},
    {"crowded-sockets", lifecycle_crowded_sockets, "restricted", VERSION(6, 2), false},
    {"crowded-threads", lifecycle_crowded_threads, NULL, VERSION(6, 2), true},
};

static void check_plan(const struct run_options *options, const char *plan, bool is_first)
{
    static struct lifecycle run;
    char group[64];
    size_t i;

    run.options = options;
    run.plan = plan;
    snprintf(group, sizeof(group), "lifecycle %s", plan);
    for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        if (options->only && !strstr(checks[i].name, options->only))
            continue;
        if (checks[i].plan && strcmp(checks[i].plan, plan) != 0)
            continue;
        if (options->brief && checks[i].alike && !is_first)
            continue;
        if (limits_kernel_version() < checks[i].since) {
            report_skipped(group, checks[i].name, "before 6.2 nothing has a place of its own");
            continue;
        }
        run.why[0] = '\0';
        checks[i].check(&run);
        end(&run);
        if (run.why[0])
            report_failed(group, checks[i].name, "%s", run.why);
        else
            report_passed(group, checks[i].name);
    }
}

void lifecycle_check(const struct run_options *options)
{
    bool is_first = true;
    size_t i;

    for (i = 0; i < PLAN_COUNT; i++)
        if (plan_is_chosen(options, plan_names[i]) && plan_is_usable(options, plan_names[i])) {
            check_plan(options, plan_names[i], is_first);
            is_first = false;
        }
}
