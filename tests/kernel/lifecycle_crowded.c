// SPDX-License-Identifier: GPL-2.0
/* What is kept by place is found where several fall together, and where all places are taken. */
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/scene.h"
#include "tests/kernel/seen_reason.h"

#define SOCKETS    4500 /* more than are followed by place */
#define FIRST_PORT 2000

#define HELD       64
#define FIRST_HELD 1500
#define PASSING    20000 /* ports that are had and given back again, as of clients */

#define APART       4096 /* ids of threads that fall together */
#define TOGETHER    4
#define FIRST_ID    3000
#define WAITS_MS    400
#define PENDING_MAX 16
#define SERVER_PORT 8080

/* What is done once a byte has come, by a process in a net namespace of its own. */
typedef int crowd(void);

static int start_crowd(crowd *act, int ret_go[2])
{
    char byte;
    int pid;

    if (pipe(ret_go))
        return -1;
    pid = fork();
    if (pid) {
        close(ret_go[0]);
        return pid;
    }
    close(ret_go[1]);
    _exit(scene_network_up() && read(ret_go[0], &byte, 1) == 1 ? act() : 1);
}

/* Traces it from before its begin until its end. False: .why says why not. */
static bool trace_crowd(struct lifecycle *run, const char *only, crowd *act, int64_t *ret_pid)
{
    char pid_text[16];
    const char *args[] = {"--plan", run->plan, "--pid", pid_text, only, NULL};
    int go[2], pid = start_crowd(act, go), status = 0;
    const struct seen *end;
    const char *why = NULL;

    *ret_pid = pid;
    if (pid < 0) {
        snprintf(run->why, sizeof(run->why), "no process");
        return false;
    }
    snprintf(pid_text, sizeof(pid_text), "%d", pid);
    if (!lifecycle_start_with(run, args)) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(go[1]);
        return false;
    }
    if (write(go[1], "", 1) != 1)
        why = "the crowd does not start";
    close(go[1]);
    waitpid(pid, &status, 0);
    if (!trace_end(&run->trace, SIGINT))
        why = "it did not end";
    end = lifecycle_last_line(&run->trace);
    if (!why && (!WIFEXITED(status) || WEXITSTATUS(status)))
        why = "the crowd could not do what it should";
    else if (!why && !end)
        why = "the last line is not trace-end";
    if (why)
        snprintf(run->why, sizeof(run->why), "%s", why);
    return !why;
}

/* Lines that may be missing, as the trace says itself: lost, or the kernel left out a hook. */
static size_t may_miss(const struct trace *trace)
{
    const struct seen *end = lifecycle_last_line(trace);

    return (size_t)(end->lost_events + end->skipped);
}

/* Those that tell a process. */
static size_t lines_of(const struct trace *trace, const char *action)
{
    size_t count = 0;

    for (size_t i = 0; i < trace->count; i++)
        count += trace->seen[i].action && !strcmp(trace->seen[i].action, action) &&
                 trace->seen[i].pid > 0;
    return count;
}

static int bind_to(int type, int port)
{
    struct address address = loopback(AF_INET, (uint16_t)port);
    int fd = socket(AF_INET, type, 0);

    if (fd >= 0 && !bind(fd, (struct sockaddr *)&address.storage, address.size))
        return fd;
    close(fd);
    return -1;
}

static int bind_many(void)
{
    struct rlimit files = {SOCKETS + 64, SOCKETS + 64};
    int *fds = calloc(SOCKETS, sizeof(*fds));

    if (!fds || setrlimit(RLIMIT_NOFILE, &files))
        return 1;
    for (int i = 0; i < SOCKETS; i++) {
        fds[i] = bind_to(SOCK_DGRAM, FIRST_PORT + i);
        if (fds[i] < 0)
            return 1;
    }
    for (int i = 0; i < SOCKETS; i++)
        close(fds[i]);
    free(fds);
    return 0;
}

/* Each is told as given back by the process that took it. */
void lifecycle_crowded_sockets(struct lifecycle *run)
{
    size_t binds, releases;
    int64_t pid;

    if (!trace_crowd(run, NULL, bind_many, &pid))
        return;
    binds = lines_of(&run->trace, "bind");
    releases = lines_of(&run->trace, "release");
    if (binds > SOCKETS || releases > SOCKETS ||
        binds + releases + 2 * may_miss(&run->trace) < 2 * SOCKETS || binds < SOCKETS / 2)
        FAIL(run, "%d sockets, but %zu binds and %zu releases", SOCKETS, binds, releases);
}

static int hold_many(void)
{
    int fd, child, status = 1;

    for (int i = 0; i < HELD; i++)
        if (bind_to(SOCK_STREAM, FIRST_HELD + i) < 0)
            return 1;
    for (int i = 0; i < PASSING; i++) {
        fd = bind_to(SOCK_DGRAM, FIRST_PORT + i);
        if (fd < 0)
            return 1;
        close(fd);
    }
    child = fork();
    if (!child) {
        for (int i = 0; i < HELD; i++)
            if (bind_to(SOCK_STREAM, FIRST_HELD + i) >= 0)
                _exit(1);
        _exit(0);
    }
    return waitpid(child, &status, 0) != child || status;
}

/* Whose each of them is, the kernel has told with the refusal: no need to look it up. */
void lifecycle_crowded_ports(struct lifecycle *run)
{
    struct seen_holder holder;
    size_t refused = 0, named = 0;
    int64_t pid;

    if (!trace_crowd(run, "--failed", hold_many, &pid))
        return;
    for (size_t i = 0; i < run->trace.count; i++) {
        const struct seen *seen = &run->trace.seen[i];

        if (!seen->action || strcmp(seen->action, "bind"))
            continue;
        refused++;
        holder = seen_holder(seen, 0);
        named += holder.source && strcmp(holder.source, "lookup") &&
                 seen_holder_has(&holder, (uint32_t)pid);
    }
    if (refused > HELD || named + may_miss(&run->trace) < HELD || named < HELD / 2)
        FAIL(run, "%d ports, %zu binds refused, %zu with who has it", HELD, refused, named);
}

/* Negative: the id is taken. */
static int fork_with_id(pid_t id)
{
    struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&id, .set_tid_size = 1};

    return (int)syscall(SYS_clone3, &args, sizeof(args));
}

/* Connects to where nobody answers, and gives up after a while. */
static int connect_in_vain(void)
{
    struct timeval patience = {.tv_usec = WAITS_MS * 1000};
    struct address address = loopback(AF_INET, SERVER_PORT);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)))
        return 1;
    return !connect(fd, (struct sockaddr *)&address.storage, address.size);
}

/* A listener that has as many connections as it may. */
static bool fill_server(void)
{
    struct address address = loopback(AF_INET, SERVER_PORT);
    int fd = bind_to(SOCK_STREAM, SERVER_PORT);

    if (fd < 0 || listen(fd, 0))
        return false;
    for (int i = 0; i < PENDING_MAX; i++) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

        if (client < 0)
            return false;
        (void)connect(client, (struct sockaddr *)&address.storage, address.size);
    }
    return true;
}

/* All at once; 1: not with these ids. */
static int connect_with_ids(pid_t first)
{
    int pids[TOGETHER], status, failed = 0, count = 0;

    for (; count < TOGETHER; count++) {
        pids[count] = fork_with_id(first + count * APART);
        if (!pids[count])
            _exit(connect_in_vain());
        if (pids[count] < 0)
            break;
    }
    for (int i = 0; i < count; i++) {
        if (count < TOGETHER)
            kill(pids[i], SIGKILL);
        waitpid(pids[i], &status, 0);
        failed |= status;
    }
    return failed || count < TOGETHER;
}

static int connect_together(void)
{
    if (!fill_server())
        return 1;
    for (pid_t first = FIRST_ID; first < FIRST_ID + APART; first++)
        if (!connect_with_ids(first))
            return 0;
    return 1;
}

/* By one that connects in vain, not only by its end. */
static bool is_told(const struct seen *seen, int64_t server)
{
    return seen->action && !strcmp(seen->action, "connect") && seen->pid != server &&
           seen->local.port > 0 && seen->destination.port == SERVER_PORT &&
           seen->requested_source && !strcmp(seen->requested_source, "kernel");
}

/* The last ids that were tried are those. */
void lifecycle_crowded_threads(struct lifecycle *run)
{
    const struct trace *trace = &run->trace;
    int64_t server, last = 0;
    size_t told = 0;

    if (!trace_crowd(run, NULL, connect_together, &server))
        return;
    for (size_t i = 0; i < trace->count; i++)
        if (is_told(&trace->seen[i], server) && trace->seen[i].pid > last)
            last = trace->seen[i].pid;
    for (size_t i = 0; i < trace->count; i++)
        told += is_told(&trace->seen[i], server) && (last - trace->seen[i].pid) % APART == 0;
    if (told > TOGETHER || told + may_miss(trace) < TOGETHER || told < TOGETHER / 2)
        FAIL(run, "%d processes with ids that fall together, but %zu connects of the last, %lld",
             TOGETHER, told, (long long)last);
}
