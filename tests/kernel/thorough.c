// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/thorough.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/report.h"
#include "tests/kernel/scene.h"
#include "tests/kernel/trace.h"
#include "tests/kernel/uring.h"

#define STEP_US 20000

struct tally {
    unsigned long binds;
    unsigned long wrong;
    unsigned long lost;
    unsigned long skipped;       /* hooks, of which one may be all that would have told an event */
    unsigned long of_first_port; /* all of them: nothing was changing meanwhile */
    int first_port;
    char first_wrong[256];
};

static void take(const struct thorough_work *work, const struct seen *seen, int64_t netns,
                 struct tally *tally)
{
    const char *wrong;

    if (!seen->action)
        return;
    if (!strcmp(seen->action, "trace-end")) {
        tally->lost = (unsigned long)seen->lost_events;
        tally->skipped = seen->skipped > 0 ? (unsigned long)seen->skipped : 0;
    }
    if (strcmp(seen->action, "bind") || seen->netns != netns)
        return;
    if (!tally->binds)
        tally->first_port = seen->local.port;
    tally->binds += (unsigned long)seen->times;
    if (seen->local.port == tally->first_port)
        tally->of_first_port += (unsigned long)seen->times;
    wrong = work->judge(seen);
    if (!wrong)
        return;
    if (!tally->wrong++)
        snprintf(tally->first_wrong, sizeof(tally->first_wrong), "%s", wrong);
}

static void take_all(const struct thorough_work *work, struct trace *trace, int64_t netns,
                     struct tally *tally)
{
    size_t i;

    for (i = 0; i < trace->count; i++)
        take(work, &trace->seen[i], netns, tally);
    trace_forget(trace);
}

/* Bit by bit: a slow machine makes them faster than they are taken, and a million is 3 GB. */
static void take_what_is_there(const struct thorough_work *work, struct trace *trace, int64_t netns,
                               struct tally *tally)
{
    while (trace_read_some(trace))
        take_all(work, trace, netns, tally);
}

/*
 * The net namespace tells the binds of this work, whatever process makes them. It is held open,
 * lest somebody else's gets its number.
 */
static int start_work(const struct thorough_work *work, unsigned long times, int64_t *ret_netns,
                      int *ret_held)
{
    char path[64];
    int said[2], pid;

    if (pipe(said))
        return -1;
    pid = fork();
    if (!pid) {
        struct stat netns;
        int64_t number;

        if (!scene_network_up() || stat("/proc/self/ns/net", &netns))
            _exit(1);
        number = (int64_t)netns.st_ino;
        if (write(said[1], &number, sizeof(number)) != sizeof(number))
            _exit(1);
        work->run(times);
        _exit(0);
    }
    close(said[1]);
    if (read(said[0], ret_netns, sizeof(*ret_netns)) != sizeof(*ret_netns))
        *ret_netns = -1;
    close(said[0]);
    snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
    *ret_held = open(path, O_RDONLY | O_CLOEXEC);
    return pid;
}

static bool is_complete(const struct tally *tally, unsigned long times)
{
    unsigned long told = tally->binds + tally->lost;

    return told <= times && told + tally->skipped >= times;
}

static void check_work(const struct run_options *options, const char *plan,
                       const struct thorough_work *work, unsigned long times)
{
    const char *args[] = {"--plan", plan, "--op", "bind", NULL};
    struct tally tally = {0};
    struct trace trace;
    char group[64];
    int64_t netns = 0;
    int pid, held = -1, status = -1;

    snprintf(group, sizeof(group), "thorough %s", plan);
    if (!trace_start(&trace, options->porttrace, args, NULL)) {
        report_failed(group, work->name, "it does not start: %s", trace.errors);
        trace_end(&trace, SIGKILL);
        trace_free(&trace);
        return;
    }
    pid = start_work(work, times, &netns, &held);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        take_what_is_there(work, &trace, netns, &tally);
        usleep(STEP_US);
    }
    take_what_is_there(work, &trace, netns, &tally);
    trace_end(&trace, SIGINT);
    take_all(work, &trace, netns, &tally);
    if (status || held < 0)
        report_failed(group, work->name, "the work failed");
    else if (trace.broken || tally.wrong)
        report_failed(group, work->name, "of %lu binds %lu are wrong (%s), %zu lines are no JSON",
                      tally.binds, tally.wrong, tally.first_wrong, trace.broken);
    else if (tally.of_first_port == tally.binds)
        report_failed(group, work->name, "the port never changes, so that this check sees nothing");
    else if (!is_complete(&tally, times))
        report_failed(group, work->name,
                      "%lu binds were made, %lu are seen, %lu and %lu hooks told as lost", times,
                      tally.binds, tally.lost, tally.skipped);
    else
        report_passed(group, work->name);
    report_note("%s: %lu binds: %lu seen, %lu told as lost, %lu hooks skipped, %lu wrong", group,
                times, tally.binds, tally.lost, tally.skipped, tally.wrong);
    trace_free(&trace);
    close(held);
}

void thorough_check(const struct run_options *options, unsigned int percent)
{
    size_t i;
    unsigned int k;

    for (i = 0; i < PLAN_COUNT; i++) {
        if (!plan_is_chosen(options, plan_names[i]) || !plan_is_usable(options, plan_names[i]))
            continue;
        for (k = 0; k < thorough_work_count; k++) {
            const struct thorough_work *work = &thorough_works[k];

            if (options->only && !strstr(work->name, options->only))
                continue;
            if (work->needs_uring_bind && uring_probe(URING_OP_BIND))
                report_skipped("thorough", work->name, "io_uring has no bind in this kernel");
            else
                check_work(options, plan_names[i], work, work->times * percent / 100);
        }
    }
}
