// SPDX-License-Identifier: GPL-2.0
/* What had a port before the trace began is told with its owner when it gives it back. */
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/scene.h"

#define PROTOCOL_NUMBER_MPTCP 262
#define FIRST_PORT            8080

static const struct {
    const char *transport;
    int type;
    int protocol;
    bool listens;
} kinds[] = {
    {"tcp", SOCK_STREAM, IPPROTO_TCP, false},
    {"tcp", SOCK_STREAM, IPPROTO_TCP, true},
    {"udp", SOCK_DGRAM, IPPROTO_UDP, false},
    {"mptcp", SOCK_STREAM, PROTOCOL_NUMBER_MPTCP, false},
    {"mptcp", SOCK_STREAM, PROTOCOL_NUMBER_MPTCP, true},
    {"sctp", SOCK_STREAM, IPPROTO_SCTP, true},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* -1: the kernel has no such protocol. */
static int take_port(size_t kind)
{
    struct address address = loopback(AF_INET, (uint16_t)(FIRST_PORT + kind));
    int fd = socket(AF_INET, kinds[kind].type, kinds[kind].protocol);

    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)&address.storage, address.size) ||
        (kinds[kind].listens && listen(fd, 1)))
        _exit(1);
    return fd;
}

/* Tells which kinds there are, and closes them when a byte comes. */
static void hold_ports(int ready, int go)
{
    unsigned char there[KINDS];
    int fds[KINDS];
    size_t i;

    if (!scene_network_up())
        _exit(1);
    for (i = 0; i < KINDS; i++) {
        fds[i] = take_port(i);
        there[i] = fds[i] >= 0;
    }
    if (write(ready, there, sizeof(there)) != sizeof(there) || read(go, there, 1) != 1)
        _exit(1);
    for (i = 0; i < KINDS; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    _exit(0);
}

static void judge_release(struct lifecycle *run, size_t kind, int pid)
{
    int port = FIRST_PORT + (int)kind;
    size_t times = 0, i;

    for (i = 0; i < run->trace.count; i++) {
        const struct seen *seen = &run->trace.seen[i];

        if (seen->sequence <= 0 || seen->local.port != port)
            continue;
        times++;
        if (seen->pid != pid || !seen->transport ||
            strcmp(seen->transport, kinds[kind].transport) != 0)
            FAIL(run, "port %d, %s of pid %d: told as %s of pid %" PRId64, port,
                 kinds[kind].transport, pid, seen->transport ? seen->transport : "nothing",
                 seen->pid);
    }
    if (times != 1)
        FAIL(run, "the release of port %d, %s, was told %zu times", port, kinds[kind].transport,
             times);
}

void lifecycle_existing(struct lifecycle *run)
{
    unsigned char there[KINDS];
    int ready[2], go[2], pid, status;
    size_t i;

    if (pipe(ready) || pipe(go))
        FAIL(run, "no pipe");
    pid = fork();
    if (!pid) {
        close(go[1]);
        hold_ports(ready[1], go[0]);
    }
    close(ready[1]);
    close(go[0]);
    if (read(ready[0], there, sizeof(there)) != sizeof(there))
        FAIL(run, "the ports could not be taken");
    if (!lifecycle_start(run, "--op", "release")) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    } else {
        if (write(go[1], "", 1) != 1 || waitpid(pid, &status, 0) != pid || status)
            FAIL(run, "the ports were not given back");
        trace_end(&run->trace, SIGINT);
        for (i = 0; i < KINDS && !run->why[0]; i++)
            if (there[i])
                judge_release(run, i, pid);
    }
    close(ready[0]);
    close(go[1]);
}
