// SPDX-License-Identifier: GPL-2.0
/* No port is left to choose from, and the commands that are said to mend it. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

#define WIDER "sysctl -w net.ipv4.ip_local_port_range"

static void take(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, port), 0);
}

#define ALL_TAKEN " are taken: runner (pid "
#define ALL_LEAD  " lead there already, or were taken by bind: "

static void widen(struct scene *t)
{
    if (!scene_follow(t, WIDER))
        scene_sysctl(t, "ipv4/ip_local_port_range", "15000 65535");
}

static void bind_exhausted(struct scene *t)
{
    struct address any = loopback(t->scenario->family, 0);

    scene_one_ephemeral_port(t, 40020);
    take(t, 40020);
    scene_bind(t, scene_socket(t), any, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40020-40020" ALL_TAKEN);
    widen(t);
    scene_bind(t, scene_socket(t), any, 0);
}

static void listen_exhausted(struct scene *t)
{
    scene_one_ephemeral_port(t, 40021);
    take(t, 40021);
    scene_listen(t, scene_socket(t), 5, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40021-40021" ALL_TAKEN);
    widen(t);
    scene_listen(t, scene_socket(t), 5, 0);
}

static void send_exhausted(struct scene *t)
{
    scene_one_ephemeral_port(t, 40022);
    take(t, 40022);
    scene_send(t, scene_socket(t), loopback(t->scenario->family, 8240), EAGAIN);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40022-40022" ALL_TAKEN);
    widen(t);
    scene_send(t, scene_socket(t), loopback(t->scenario->family, 8240), 0);
}

/* A range of the socket's own: what the host's is does not matter. */
static void own_range_exhausted(struct scene *t)
{
    uint32_t range = 40023u << 16 | 40023u;
    int fd = scene_socket(t);

    take(t, 40023);
    scene_require(t, setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range)) == 0);
    scene_bind(t, fd, loopback(t->scenario->family, 0), EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40023-40023" ALL_TAKEN);
    scene_no_advice(t, WIDER);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 0), 0);
}

static void bind_reserved(struct scene *t)
{
    struct address any = loopback(t->scenario->family, 0);

    scene_sysctl(t, "ipv4/ip_local_port_range", "40024 40026");
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40024-40026");
    scene_bind(t, scene_socket(t), any, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    scene_advice(t, "net.ipv4.ip_local_reserved_ports");
    widen(t);
    scene_bind(t, scene_socket(t), any, 0);
}

static void bind_reserved_no_more(struct scene *t)
{
    struct address any = loopback(t->scenario->family, 0);

    scene_sysctl(t, "ipv4/ip_local_port_range", "40032 40035");
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40032-40035");
    scene_bind(t, scene_socket(t), any, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    scene_follow(t, "sysctl net.ipv4.ip_local_reserved_ports");
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40032-40033");
    scene_bind(t, scene_socket(t), any, 0);
}

/* Near misses: one port is not reserved but taken; and who asks for a reserved port gets it. */
static void bind_half_reserved(struct scene *t)
{
    struct address any = loopback(t->scenario->family, 0);

    scene_sysctl(t, "ipv4/ip_local_port_range", "40027 40028");
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40027");
    take(t, 40028);
    scene_bind(t, scene_socket(t), any, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
    scene_note(t, "; ip_local_reserved_ports has 1 of the 2");
    scene_advice(t, "sysctl net.ipv4.ip_local_reserved_ports");
    take(t, 40027);
}

static void connect_exhausted(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8241);
    int listener = scene_listener(t, 8241);

    scene_one_ephemeral_port(t, 40029);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_CONNECT_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40029-40029" ALL_LEAD "runner (pid ");
    widen(t);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
}

/* The kernel's clock of seconds may be a tick late. */
static void await_next_second(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    usleep((useconds_t)(1000000000 - now.tv_nsec) / 1000 + 20000);
}

/*
 * The only port is that of a connection that the client has closed. It is used again as soon as
 * another second has begun, where that is allowed.
 */
static struct address exhausted_by_time_wait(struct scene *t, int listener, const char *reuse)
{
    struct address address = loopback(t->scenario->family, 8250);
    int client = scene_socket(t), accepted;

    scene_sysctl(t, "ipv4/tcp_tw_reuse", reuse);
    scene_one_ephemeral_port(t, 40033);
    await_next_second();
    scene_connect(t, client, address, 0);
    accepted = scene_accept(t, listener);
    scene_close(t, client);
    scene_require(t, close(accepted) == 0);
    scene_settle();
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_CONNECT_EXHAUSTED);
    scene_note(t, "1 of 1 ports in the range 40033-40033" ALL_LEAD "1 in TIME-WAIT");
    scene_advice(t, "ss -Htan \"dst ");
    return address;
}

/* After a second a new connection takes its place. */
static void connect_time_waits(struct scene *t)
{
    int listener = scene_listener(t, 8250);
    struct address address = exhausted_by_time_wait(t, listener, "0");

    usleep(2100000);
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_CONNECT_EXHAUSTED);
    if (!scene_follow(t, "sysctl -w net.ipv4.tcp_tw_reuse"))
        scene_sysctl(t, "ipv4/tcp_tw_reuse", "1");
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
}

/* Near miss: over loopback it is so already, only the second has to pass. */
static void connect_time_waits_loopback(struct scene *t)
{
    int listener = scene_listener(t, 8250);
    struct address address = exhausted_by_time_wait(t, listener, "2");

    scene_no_advice(t, "tcp_tw_reuse");
    usleep(2100000);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
}

/* Near miss: to another destination the same port will do. */
static void connect_elsewhere(struct scene *t)
{
    int first = scene_listener(t, 8242), second = scene_listener(t, 8243);

    scene_one_ephemeral_port(t, 40030);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8242), 0);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8243), 0);
    scene_accept(t, first);
    scene_accept(t, second);
}

static void connect_reserved(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8244);
    int listener = scene_listener(t, 8244);

    scene_one_ephemeral_port(t, 40031);
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40031");
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_RANGE_RESERVED);
    scene_no_advice(t, "keep connections");
    widen(t);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
}

static int bound_reusing(struct scene *t, uint16_t port)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_bind(t, fd, loopback(t->scenario->family, port), 0);
    return fd;
}

static void connect_duplicate(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8245);
    int listener = scene_listener(t, 8245);
    int first = bound_reusing(t, 8246), second = bound_reusing(t, 8246);

    scene_connect(t, first, address, 0);
    scene_accept(t, listener);
    scene_connect(t, second, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_DUPLICATE_CONNECTION);
    scene_no_advice(t, WIDER);
    scene_advice(t, "bind()");
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
}

/* To and from an address that not every host has, which is known by that of the socket. */
static void connect_duplicate_global(struct scene *t)
{
    struct address own = v6("2001:db8::1", 8251), peer = v6("2001:db8::1", 8250);
    int listener = scene_socket(t), fds[2];

    scene_require(t, address_add_nodad("lo", "2001:db8::1", 64) == 0);
    scene_require(t, address_await_route("2001:db8::1") == 0);
    scene_bind(t, listener, peer, 0);
    scene_listen(t, listener, 5, 0);
    for (int i = 0; i < 2; i++) {
        fds[i] = scene_socket(t);
        scene_option(t, fds[i], SOL_SOCKET, SO_REUSEADDR, 1);
        scene_bind(t, fds[i], own, 0);
    }
    scene_connect(t, fds[0], peer, 0);
    scene_accept(t, listener);
    scene_connect(t, fds[1], peer, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_DUPLICATE_CONNECTION);
    scene_connect(t, scene_socket(t), peer, 0);
    scene_accept(t, listener);
}

/* Of a closed connection from port 8249 to 8248 the client's side is left. Then once more. */
static void connect_again(struct scene *t, int listener, int want)
{
    struct address address = loopback(t->scenario->family, 8248);
    int first = bound_reusing(t, 8249), second, accepted;

    scene_connect(t, first, address, 0);
    accepted = scene_accept(t, listener);
    scene_close(t, first);
    scene_require(t, close(accepted) == 0);
    scene_settle();
    second = bound_reusing(t, 8249);
    scene_connect(t, second, address, want);
    if (want)
        return;
    scene_require(t, close(scene_accept(t, listener)) == 0);
    scene_close(t, second);
}

/* A pair in TIME_WAIT is taken over for its timestamps; tcp_tw_reuse does not matter to it. */
static void connect_time_wait(struct scene *t)
{
    int listener = scene_listener(t, 8248);

    scene_sysctl(t, "ipv4/tcp_tw_reuse", "0");
    connect_again(t, listener, 0);
}

static void connect_time_wait_bare(struct scene *t)
{
    int listener = scene_listener(t, 8248);

    scene_sysctl(t, "ipv4/tcp_timestamps", "0");
    scene_sysctl(t, "ipv4/tcp_tw_reuse", "1");
    connect_again(t, listener, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_DUPLICATE_CONNECTION);
    scene_advice(t, "bind()");
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8248), 0);
    scene_accept(t, listener);
}

static const struct scenario scenarios[] = {
    {"reason-tcp4-bind-exhausted", bind_exhausted, TCP4},
    {"reason-tcp6-bind-exhausted", bind_exhausted, TCP6},
    {"reason-udp4-bind-exhausted", bind_exhausted, UDP4},
    {"reason-udp6-bind-exhausted", bind_exhausted, UDP6},
    {"reason-tcp4-listen-exhausted", listen_exhausted, TCP4},
    {"reason-tcp6-listen-exhausted", listen_exhausted, TCP6},
    {"reason-udp4-send-exhausted", send_exhausted, UDP4},
    {"reason-tcp4-own-range-exhausted", own_range_exhausted, TCP4, .needs = FEATURE_PORT_RANGE},
    {"reason-udp4-own-range-exhausted", own_range_exhausted, UDP4, .needs = FEATURE_PORT_RANGE},
    {"reason-tcp4-bind-reserved", bind_reserved, TCP4},
    {"reason-tcp6-bind-reserved", bind_reserved, TCP6},
    {"reason-udp4-bind-reserved", bind_reserved, UDP4},
    {"reason-tcp4-bind-reserved-no-more", bind_reserved_no_more, TCP4},
    {"reason-udp6-bind-reserved-no-more", bind_reserved_no_more, UDP6},
    {"reason-tcp4-bind-half-reserved", bind_half_reserved, TCP4},
    {"reason-udp4-bind-half-reserved", bind_half_reserved, UDP4},
    {"reason-tcp4-connect-exhausted", connect_exhausted, TCP4},
    {"reason-tcp6-connect-exhausted", connect_exhausted, TCP6},
    {"reason-tcp4-connect-time-waits", connect_time_waits, TCP4},
    {"reason-tcp6-connect-time-waits", connect_time_waits, TCP6},
    {"reason-tcp4-connect-time-waits-loopback", connect_time_waits_loopback, TCP4},
    {"reason-tcp6-connect-time-waits-loopback", connect_time_waits_loopback, TCP6},
    {"reason-tcp4-connect-elsewhere", connect_elsewhere, TCP4},
    {"reason-tcp4-connect-reserved", connect_reserved, TCP4},
    {"reason-tcp6-connect-reserved", connect_reserved, TCP6},
    {"reason-tcp4-connect-duplicate", connect_duplicate, TCP4},
    {"reason-tcp6-connect-duplicate", connect_duplicate, TCP6},
    {"reason-tcp6-connect-duplicate-global", connect_duplicate_global, TCP6},
    {"reason-tcp4-connect-time-wait", connect_time_wait, TCP4},
    {"reason-tcp6-connect-time-wait", connect_time_wait, TCP6},
    {"reason-tcp4-connect-time-wait-bare", connect_time_wait_bare, TCP4},
    {"reason-tcp6-connect-time-wait-bare", connect_time_wait_bare, TCP6},
};
THEME(reason_range, scenarios);
