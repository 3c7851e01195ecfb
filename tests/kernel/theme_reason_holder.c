// SPDX-License-Identifier: GPL-2.0
/* Processes that are in the way, and what happens when the advice to be rid of them is taken. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/keeper.h"
#include "tests/kernel/scenarios.h"

static void keep_listener(struct scene *t, void *context)
{
    scene_listener(t, *(uint16_t *)context);
}

static void keep_bound(struct scene *t, void *context)
{
    scene_bound(t, *(uint16_t *)context);
}

/* The first of the ports that are proposed. */
static void use_free_port(struct scene *t)
{
    const char *help = scene_advice(t, "use a free port: ");

    scene_allowed(t, help ? (uint16_t)strtoul(strrchr(help, ':') + 1, NULL, 10) : 8221);
}

static void killed_listener(struct scene *t)
{
    uint16_t port = 8200;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_listener, &port);
    scene_refused(t, port);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    scene_no_advice(t, "SO_REUSE");
    use_free_port(t);
    keeper_kill_as_advised(t, &keeper);
    scene_allowed(t, port);
}

static void keep_deaf_listener(struct scene *t, void *context)
{
    scene_require(t, signal(SIGTERM, SIG_IGN) != SIG_ERR);
    keep_listener(t, context);
}

static void deaf_listener(struct scene *t)
{
    uint16_t port = 8308;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_deaf_listener, &port);
    scene_refused(t, port);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    keeper_end_as_advised(t, &keeper, "kill -9 ");
    scene_allowed(t, port);
}

static void stopped_listener(struct scene *t)
{
    uint16_t port = 8309;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_listener, &port);
    scene_require(t, kill(keeper.child, SIGSTOP) == 0);
    scene_refused(t, port);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    scene_advice(t, "kill -CONT");
    keeper_kill_as_advised(t, &keeper);
    scene_allowed(t, port);
}

static void killed_bound(struct scene *t)
{
    uint16_t port = 8201;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_bound, &port);
    scene_refused(t, port);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, keeper.pid);
    use_free_port(t);
    keeper_kill_as_advised(t, &keeper);
    scene_allowed(t, port);
}

/* It has inherited the listener, which is not what it is here for. */
static void keep_client(struct scene *t, void *context)
{
    int listener = *(int *)context;

    scene_require(t, close(listener) == 0);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8202), 0);
}

/* Who has a connection to the port is not in its way. */
static void client_is_innocent(struct scene *t)
{
    struct keeper keeper;
    int listener = scene_listener(t, 8202);

    keeper_start(t, &keeper, keep_client, &listener);
    scene_accept(t, listener);
    scene_refused(t, 8202);
    scene_expect_stranger(t, keeper.pid);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, scene_pid(t));
    keeper_end(t, &keeper);
}

struct inherited {
    int listener;
    uint32_t parent;
};

static void ask_as_child(struct scene *t, void *context)
{
    const struct inherited *inherited = context;

    scene_require(t, close(inherited->listener) == 0);
    scene_refused(t, 8223);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, inherited->parent);
    scene_advice(t, "let only one of the two processes open the port");
    scene_no_advice(t, "kill");
}

/* It is the parent of the one that is refused, and not to be killed for it. */
static void parent_has_it(struct scene *t)
{
    struct inherited inherited = {.listener = scene_listener(t, 8223), .parent = scene_pid(t)};

    scene_run_child(t, ask_as_child, &inherited);
}

struct shared {
    uint16_t port;
    struct keeper first, second;
    int pair[2];
};

static void wait_to_be_killed(struct scene *t, void *context)
{
    struct shared *shared = context;
    uint32_t pid = scene_pid(t);

    scene_require(t, write(shared->pair[1], &pid, sizeof(pid)) == sizeof(pid));
    pause();
}

static void keep_forked(struct scene *t, void *context)
{
    struct shared *shared = context;
    int fd = scene_bound(t, shared->port);

    scene_listen(t, fd, 5, 0);
    scene_fork(t, wait_to_be_killed, shared);
}

/* The port is free when the last descriptor is closed; here a child ends with its parent. */
static void shared_by_fork(struct scene *t)
{
    struct shared shared = {.port = 8214};
    char command[64];
    uint32_t other;

    scene_require(t, pipe(shared.pair) == 0);
    keeper_start(t, &shared.first, keep_forked, &shared);
    scene_require(t, read(shared.pair[0], &other, sizeof(other)) == sizeof(other));
    scene_refused(t, shared.port);
    scene_expect_holder(t, HOLDING_NOW, STATE_LISTEN, shared.first.pid);
    scene_expect_sharer(t, other);
    scene_expect_reason(t, REASON_LISTENER);
    snprintf(command, sizeof(command), "kill %u", shared.first.pid);
    scene_advice(t, command);
    if (!scene_follow(t, "kill"))
        scene_require(t, kill(shared.first.child, SIGTERM) == 0);
    scene_require(t, waitpid(shared.first.child, NULL, 0) == shared.first.child);
    usleep(50000);
    scene_allowed(t, shared.port);
}

static void send_descriptor(struct scene *t, int by, int fd)
{
    char room[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec data = {.iov_base = (char[]){'x'}, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(int));
    scene_require(t, sendmsg(by, &message, 0) == 1);
}

static void receive_descriptor(struct scene *t, int by)
{
    char byte, room[CMSG_SPACE(sizeof(int))];
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)};

    scene_require(t, recvmsg(by, &message, 0) == 1 && CMSG_FIRSTHDR(&message));
}

static void keep_sent(struct scene *t, void *context)
{
    struct shared *shared = context;

    send_descriptor(t, shared->pair[0], scene_listener(t, shared->port));
}

static void keep_received(struct scene *t, void *context)
{
    receive_descriptor(t, ((struct shared *)context)->pair[1]);
}

static void begin_shared(struct scene *t, struct shared *shared)
{
    scene_require(t, socketpair(AF_UNIX, SOCK_STREAM, 0, shared->pair) == 0);
    keeper_start(t, &shared->first, keep_sent, shared);
    keeper_start(t, &shared->second, keep_received, shared);
}

static void shared_by_message(struct scene *t)
{
    struct shared shared = {.port = 8215};

    begin_shared(t, &shared);
    scene_refused(t, shared.port);
    scene_expect_holder(t, HOLDING_NOW, STATE_LISTEN, shared.first.pid);
    scene_expect_sharer(t, shared.second.pid);
    scene_expect_reason(t, REASON_LISTENER);
    keeper_end(t, &shared.first);
    keeper_end(t, &shared.second);
}

/* As with socket activation: who made the socket is not who has it. */
static void handed_over(struct scene *t)
{
    struct shared shared = {.port = 8216};

    begin_shared(t, &shared);
    keeper_end(t, &shared.first);
    scene_refused(t, shared.port);
    scene_expect_stranger(t, shared.first.pid);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, shared.second.pid);
    keeper_kill_as_advised(t, &shared.second);
    scene_allowed(t, shared.port);
}

/* On its way from one process to another, no process has it. */
static void in_flight(struct scene *t)
{
    struct shared shared = {.port = 8217};
    int fd = scene_bound(t, shared.port);

    scene_require(t, socketpair(AF_UNIX, SOCK_STREAM, 0, shared.pair) == 0);
    send_descriptor(t, shared.pair[0], fd);
    scene_expect_releases(t);
    scene_require(t, close(fd) == 0);
    scene_refused(t, shared.port);
    scene_expect_holder(t, HOLDING_FORMER, STATE_CLOSE, 0);
    scene_expect_reason(t, REASON_BOUND);
}

/* It is gone before anybody can look, and is known all the same. */
static void gone_at_once(struct scene *t)
{
    uint16_t port = 8218;
    struct keeper keeper;

    t->hasty = true;
    keeper_start(t, &keeper, keep_listener, &port);
    scene_refused(t, port);
    scene_require(t, kill(keeper.child, SIGKILL) == 0);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    scene_require(t, waitpid(keeper.child, NULL, 0) == keeper.child);
}

/* Another one has the port now than the one that was in the way. */
static void gone_and_taken(struct scene *t)
{
    uint16_t port = 8219;
    struct keeper first, second;

    t->hasty = true;
    keeper_start(t, &first, keep_listener, &port);
    scene_refused(t, port);
    scene_expect_stranger(t, 1);
    scene_require(t, kill(first.child, SIGKILL) == 0);
    scene_require(t, waitpid(first.child, NULL, 0) == first.child);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, first.pid);
    keeper_start(t, &second, keep_bound, &port);
    keeper_end(t, &second);
}

static const struct scenario scenarios[] = {
    {"reason-tcp4-listener-killed", killed_listener, TCP4},
    {"reason-tcp4-listener-deaf", deaf_listener, TCP4},
    {"reason-tcp4-listener-stopped", stopped_listener, TCP4},
    {"reason-tcp6-listener-killed", killed_listener, TCP6},
    {"reason-mptcp4-listener-killed", killed_listener, MPTCP4},
    {"reason-sctp4-listener-killed", killed_listener, SCTP4},
    {"reason-tcp4-listener-killed-io_uring", killed_listener, TCP4, BY_URING_BIND},
    {"reason-tcp4-bound-killed", killed_bound, TCP4},
    {"reason-tcp6-bound-killed", killed_bound, TCP6},
    {"reason-udp4-bound-killed", killed_bound, UDP4},
    {"reason-udp6-bound-killed", killed_bound, UDP6},
    {"reason-tcp4-client-is-innocent", client_is_innocent, TCP4},
    {"reason-tcp6-client-is-innocent", client_is_innocent, TCP6},
    {"reason-tcp4-parent-has-it", parent_has_it, TCP4},
    {"reason-tcp6-parent-has-it", parent_has_it, TCP6},
    {"reason-tcp4-shared-by-fork", shared_by_fork, TCP4},
    {"reason-tcp6-shared-by-fork", shared_by_fork, TCP6},
    {"reason-tcp4-shared-by-message", shared_by_message, TCP4},
    {"reason-tcp4-handed-over", handed_over, TCP4},
    {"reason-tcp4-in-flight", in_flight, TCP4},
    {"reason-udp4-in-flight", in_flight, UDP4},
    {"reason-tcp4-gone-at-once", gone_at_once, TCP4},
    {"reason-tcp4-gone-and-taken", gone_and_taken, TCP4},
};
THEME(reason_holder, scenarios);
