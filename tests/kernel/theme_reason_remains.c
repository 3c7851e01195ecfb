// SPDX-License-Identifier: GPL-2.0
/* Connections that are in the way, and what the kernel keeps of them. */
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

static int listen_with(struct scene *t, uint16_t port, int option)
{
    int fd = scene_socket(t);

    if (option)
        scene_option(t, fd, SOL_SOCKET, option, 1);
    scene_bind(t, fd, loopback(t->scenario->family, port), 0);
    scene_listen(t, fd, 8, 0);
    return fd;
}

static int connected(struct scene *t, uint16_t port)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, port), 0);
    return fd;
}

static void bind_reusing(struct scene *t, uint16_t port, int want)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_bind(t, fd, loopback(t->scenario->family, port), want);
}

/* What is accepted has the options of its listener. */
static void connection_reusable(struct scene *t)
{
    int listener = listen_with(t, 8203, SO_REUSEADDR), client = connected(t, 8203);

    scene_accept(t, listener);
    scene_close(t, listener);
    scene_refused(t, 8203);
    scene_expect_held(t, REASON_CONNECTION, STATE_ESTABLISHED, scene_pid(t));
    scene_advice(t, "SO_REUSEADDR on your socket");
    bind_reusing(t, 8203, 0);
    scene_close(t, client);
}

static void connection_not_reusable(struct scene *t)
{
    int listener = scene_listener(t, 8204), client = connected(t, 8204);

    scene_accept(t, listener);
    scene_close(t, listener);
    bind_reusing(t, 8204, EADDRINUSE);
    scene_expect_held(t, REASON_CONNECTION, STATE_ESTABLISHED, scene_pid(t));
    scene_no_advice(t, "SO_REUSEADDR on your socket");
    scene_close(t, client);
}

struct leak {
    uint16_t port;
    struct keeper keeper;
};

/* The server is ended as advised, and what is left of its connection is still in the way. */
static void keep_serving(struct scene *t, void *context)
{
    struct leak *leak = context;
    int listener = scene_listener(t, leak->port);

    keeper_wait(t, &leak->keeper);
    scene_accept(t, listener);
}

static void connection_left_behind(struct scene *t)
{
    struct leak leak = {.port = 8224};
    int client;

    keeper_start(t, &leak.keeper, keep_serving, &leak);
    client = connected(t, leak.port);
    keeper_step(t, &leak.keeper);
    scene_refused(t, leak.port);
    scene_expect_holder(t, HOLDING_NOW, STATE_ESTABLISHED, leak.keeper.pid);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, leak.keeper.pid);
    scene_advice(t, "then wait up to 66 s from when both ends are closed");
    keeper_kill_as_advised(t, &leak.keeper);
    scene_settle();
    scene_refused(t, leak.port);
    scene_expect_holder(t, HOLDING_FORMER, STATE_FIN_WAIT2, 0);
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_close(t, client);
}

/* A server that forgets to close what its clients have closed. */
static void keep_accepted(struct scene *t, void *context)
{
    struct leak *leak = context;
    int listener = scene_listener(t, leak->port);

    keeper_wait(t, &leak->keeper);
    scene_accept(t, listener);
    scene_close(t, listener);
}

static void connection_leaked(struct scene *t)
{
    struct leak leak = {.port = 8205};
    int client;

    keeper_start(t, &leak.keeper, keep_accepted, &leak);
    client = connected(t, leak.port);
    keeper_step(t, &leak.keeper);
    scene_close(t, client);
    scene_settle();
    scene_refused(t, leak.port);
    scene_expect_held(t, REASON_CONNECTION, STATE_CLOSE_WAIT, leak.keeper.pid);
    keeper_kill_as_advised(t, &leak.keeper);
    scene_settle();
    scene_allowed(t, leak.port);
}

/* No process has it any more, and it ends when the other side has taken all that was sent. */
static void connection_orphaned(struct scene *t)
{
    int listener = scene_listener(t, 8206), client = connected(t, 8206);
    int accepted = scene_accept(t, listener);
    char much[65536] = {0};

    scene_require(t, fcntl(accepted, F_SETFL, O_NONBLOCK) == 0);
    while (send(accepted, much, sizeof(much), 0) > 0)
        continue;
    scene_close(t, listener);
    scene_require(t, close(accepted) == 0);
    scene_settle();
    scene_refused(t, 8206);
    scene_expect_holder(t, HOLDING_FORMER, STATE_FIN_WAIT1, 0);
    scene_expect_reason(t, REASON_CONNECTION);
    scene_no_advice(t, "kill");
    scene_close(t, client);
}

/*
 * Without anything to send, the kernel keeps of it what it keeps of a connection that waits. When
 * the other side closes, that begins anew.
 */
static void connection_half_closed(struct scene *t)
{
    int listener = scene_listener(t, 8220), client = connected(t, 8220);
    int accepted = scene_accept(t, listener);

    scene_close(t, listener);
    scene_require(t, close(accepted) == 0);
    scene_settle();
    scene_refused(t, 8220);
    scene_expect_holder(t, HOLDING_FORMER, STATE_FIN_WAIT2, 0);
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_no_advice(t, "kill");
    scene_advice(t, "66 s from when the other end is closed");
    scene_close(t, client);
    scene_settle();
    scene_refused(t, 8220);
    scene_expect_holder(t, HOLDING_FORMER, STATE_TIME_WAIT, 0);
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_no_advice(t, "the other end");
}

/* The listener accepts, the client closes first from a port that it chose: that waits. */
static int left_waiting(struct scene *t, uint16_t port, int option)
{
    int listener = scene_listener(t, 8207), client = scene_socket(t), accepted;

    if (option)
        scene_option(t, client, SOL_SOCKET, option, 1);
    scene_bind(t, client, loopback(t->scenario->family, port), 0);
    scene_connect(t, client, loopback(t->scenario->family, 8207), 0);
    accepted = scene_accept(t, listener);
    scene_close(t, client);
    scene_settle();
    scene_require(t, close(accepted) == 0);
    scene_settle();
    return listener;
}

static void time_wait_reusable(struct scene *t)
{
    left_waiting(t, 8208, SO_REUSEADDR);
    scene_refused(t, 8208);
    scene_expect_holder(t, HOLDING_FORMER, STATE_TIME_WAIT, scene_pid(t));
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_advice(t, "SO_REUSEADDR on your socket");
    bind_reusing(t, 8208, 0);
}

static void time_wait_not_reusable(struct scene *t)
{
    left_waiting(t, 8209, 0);
    bind_reusing(t, 8209, EADDRINUSE);
    scene_expect_holder(t, HOLDING_FORMER, STATE_TIME_WAIT, scene_pid(t));
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_no_advice(t, "SO_REUSEADDR on your socket");
    scene_advice(t, "wait ");
}

/* A near miss: whoever closes second leaves nothing behind. */
static void time_wait_elsewhere(struct scene *t)
{
    scene_close(t, left_waiting(t, 8210, 0));
    scene_allowed(t, 8207);
}

/* Ended by a reset, so that nothing waits. */
static void keep_outgoing(struct scene *t, void *context)
{
    struct linger linger = {.l_onoff = 1};
    int fd = scene_socket(t);

    scene_require(t, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)) == 0);
    scene_connect(t, fd, loopback(t->scenario->family, *(uint16_t *)context), 0);
    scene_require(t, scene_port(t, fd) == 40010);
}

static void outgoing_reserved(struct scene *t)
{
    uint16_t port = 8211;
    int listener = scene_listener(t, port), client;
    struct keeper keeper;

    scene_one_ephemeral_port(t, 40010);
    keeper_start(t, &keeper, keep_outgoing, &port);
    scene_accept(t, listener);
    scene_refused(t, 40010);
    scene_expect_held(t, REASON_OUTGOING, STATE_ESTABLISHED, keeper.pid);
    if (!scene_follow(t, "sysctl -w net.ipv4.ip_local_reserved_ports"))
        scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40010");
    keeper_kill_as_advised(t, &keeper);
    scene_settle();
    client = scene_socket(t);
    scene_connect(t, client, loopback(t->scenario->family, port), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    scene_allowed(t, 40010);
}

static void keep_sender(struct scene *t, void *context)
{
    int fd = scene_socket(t);

    scene_send(t, fd, loopback(t->scenario->family, *(uint16_t *)context), 0);
    scene_require(t, scene_port(t, fd) == 40011);
}

/* A client that sends has a port too, for as long as it has its socket. */
static void outgoing_datagrams(struct scene *t)
{
    uint16_t port = 8222;
    struct keeper keeper;

    scene_bound(t, port);
    scene_one_ephemeral_port(t, 40011);
    keeper_start(t, &keeper, keep_sender, &port);
    scene_refused(t, 40011);
    scene_expect_held(t, REASON_OUTGOING, STATE_CLOSE, keeper.pid);
    if (!scene_follow(t, "sysctl -w net.ipv4.ip_local_reserved_ports"))
        scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40011");
    keeper_kill_as_advised(t, &keeper);
    scene_settle();
    scene_send(t, scene_socket(t), loopback(t->scenario->family, port), EAGAIN);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    scene_allowed(t, 40011);
}

/* A connection from a port that its process asked for is no ephemeral one. */
static void outgoing_bound(struct scene *t)
{
    int listener = scene_listener(t, 8212), client = scene_bound(t, 8213);

    scene_connect(t, client, loopback(t->scenario->family, 8212), 0);
    scene_accept(t, listener);
    scene_refused(t, 8213);
    scene_expect_held(t, REASON_BOUND, STATE_ESTABLISHED, scene_pid(t));
    scene_no_advice(t, "ip_local_reserved_ports");
}

static const struct scenario scenarios[] = {
    {"reason-tcp4-connection-reusable", connection_reusable, TCP4},
    {"reason-tcp6-connection-reusable", connection_reusable, TCP6},
    {"reason-tcp4-connection-not-reusable", connection_not_reusable, TCP4},
    {"reason-tcp4-connection-left-behind", connection_left_behind, TCP4},
    {"reason-tcp4-connection-leaked", connection_leaked, TCP4},
    {"reason-tcp6-connection-leaked", connection_leaked, TCP6},
    {"reason-tcp4-connection-orphaned", connection_orphaned, TCP4},
    {"reason-tcp6-connection-orphaned", connection_orphaned, TCP6},
    {"reason-tcp4-connection-half-closed", connection_half_closed, TCP4},
    {"reason-tcp4-time-wait-reusable", time_wait_reusable, TCP4},
    {"reason-tcp6-time-wait-reusable", time_wait_reusable, TCP6},
    {"reason-tcp4-time-wait-not-reusable", time_wait_not_reusable, TCP4},
    {"reason-tcp4-time-wait-elsewhere", time_wait_elsewhere, TCP4},
    {"reason-tcp4-outgoing-reserved", outgoing_reserved, TCP4},
    {"reason-tcp6-outgoing-reserved", outgoing_reserved, TCP6},
    {"reason-udp4-outgoing-datagrams", outgoing_datagrams, UDP4},
    {"reason-udp6-outgoing-datagrams", outgoing_datagrams, UDP6},
    {"reason-tcp4-outgoing-bound", outgoing_bound, TCP4},
};
THEME(reason_remains, scenarios);
