// SPDX-License-Identifier: GPL-2.0
/* Binds that are refused with EADDRINUSE. */
#include <errno.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

/* This process itself is in the way. */
static void refuse_for(struct scene *t, uint16_t port, enum reason reason, uint8_t state)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), EADDRINUSE);
    scene_expect_held(t, reason, state, scene_pid(t));
}

static void in_use_listener(struct scene *t)
{
    scene_listener(t, 8080);
    refuse_for(t, 8080, REASON_LISTENER, STATE_LISTEN);
}

static void in_use_bound(struct scene *t)
{
    scene_bound(t, 8081);
    refuse_for(t, 8081, REASON_BOUND, STATE_CLOSE);
}

/* The kernel gives ping sockets SO_REUSEADDR from the start. */
static void in_use_ping(struct scene *t)
{
    int fd = scene_socket(t), other = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 0);
    scene_bind(t, fd, loopback(t->scenario->family, 8094), 0);
    scene_option(t, other, SOL_SOCKET, SO_REUSEADDR, 0);
    scene_bind(t, other, loopback(t->scenario->family, 8094), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static void in_use_wildcard(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 8082), 0);
    refuse_for(t, 8082, REASON_WILDCARD, STATE_CLOSE);
}

static int dual_stack(struct scene *t)
{
    int fd = scene_socket_of(t, t->scenario->protocol, AF_INET6);

    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    return fd;
}

static void in_use_by_dual_stack(struct scene *t)
{
    scene_bind(t, dual_stack(t), wildcard(AF_INET6, 8083), 0);
    scene_bind(t, scene_socket_of(t, t->scenario->protocol, AF_INET), wildcard(AF_INET, 8083),
               EADDRINUSE);
    scene_expect_held(t, REASON_DUAL_STACK, STATE_CLOSE, scene_pid(t));
}

static void in_use_by_ipv4(struct scene *t)
{
    scene_bind(t, scene_socket_of(t, t->scenario->protocol, AF_INET), wildcard(AF_INET, 8084), 0);
    scene_bind(t, dual_stack(t), wildcard(AF_INET6, 8084), EADDRINUSE);
    scene_expect_held(t, REASON_DUAL_STACK, STATE_CLOSE, scene_pid(t));
}

static int with_option(struct scene *t, int option)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, option, 1);
    return fd;
}

static void in_use_reuseaddr(struct scene *t)
{
    int fd = with_option(t, SO_REUSEADDR);

    scene_bind(t, fd, loopback(t->scenario->family, 8085), 0);
    scene_listen(t, fd, 5, 0);
    scene_bind(t, with_option(t, SO_REUSEADDR), loopback(t->scenario->family, 8085), EADDRINUSE);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, scene_pid(t));
    scene_no_advice(t, "SO_REUSEADDR");
}

static void in_use_reuseaddr_one_side(struct scene *t)
{
    scene_bound(t, 8086);
    scene_bind(t, with_option(t, SO_REUSEADDR), loopback(t->scenario->family, 8086), EADDRINUSE);
    scene_expect_held(t, REASON_REUSEADDR, STATE_CLOSE, scene_pid(t));
}

static void in_use_reuseport_one_side(struct scene *t)
{
    scene_bind(t, with_option(t, SO_REUSEPORT), loopback(t->scenario->family, 8087), 0);
    refuse_for(t, 8087, REASON_REUSEPORT, STATE_CLOSE);
}

static void bind_as_other_user(struct scene *t, void *context)
{
    scene_become(t, 65534, 65534);
    scene_bind(t, with_option(t, SO_REUSEPORT), loopback(t->scenario->family, 8088), EADDRINUSE);
    scene_expect_held(t, REASON_REUSEPORT_USER, STATE_CLOSE, *(uint32_t *)context);
}

static void in_use_reuseport_other_user(struct scene *t)
{
    uint32_t pid = scene_pid(t);

    scene_bind(t, with_option(t, SO_REUSEPORT), loopback(t->scenario->family, 8088), 0);
    scene_run_child(t, bind_as_other_user, &pid);
}

static void in_use_exhausted(struct scene *t)
{
    scene_one_ephemeral_port(t, 40000);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 40000), 0);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 0), EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
}

static void in_use_all_reserved(struct scene *t)
{
    scene_one_ephemeral_port(t, 40001);
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40001");
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 0), EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
}

/* Who closes first keeps the port for a minute. */
static void in_use_time_wait(struct scene *t)
{
    int listener = scene_listener(t, 8089);
    int client = scene_socket(t);
    int accepted;

    scene_connect(t, client, loopback(t->scenario->family, 8089), 0);
    accepted = scene_accept(t, listener);
    scene_require(t, close(accepted) == 0);
    scene_close(t, client);
    scene_close(t, listener);
    usleep(50000);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8089), EADDRINUSE);
    /* What was accepted had its port from the listener: nobody took it for that socket. */
    scene_expect_holder(t, HOLDING_FORMER, STATE_TIME_WAIT, 0);
    scene_expect_reason(t, REASON_TIME_WAIT);
}

static void in_use_live_connection(struct scene *t)
{
    int listener = scene_listener(t, 8090);
    int client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8090), 0);
    scene_accept(t, listener);
    scene_close(t, listener);
    refuse_for(t, 8090, REASON_CONNECTION, STATE_ESTABLISHED);
}

static void in_use_outgoing_connection(struct scene *t)
{
    int listener = scene_listener(t, 8091);
    int client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8091), 0);
    scene_accept(t, listener);
    refuse_for(t, scene_port(t, client), REASON_OUTGOING, STATE_ESTABLISHED);
}

static void in_use_sender(struct scene *t)
{
    int sender = scene_socket(t);

    scene_send(t, sender, loopback(t->scenario->family, 8092), 0);
    refuse_for(t, scene_port(t, sender), REASON_OUTGOING, STATE_CLOSE);
}

static void hold_port(struct scene *t, void *context)
{
    int *pipes = context;
    uint32_t pid = scene_pid(t);
    char byte;

    scene_listener(t, 8093);
    scene_require(t, write(pipes[1], &pid, sizeof(pid)) == sizeof(pid));
    scene_require(t, read(pipes[2], &byte, 1) == 1);
}

static void in_use_by_other_process(struct scene *t)
{
    int pipes[4], child;
    uint32_t pid;

    scene_require(t, pipe(pipes) == 0 && pipe(pipes + 2) == 0);
    child = scene_fork(t, hold_port, pipes);
    scene_require(t, read(pipes[0], &pid, sizeof(pid)) == sizeof(pid));
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8093), EADDRINUSE);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, pid);
    scene_require(t, write(pipes[3], "", 1) == 1);
    scene_wait(t, child);
}

static const struct scenario scenarios[] = {
    {"tcp4-in-use-listener", in_use_listener, TCP4},
    {"tcp6-in-use-listener", in_use_listener, TCP6},
    {"mptcp4-in-use-listener", in_use_listener, MPTCP4},
    {"mptcp6-in-use-listener", in_use_listener, MPTCP6},
    {"sctp4-in-use-listener", in_use_listener, SCTP4},
    {"sctp6-in-use-listener", in_use_listener, SCTP6},
    {"tcp4-in-use-bound", in_use_bound, TCP4},
    {"tcp6-in-use-bound", in_use_bound, TCP6},
    {"udp4-in-use", in_use_bound, UDP4},
    {"udp6-in-use", in_use_bound, UDP6},
    {"udplite4-in-use", in_use_bound, UDPLITE4},
    {"udplite6-in-use", in_use_bound, UDPLITE6},
    {"sctp-many4-in-use", in_use_bound, SCTPMANY4},
    {"ping4-in-use", in_use_ping, PING4},
    {"ping6-in-use", in_use_ping, PING6},
    {"tcp4-in-use-wildcard", in_use_wildcard, TCP4},
    {"tcp6-in-use-wildcard", in_use_wildcard, TCP6},
    {"udp4-in-use-wildcard", in_use_wildcard, UDP4},
    {"tcp-in-use-dual-stack", in_use_by_dual_stack, TCP6},
    {"tcp-in-use-ipv4", in_use_by_ipv4, TCP6},
    {"udp-in-use-dual-stack", in_use_by_dual_stack, UDP6},
    {"udp-in-use-ipv4", in_use_by_ipv4, UDP6},
    {"tcp4-in-use-reuseaddr-listener", in_use_reuseaddr, TCP4},
    {"tcp6-in-use-reuseaddr-listener", in_use_reuseaddr, TCP6},
    {"tcp4-in-use-reuseaddr-one-side", in_use_reuseaddr_one_side, TCP4},
    {"udp4-in-use-reuseaddr-one-side", in_use_reuseaddr_one_side, UDP4},
    {"tcp4-in-use-reuseport-one-side", in_use_reuseport_one_side, TCP4},
    {"udp4-in-use-reuseport-one-side", in_use_reuseport_one_side, UDP4},
    {"tcp4-in-use-reuseport-other-user", in_use_reuseport_other_user, TCP4},
    {"udp4-in-use-reuseport-other-user", in_use_reuseport_other_user, UDP4},
    {"tcp4-in-use-exhausted", in_use_exhausted, TCP4},
    {"tcp6-in-use-exhausted", in_use_exhausted, TCP6},
    {"udp4-in-use-exhausted", in_use_exhausted, UDP4},
    {"udp6-in-use-exhausted", in_use_exhausted, UDP6},
    {"tcp4-in-use-all-reserved", in_use_all_reserved, TCP4},
    {"udp4-in-use-all-reserved", in_use_all_reserved, UDP4},
    {"tcp4-in-use-time-wait", in_use_time_wait, TCP4},
    {"tcp6-in-use-time-wait", in_use_time_wait, TCP6},
    {"tcp4-in-use-live-connection", in_use_live_connection, TCP4},
    {"tcp4-in-use-outgoing-connection", in_use_outgoing_connection, TCP4},
    {"tcp6-in-use-outgoing-connection", in_use_outgoing_connection, TCP6},
    {"udp4-in-use-sender", in_use_sender, UDP4},
    {"tcp4-in-use-other-process", in_use_by_other_process, TCP4},
    {"tcp4-in-use-io_uring", in_use_listener, TCP4, BY_URING_BIND},
    {"tcp6-in-use-io_uring", in_use_listener, TCP6, BY_URING_BIND},
    {"udp4-in-use-io_uring", in_use_bound, UDP4, BY_URING_BIND},
    {"mptcp4-in-use-io_uring", in_use_listener, MPTCP4, BY_URING_BIND},
    {"sctp4-in-use-io_uring", in_use_listener, SCTP4, BY_URING_BIND},
};
THEME(in_use, scenarios);
