// SPDX-License-Identifier: GPL-2.0
/* Nothing is lost silently, and nothing is reported that the kernel did not do. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/scene.h"

#define STORM_CALLS 20000
#define FLIPS       3000

/* Sums up what a trace says of its losses, in the three places where it says so. */
static void judge_losses(struct lifecycle *run, const struct trace *trace, int pid)
{
    int64_t printed = (int64_t)lifecycle_binds_of(trace, pid), before = 0, lines = 0, sequence = 0;
    const struct seen *end = lifecycle_last_line(trace);
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

void lifecycle_loss(struct lifecycle *run)
{
    const char *args[] = {"--plan", run->plan, "--buffer", "64K", "--op",
                          "bind",   "--pid",   NULL,       NULL};
    char pid_text[16];
    struct trace *trace = &run->trace;
    int go[2], pid;

    if (pipe(go))
        FAIL(run, "no pipe");
    pid = lifecycle_storm(STORM_CALLS, go[0]);
    close(go[0]);
    snprintf(pid_text, sizeof(pid_text), "%d", pid);
    args[7] = pid_text;
    if (!lifecycle_start_with(run, args)) {
        kill(pid, SIGKILL);
        return;
    }
    kill(trace->pid, SIGSTOP);
    if (write(go[1], "", 1) != 1)
        FAIL(run, "the storm does not start");
    waitpid(pid, NULL, 0);
    close(go[1]);
    kill(trace->pid, SIGCONT);
    usleep(200000);
    if (!trace_end(trace, SIGINT))
        FAIL(run, "it did not end");
    judge_losses(run, trace, pid);
}

struct flipping {
    struct sockaddr_in address;
    atomic_bool ended;
};

static void *flip_port(void *context)
{
    struct flipping *flipping = context;
    volatile in_port_t *port = &flipping->address.sin_port;

    while (!atomic_load(&flipping->ended))
        *port = *port == htons(20001) ? htons(20002) : htons(20001);
    return NULL;
}

/* Each bind succeeds, with the port that stood there when the kernel copied it. */
static int start_flipping(void)
{
    struct flipping flipping = {.address = {.sin_family = AF_INET, .sin_port = htons(20001)}};
    int pid = fork(), i, fd;
    pthread_t thread;

    if (pid)
        return pid;
    if (!scene_network_up() || pthread_create(&thread, NULL, flip_port, &flipping))
        _exit(1);
    for (i = 0; i < FLIPS; i++) {
        fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (bind(fd, (struct sockaddr *)&flipping.address, sizeof(flipping.address)))
            _exit(1);
        close(fd);
    }
    atomic_store(&flipping.ended, true);
    pthread_join(thread, NULL);
    _exit(0);
}

void lifecycle_flipped_address(struct lifecycle *run)
{
    size_t wrong = 0, binds = 0, flipped = 0, i;
    int pid, status;

    if (!lifecycle_start(run, "--op", "bind"))
        return;
    pid = start_flipping();
    if (waitpid(pid, &status, 0) != pid || status)
        FAIL(run, "a bind failed");
    trace_end(&run->trace, SIGINT);
    for (i = 0; i < run->trace.count; i++) {
        const struct seen *seen = &run->trace.seen[i];

        if (seen->pid != pid || seen->sequence <= 0)
            continue;
        binds++;
        wrong += seen->requested.port != seen->local.port;
        flipped += seen->local.port == 20002;
    }
    if (!flipped || flipped == FLIPS)
        FAIL(run, "the port did not flip, so that this check sees nothing");
    if (binds != FLIPS || wrong)
        FAIL(run, "of %d binds %zu were seen, %zu of them with another port than the kernel used",
             FLIPS, binds, wrong);
}
