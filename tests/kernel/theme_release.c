// SPDX-License-Identifier: GPL-2.0
/* Ports given back: by close, by exit, by the last of several descriptors, by a kill. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/scenarios.h"

static void release_by_close(struct scene *t)
{
    scene_close(t, scene_bound(t, 8080));
}

static void release_listener(struct scene *t)
{
    scene_close(t, scene_listener(t, 8081));
}

static void release_by_exit(struct scene *t)
{
    scene_bound(t, 8082);
}

static void release_autobound(struct scene *t)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, 8083), 0);
    scene_close(t, fd);
}

static void release_sender(struct scene *t)
{
    int fd = scene_socket(t);

    scene_send(t, fd, loopback(t->scenario->family, 8084), 0);
    scene_close(t, fd);
}

static void release_client(struct scene *t)
{
    int listener = scene_listener(t, 8085);
    int client = scene_socket(t);
    int accepted;

    scene_connect(t, client, loopback(t->scenario->family, 8085), 0);
    accepted = scene_accept(t, listener);
    scene_close(t, client);
    scene_require(t, close(accepted) == 0);
    scene_close(t, listener);
}

/* The one that closes last may be another process than the one that took the port. */
static void close_inherited(struct scene *t, void *context)
{
    int fd = *(int *)context;

    scene_require(t, usleep(50000) == 0);
    scene_require(t, close(fd) == 0);
}

static void release_by_child(struct scene *t)
{
    int fd = scene_bound(t, 8086);
    int child = scene_fork(t, close_inherited, &fd);

    scene_close(t, fd);
    scene_wait(t, child);
}

static void bind_and_wait(struct scene *t, void *context)
{
    int ready = *(int *)context;

    scene_bound(t, 8087);
    scene_expect_releases(t);
    scene_require(t, write(ready, "", 1) == 1);
    pause();
}

static void release_by_kill(struct scene *t)
{
    int pipe_fds[2], child;
    char byte;

    scene_require(t, pipe(pipe_fds) == 0);
    child = scene_fork(t, bind_and_wait, &pipe_fds[1]);
    close(pipe_fds[1]);
    scene_require(t, read(pipe_fds[0], &byte, 1) == 1);
    scene_require(t, kill(child, SIGKILL) == 0);
    scene_require(t, waitpid(child, NULL, 0) == child);
}

static void release_and_take_again(struct scene *t)
{
    scene_close(t, scene_bound(t, 8088));
    scene_bound(t, 8088);
}

static void release_duplicate(struct scene *t)
{
    int fd = scene_bound(t, 8089);
    int second = dup(fd);

    scene_require(t, second >= 0);
    scene_require(t, close(fd) == 0);
    scene_settle();
    scene_require(t, close(second) == 0);
    scene_expect_releases(t);
}

static const struct scenario scenarios[] = {
    {"tcp4-release-close", release_by_close, TCP4},
    {"tcp6-release-close", release_by_close, TCP6},
    {"udp4-release-close", release_by_close, UDP4},
    {"udp6-release-close", release_by_close, UDP6},
    {"mptcp4-release-close", release_by_close, MPTCP4},
    {"sctp4-release-close", release_by_close, SCTP4},
    {"ping4-release-close", release_by_close, PING4},
    {"tcp4-release-listener", release_listener, TCP4},
    {"tcp6-release-listener", release_listener, TCP6},
    {"mptcp4-release-listener", release_listener, MPTCP4},
    {"sctp4-release-listener", release_listener, SCTP4},
    {"tcp4-release-exit", release_by_exit, TCP4},
    {"udp6-release-exit", release_by_exit, UDP6},
    {"udp4-release-autobound", release_autobound, UDP4},
    {"udp6-release-autobound", release_autobound, UDP6},
    {"udp4-release-sender", release_sender, UDP4},
    {"udp6-release-sender", release_sender, UDP6},
    {"tcp4-release-client", release_client, TCP4},
    {"tcp6-release-client", release_client, TCP6},
    {"tcp4-release-child", release_by_child, TCP4},
    {"udp4-release-child", release_by_child, UDP4},
    {"tcp4-release-kill", release_by_kill, TCP4},
    {"udp4-release-kill", release_by_kill, UDP4},
    {"tcp4-release-take-again", release_and_take_again, TCP4},
    {"tcp4-release-duplicate", release_duplicate, TCP4},
};
THEME(release, scenarios);
