// SPDX-License-Identifier: GPL-2.0
/* What connect() is told where nobody listens, no way leads there or no answer comes. */
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void nobody_listens(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8291);
    int bound;
    char text[64];

    scene_connect(t, scene_socket(t), address, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
    scene_advice(t, "start the server");
    bound = scene_bound(t, 8291);
    scene_connect(t, scene_socket(t), address, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
    snprintf(text, sizeof(text), "(pid %u) has the port, but does not listen", scene_pid(t));
    scene_note(t, text);
    scene_advice(t, "listen()");
    scene_no_advice(t, "start the server");
    scene_listen(t, bound, 5, 0);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, bound);
}

static void listens_elsewhere(struct scene *t)
{
    struct address peer = loopback(AF_INET6, 8304), own = v6("::ffff:127.0.0.1", 8304);
    int listener = scene_socket(t);

    scene_bind(t, listener, own, 0);
    scene_listen(t, listener, 5, 0);
    scene_connect(t, scene_socket(t), peer, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
    scene_no_advice(t, "ss -Hltn");
    scene_advice(t, "connect to ");
    scene_connect(t, scene_socket(t), own, 0);
    scene_accept(t, listener);
}

static void listens_v6only(struct scene *t)
{
    int listener = scene_socket(t);

    scene_option(t, listener, SOL_IPV6, IPV6_V6ONLY, 1);
    scene_bind(t, listener, wildcard(AF_INET6, 8306), 0);
    scene_listen(t, listener, 5, 0);
    scene_connect(t, scene_socket_of(t, PROTOCOL_TCP, AF_INET), v4("127.0.0.1", 8306),
                  ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
    scene_advice(t, "connect to [::1]:8306");
    scene_connect(t, scene_socket(t), loopback(AF_INET6, 8306), 0);
    scene_accept(t, listener);
}

/* Once there is a way, something else is refused, and then nothing. */
static void unreachable(struct scene *t)
{
    struct address address = nowhere(t->scenario->family, 8292);
    int fd;

    scene_connect(t, scene_socket(t), address, ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_advice(t, "ip route get");
    scene_require(t, address_add("lo", t->scenario->family,
                                 t->scenario->family == AF_INET6 ? "2001:db8::1" : "192.0.2.1",
                                 t->scenario->family == AF_INET6 ? 128 : 32) == 0);
    scene_connect(t, scene_socket(t), address, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
    fd = scene_socket(t);
    scene_bind(t, fd, address, 0);
    scene_listen(t, fd, 5, 0);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, fd);
}

static void wait_until_readable(struct scene *t, int fd)
{
    struct pollfd readable = {.fd = fd, .events = POLLIN};

    scene_require(t, poll(&readable, 1, -1) == 1);
}

/*
 * A listener whose queue is full drops what comes; one try more, then it is over. The kernel is
 * waited for: it may put off what it has to do until after the call, the last goodbye as well.
 */
static void timed_out_at(struct scene *t, struct address address)
{
    int fd = scene_socket(t), waiting = scene_socket(t), last = scene_socket(t);
    char text[64];

    scene_bind(t, fd, address, 0);
    scene_listen(t, fd, 0, 0);
    scene_connect(t, scene_socket(t), address, 0);
    wait_until_readable(t, fd);
    scene_option(t, waiting, IPPROTO_TCP, TCP_SYNCNT, 1);
    scene_connect(t, waiting, address, ETIMEDOUT);
    scene_expect_reason(t, REASON_TIMED_OUT);
    scene_no_advice(t, "ip_local_port_range");
    snprintf(text, sizeof(text), "(pid %u) listens on ", scene_pid(t));
    scene_note(t, text);
    scene_advice(t, "net.core.somaxconn");
    scene_advice(t, "ss -Hltn");
    scene_accept(t, fd);
    scene_connect(t, last, address, 0);
    wait_until_readable(t, fd);
    scene_close(t, last);
    wait_until_readable(t, scene_accept(t, fd));
}

static void timed_out(struct scene *t)
{
    timed_out_at(t, loopback(t->scenario->family, 8293));
}

/* No loopback address, but of this host too. */
static void timed_out_here(struct scene *t)
{
    scene_require(t, address_add("lo", AF_INET, "192.0.2.1", 32) == 0);
    timed_out_at(t, v4("192.0.2.1", 8305));
}

/* A link-local peer is reached from an address of the same device, which has none here. */
static struct address link_local_peer(struct scene *t, uint16_t port)
{
    scene_sysctl(t, "ipv6/conf/default/addr_gen_mode", "1");
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
    scene_require(t, route_add("pt0", AF_INET6, "fe80::", 64) == 0);
    return v6_scoped("fe80::99", port, if_nametoindex("pt0"));
}

static void sourceless(struct scene *t)
{
    struct address peer = link_local_peer(t, 8296);
    int bound = scene_socket(t);

    scene_bind(t, bound, wildcard(AF_INET6, 8297), 0);
    scene_connect(t, scene_socket(t), peer, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_connect(t, bound, peer, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_follow(t, "ip -6 addr");
    scene_require(t, address_add_nodad("pt0", "fe80::98", 64) == 0);
    scene_connect(t, bound, peer, 0);
    scene_connect(t, scene_socket(t), peer, 0);
}

/* No pair of endpoints is there twice, and no port is used up. */
static void sourceless_stream(struct scene *t)
{
    struct address peer = link_local_peer(t, 8298);
    int bound = scene_socket(t);

    scene_bind(t, bound, wildcard(AF_INET6, 8299), 0);
    scene_connect(t, bound, peer, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_connect(t, scene_socket(t), peer, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_no_advice(t, "ip_local_port_range");
    scene_follow(t, "ip -6 addr");
    scene_require(t, address_add_nodad("pt0", "fe80::98", 64) == 0);
    scene_require(t, address_add_nodad("pt1", "fe80::99", 64) == 0);
    scene_connect(t, scene_socket(t), peer, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

/* Not even ::1 is there without IPv6. */
static void ipv6_disabled(struct scene *t)
{
    struct address address = loopback(AF_INET6, 8301);
    bool stream = t->scenario->protocol == PROTOCOL_TCP;
    int listener = scene_socket(t);

    scene_sysctl(t, "ipv6/conf/all/disable_ipv6", "1");
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_no_advice(t, "ip_local_port_range");
    if (!scene_follow(t, "sysctl -w net.ipv6.conf.lo.disable_ipv6"))
        scene_sysctl(t, "ipv6/conf/lo/disable_ipv6", "0");
    scene_require(t, address_await_route("::1") == 0);
    scene_bind(t, listener, address, 0);
    if (stream)
        scene_listen(t, listener, 5, 0);
    scene_connect(t, scene_socket(t), address, 0);
    if (stream)
        scene_accept(t, listener);
}

static void loopback_down(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8303);
    bool is_ipv6 = t->scenario->family == AF_INET6;

    /* IPv4 keeps its address and its routes from when the device was up: here it never was. */
    scene_require(t, (is_ipv6 ? link_down("lo") : unshare(CLONE_NEWNET)) == 0);
    scene_connect(t, scene_socket(t), address, is_ipv6 ? EADDRNOTAVAIL : ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
    if (!scene_follow(t, "ip link set lo up"))
        scene_require(t, link_up("lo") == 0);
    scene_require(t, !is_ipv6 || address_await_route("::1") == 0);
    scene_connect(t, scene_socket(t), address, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

#define BY_VETH .needs = FEATURE_VETH

static const struct scenario scenarios[] = {
    {"reason-tcp4-nobody-listens", nobody_listens, TCP4},
    {"reason-tcp6-nobody-listens", nobody_listens, TCP6},
    {"reason-tcp6-listens-elsewhere", listens_elsewhere, TCP6},
    {"reason-tcp6-listens-v6only", listens_v6only, TCP6},
    {"reason-tcp4-unreachable", unreachable, TCP4},
    {"reason-tcp6-unreachable", unreachable, TCP6},
    {"reason-udp6-sourceless", sourceless, UDP6, BY_VETH},
    {"reason-tcp6-sourceless", sourceless_stream, TCP6, BY_VETH},
    {"reason-tcp6-ipv6-disabled", ipv6_disabled, TCP6},
    {"reason-udp6-ipv6-disabled", ipv6_disabled, UDP6},
    {"reason-tcp4-loopback-down", loopback_down, TCP4},
    {"reason-tcp6-loopback-down", loopback_down, TCP6},
    {"reason-tcp4-timed-out", timed_out, TCP4},
    {"reason-tcp4-timed-out-here", timed_out_here, TCP4},
};
THEME(reason_connect, scenarios);
