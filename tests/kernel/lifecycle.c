// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/lifecycle.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/leftovers.h"
#include "tests/kernel/program.h"
#include "tests/kernel/report.h"
#include "tests/kernel/scene.h"
#include "tests/kernel/trace.h"

#define STORM_CALLS 20000
#define LIVE_MS     2000

struct lifecycle {
    const struct run_options *options;
    const char *plan;
    struct trace trace; /* ended and freed after the check, whatever came of it */
    bool tracing;
    char why[4096]; /* filled by a check that fails */
};

#define FAIL(run, ...)                                                                             \
    do {                                                                                           \
        snprintf((run)->why, sizeof((run)->why), __VA_ARGS__);                                     \
        return;                                                                                    \
    } while (0)

static bool start_with(struct lifecycle *run, const char *const *args)
{
    run->tracing = true;
    if (trace_start(&run->trace, run->options->porttrace, args, NULL))
        return true;
    snprintf(run->why, sizeof(run->why), "it does not start: %s", run->trace.errors);
    return false;
}

static bool start(struct lifecycle *run, const char *option, const char *value)
{
    const char *args[] = {"--plan", run->plan, option, value, NULL};

    return start_with(run, args);
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

/* Binds that fail or succeed in a net namespace of their own; returns the process's id. */
static int bind_times(int times)
{
    struct address address = loopback(AF_INET, 8080);
    int pid = fork(), i, fd;

    if (pid)
        return pid;
    if (!scene_network_up())
        _exit(1);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    for (i = 0; i < times; i++)
        bind(fd, (struct sockaddr *)&address.storage, address.size);
    _exit(0);
}

static int bind_and_wait(int times)
{
    int pid = bind_times(times);

    waitpid(pid, NULL, 0);
    return pid;
}

static size_t binds_of(const struct trace *trace, int pid)
{
    size_t count = 0, i;

    for (i = 0; i < trace->count; i++)
        count += trace->seen[i].pid == pid && trace->seen[i].action &&
                 strcmp(trace->seen[i].action, "bind") == 0;
    return count;
}

static const struct seen *last_line(const struct trace *trace)
{
    const struct seen *last = trace->count ? &trace->seen[trace->count - 1] : NULL;

    return last && last->action && strcmp(last->action, "trace-end") == 0 ? last : NULL;
}

static void check_signal(struct lifecycle *run, int number)
{
    struct trace *trace = &run->trace;
    bool ended;
    int pid;

    if (!start(run, NULL, NULL))
        return;
    pid = bind_and_wait(100);
    ended = trace_end(trace, number);
    if (!ended || !trace_exited_with(trace, 0))
        FAIL(run, "it did not end with 0");
    if (binds_of(trace, pid) != 100)
        FAIL(run, "%zu of 100 binds were printed", binds_of(trace, pid));
    if (!last_line(trace) || trace->text_size)
        FAIL(run, "the last line is not trace-end");
}

static void check_sigint(struct lifecycle *run)
{
    check_signal(run, SIGINT);
}

static void check_sigterm(struct lifecycle *run)
{
    check_signal(run, SIGTERM);
}

static void check_live(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    int pid, waited;

    if (!start(run, NULL, NULL))
        return;
    pid = bind_and_wait(1);
    for (waited = 0; waited < LIVE_MS && !binds_of(trace, pid); waited += 10) {
        usleep(10000);
        trace_read(trace);
    }
    if (!binds_of(trace, pid))
        FAIL(run, "a bind was not printed within %d ms", LIVE_MS);
}

static void check_count(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    size_t events = 0, i;

    if (!start(run, "--count", "7"))
        return;
    bind_and_wait(100);
    if (!trace_end(trace, 0) || !trace_exited_with(trace, 0))
        FAIL(run, "--count 7 did not end it with 0");
    for (i = 0; i < trace->count; i++)
        events += trace->seen[i].sequence > 0;
    if (events != 7)
        FAIL(run, "--count 7 printed %zu events", events);
}

static void check_duration(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    int pid;

    if (!start(run, "--duration", "1500ms"))
        return;
    pid = bind_and_wait(10);
    if (!trace_end(trace, 0) || !trace_exited_with(trace, 0))
        FAIL(run, "--duration did not end it with 0");
    if (binds_of(trace, pid) != 10)
        FAIL(run, "%zu of 10 binds were printed", binds_of(trace, pid));
}

static void check_nothing_left(struct lifecycle *run, int number)
{
    static struct surroundings before, during, after;
    int attached = cgroup_attachments(), waited;
    static struct bpf_ids ids;
    const char *what;

    surroundings_look(&before);
    if (!start(run, NULL, NULL))
        return;
    surroundings_look(&during);
    bpf_ids_of(run->trace.pid, &ids);
    bind_and_wait(10);
    trace_end(&run->trace, number);
    if (!ids.count)
        FAIL(run, "it holds no BPF objects, so that this check sees nothing");
    if (!bpf_ids_gone(&ids))
        FAIL(run, "a BPF object was left behind");
    for (waited = 0; waited < LIVE_MS && cgroup_attachments() > attached; waited += 10)
        usleep(10000);
    if (cgroup_attachments() > attached)
        FAIL(run, "a program is still attached to the root cgroup");
    surroundings_look(&after);
    what = surroundings_differ(&before, &during);
    if (what)
        FAIL(run, "%s appeared", what);
    what = surroundings_differ(&before, &after);
    if (what)
        FAIL(run, "%s was left behind", what);
}

static void check_kill_leaves_nothing(struct lifecycle *run)
{
    check_nothing_left(run, SIGKILL);
}

static void check_end_leaves_nothing(struct lifecycle *run)
{
    check_nothing_left(run, SIGINT);
}

static void check_closed_pipe(struct lifecycle *run)
{
    const char *const args[] = {"trace", "--json", "--plan", run->plan, NULL};
    struct program program;
    char first;

    if (!program_start(&program, run->options->porttrace, args, 0))
        FAIL(run, "cannot start it");
    if (read(program.out, &first, 1) != 1)
        FAIL(run, "it printed nothing: %s", program_errors(&program));
    close(program.out);
    program.out = -1;
    bind_and_wait(1000);
    program_wait(&program);
    if (program.status != 0 || program_errors(&program)[0])
        FAIL(run, "it ended with %d and said: %s", program.status, program_errors(&program));
}

/* Sums up what a trace says of its losses, in the three places where it says so. */
static void judge_losses(struct lifecycle *run, const struct trace *trace, int pid)
{
    int64_t printed = (int64_t)binds_of(trace, pid), before = 0, lines = 0, sequence = 0;
    const struct seen *end = last_line(trace);
    size_t i;

    if (!end)
        FAIL(run, "the last line is not trace-end");
    for (i = 0; i < trace->count; i++) {
        const struct seen *seen = &trace->seen[i];

        if (seen->action && strcmp(seen->action, "loss") == 0)
            lines += seen->lost_events;
        if (seen->sequence <= 0)
            continue;
        if (seen->sequence != sequence + seen->lost_before + 1)
            FAIL(run, "event.sequence goes from %lld to %lld with %lld lost", (long long)sequence,
                 (long long)seen->sequence, (long long)seen->lost_before);
        sequence = seen->sequence;
        before += seen->lost_before;
    }
    if (end->lost_events <= 0)
        FAIL(run, "nothing was lost, so that this check sees nothing");
    if (printed + end->lost_events != STORM_CALLS)
        FAIL(run, "%d calls, but %lld printed and %lld reported lost", STORM_CALLS,
             (long long)printed, (long long)end->lost_events);
    if (lines != end->lost_events || before > lines)
        FAIL(run, "lost: %lld by the last line, %lld by the lines before, %lld by lost_before",
             (long long)end->lost_events, (long long)lines, (long long)before);
}

static int start_storm(int *ret_go)
{
    int go[2], pid;
    char byte;

    if (pipe(go))
        return -1;
    pid = fork();
    if (pid == 0) {
        struct address address = loopback(AF_INET, 8080);
        int fd, i;

        if (!scene_network_up() || read(go[0], &byte, 1) != 1)
            _exit(1);
        fd = socket(AF_INET, SOCK_STREAM, 0);
        for (i = 0; i < STORM_CALLS; i++)
            bind(fd, (struct sockaddr *)&address.storage, address.size);
        _exit(0);
    }
    close(go[0]);
    *ret_go = go[1];
    return pid;
}

static void check_loss(struct lifecycle *run)
{
    const char *args[] = {"--plan", run->plan, "--buffer", "64K", "--op",
                          "bind",   "--pid",   NULL,       NULL};
    char pid_text[16];
    struct trace *trace = &run->trace;
    int go = -1, pid = start_storm(&go);

    snprintf(pid_text, sizeof(pid_text), "%d", pid);
    args[7] = pid_text;
    if (!start_with(run, args)) {
        kill(pid, SIGKILL);
        return;
    }
    kill(trace->pid, SIGSTOP);
    if (write(go, "", 1) != 1)
        FAIL(run, "the storm does not start");
    waitpid(pid, NULL, 0);
    close(go);
    kill(trace->pid, SIGCONT);
    usleep(200000);
    if (!trace_end(trace, SIGINT))
        FAIL(run, "it did not end");
    judge_losses(run, trace, pid);
}

static void check_without_privileges(struct lifecycle *run)
{
    const char *const args[] = {"trace", "--plan", run->plan, NULL};
    struct program program;

    if (!program_start(&program, run->options->porttrace, args, 65534))
        FAIL(run, "cannot start it");
    program_wait(&program);
    if (program.status != 3)
        FAIL(run, "it ended with %d, not 3: %s", program.status, program_errors(&program));
    if (!strstr(program_errors(&program), "CAP_"))
        FAIL(run, "it names no capability: %s", program_errors(&program));
}

static const struct {
    const char *name;
    void (*check)(struct lifecycle *run);
} checks[] = {
    {"sigint", check_sigint},
    {"sigterm", check_sigterm},
    {"live", check_live},
    {"count", check_count},
    {"duration", check_duration},
    {"end-leaves-nothing", check_end_leaves_nothing},
    {"kill-leaves-nothing", check_kill_leaves_nothing},
    {"closed-pipe", check_closed_pipe},
    {"loss", check_loss},
    {"without-privileges", check_without_privileges},
};

static void check_plan(const struct run_options *options, const char *plan)
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
    size_t i;

    for (i = 0; i < PLAN_COUNT; i++)
        if (plan_is_chosen(options, plan_names[i]) && plan_is_usable(options, plan_names[i]))
            check_plan(options, plan_names[i]);
}
