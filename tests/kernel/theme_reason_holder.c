// SPDX-License-Identifier: GPL-2.0
/* Who is in the way, and what happens when the advice to be rid of it is taken. */
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
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void refused(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), EADDRINUSE);
}

static void allowed(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), 0);
}

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

    allowed(t, help ? (uint16_t)strtoul(strrchr(help, ':') + 1, NULL, 10) : 8221);
}

static void killed_listener(struct scene *t)
{
    uint16_t port = 8200;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_listener, &port);
    refused(t, port);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    scene_no_advice(t, "SO_REUSE");
    use_free_port(t);
    keeper_kill_as_advised(t, &keeper);
    allowed(t, port);
}

static void killed_bound(struct scene *t)
{
    uint16_t port = 8201;
    struct keeper keeper;

    keeper_start(t, &keeper, keep_bound, &port);
    refused(t, port);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, keeper.pid);
    use_free_port(t);
    keeper_kill_as_advised(t, &keeper);
    allowed(t, port);
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
    refused(t, 8202);
    scene_expect_stranger(t, keeper.pid);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, scene_pid(t));
    keeper_end(t, &keeper);
}

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
    refused(t, 8203);
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
    usleep(20000);
    refused(t, leak.port);
    scene_expect_held(t, REASON_CONNECTION, STATE_CLOSE_WAIT, leak.keeper.pid);
    keeper_kill_as_advised(t, &leak.keeper);
    usleep(20000);
    allowed(t, leak.port);
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
    usleep(20000);
    refused(t, 8206);
    scene_expect_holder(t, HOLDING_FORMER, STATE_FIN_WAIT1, 0);
    scene_expect_reason(t, REASON_CONNECTION);
    scene_no_advice(t, "kill");
    scene_close(t, client);
}

/* Without anything to send, the kernel keeps of it what it keeps of a connection that waits. */
static void connection_half_closed(struct scene *t)
{
    int listener = scene_listener(t, 8220), client = connected(t, 8220);
    int accepted = scene_accept(t, listener);

    scene_close(t, listener);
    scene_require(t, close(accepted) == 0);
    usleep(20000);
    refused(t, 8220);
    scene_expect_holder(t, HOLDING_FORMER, STATE_TIME_WAIT, 0);
    scene_expect_reason(t, REASON_TIME_WAIT);
    scene_no_advice(t, "kill");
    scene_close(t, client);
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
    usleep(20000);
    scene_require(t, close(accepted) == 0);
    usleep(20000);
    return listener;
}

static void time_wait_reusable(struct scene *t)
{
    left_waiting(t, 8208, SO_REUSEADDR);
    refused(t, 8208);
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
    allowed(t, 8207);
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
    refused(t, 40010);
    scene_expect_held(t, REASON_OUTGOING, STATE_ESTABLISHED, keeper.pid);
    if (!scene_follow(t, "sysctl -w net.ipv4.ip_local_reserved_ports"))
        scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40010");
    keeper_kill_as_advised(t, &keeper);
    usleep(20000);
    client = scene_socket(t);
    scene_connect(t, client, loopback(t->scenario->family, port), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    allowed(t, 40010);
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
    refused(t, 40011);
    scene_expect_held(t, REASON_OUTGOING, STATE_CLOSE, keeper.pid);
    if (!scene_follow(t, "sysctl -w net.ipv4.ip_local_reserved_ports"))
        scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40011");
    keeper_kill_as_advised(t, &keeper);
    usleep(20000);
    scene_send(t, scene_socket(t), loopback(t->scenario->family, port), EAGAIN);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    allowed(t, 40011);
}

/* A connection from a port that its process asked for is no ephemeral one. */
static void outgoing_bound(struct scene *t)
{
    int listener = scene_listener(t, 8212), client = scene_bound(t, 8213);

    scene_connect(t, client, loopback(t->scenario->family, 8212), 0);
    scene_accept(t, listener);
    refused(t, 8213);
    scene_expect_held(t, REASON_BOUND, STATE_ESTABLISHED, scene_pid(t));
    scene_no_advice(t, "ip_local_reserved_ports");
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
    refused(t, shared.port);
    scene_expect_holder(t, HOLDING_NOW, STATE_LISTEN, shared.first.pid);
    scene_expect_sharer(t, other);
    scene_expect_reason(t, REASON_LISTENER);
    snprintf(command, sizeof(command), "kill %u", shared.first.pid);
    scene_advice(t, command);
    if (!scene_follow(t, "kill"))
        scene_require(t, kill(shared.first.child, SIGTERM) == 0);
    scene_require(t, waitpid(shared.first.child, NULL, 0) == shared.first.child);
    usleep(50000);
    allowed(t, shared.port);
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
    refused(t, shared.port);
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
    refused(t, shared.port);
    scene_expect_stranger(t, shared.first.pid);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, shared.second.pid);
    keeper_kill_as_advised(t, &shared.second);
    allowed(t, shared.port);
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
    refused(t, shared.port);
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
    refused(t, port);
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
    refused(t, port);
    scene_expect_stranger(t, 1);
    scene_require(t, kill(first.child, SIGKILL) == 0);
    scene_require(t, waitpid(first.child, NULL, 0) == first.child);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, first.pid);
    keeper_start(t, &second, keep_bound, &port);
    keeper_end(t, &second);
}

static void vxlan_up(struct scene *t, uint16_t port)
{
    scene_require(t, link_add_vxlan("ptx0", port) == 0 && link_up("ptx0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", port), port, 0);
}

static void bind_4789(struct scene *t, void *context)
{
    (void)context;
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), 0);
}

static void kernel_vxlan(struct scene *t)
{
    vxlan_up(t, 4789);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), EADDRINUSE);
    scene_expect_holder(t, HOLDING_KERNEL, STATE_CLOSE, 0);
    scene_expect_reason(t, REASON_KERNEL_SOCKET);
    scene_no_advice(t, "kill");
    scene_advice(t, "ip -d link");
    scene_require(t, link_delete("ptx0") == 0);
    scene_run_child(t, bind_4789, NULL);
}

static void kernel_wireguard(struct scene *t)
{
    scene_one_ephemeral_port(t, 51820);
    scene_require(t, link_add("wireguard", "ptw0") == 0 && link_up("ptw0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", 0), 51820, 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v6("::", 51820), 51820, 0);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 51820), EADDRINUSE);
    scene_expect_holder(t, HOLDING_KERNEL, STATE_CLOSE, 0);
    scene_expect_reason(t, REASON_KERNEL_SOCKET);
}

/* A process that has the port of a tunnel is no tunnel. */
static void kernel_not(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), 0);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static const struct scenario scenarios[] = {
    {"reason-tcp4-listener-killed", killed_listener, TCP4},
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
    {"reason-tcp4-connection-reusable", connection_reusable, TCP4},
    {"reason-tcp6-connection-reusable", connection_reusable, TCP6},
    {"reason-tcp4-connection-not-reusable", connection_not_reusable, TCP4},
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
    {"reason-tcp4-shared-by-fork", shared_by_fork, TCP4},
    {"reason-tcp6-shared-by-fork", shared_by_fork, TCP6},
    {"reason-tcp4-shared-by-message", shared_by_message, TCP4},
    {"reason-tcp4-handed-over", handed_over, TCP4},
    {"reason-tcp4-in-flight", in_flight, TCP4},
    {"reason-udp4-in-flight", in_flight, UDP4},
    {"reason-tcp4-gone-at-once", gone_at_once, TCP4},
    {"reason-tcp4-gone-and-taken", gone_and_taken, TCP4},
    {"reason-udp4-kernel-vxlan", kernel_vxlan, UDP4, .needs = FEATURE_VXLAN},
    {"reason-udp4-kernel-wireguard", kernel_wireguard, UDP4, .needs = FEATURE_WIREGUARD},
    {"reason-udp4-kernel-not", kernel_not, UDP4},
};
THEME(reason_holder, scenarios);
