// SPDX-License-Identifier: GPL-2.0
/* Socket options at the call: each event is checked against what getsockopt() says. */
#include <errno.h>
#include <string.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static void bind_with(struct scene *t, int level, int option, struct address address)
{
    int fd = scene_socket(t);

    scene_option(t, fd, level, option, 1);
    scene_bind(t, fd, address, 0);
}

static void reuseaddr(struct scene *t)
{
    bind_with(t, SOL_SOCKET, SO_REUSEADDR, loopback(t->scenario->family, 8080));
}

static void reuseport(struct scene *t)
{
    bind_with(t, SOL_SOCKET, SO_REUSEPORT, loopback(t->scenario->family, 8081));
}

static void freebind(struct scene *t)
{
    bind_with(t, SOL_IP, IP_FREEBIND, v4("192.0.2.1", 8082));
}

static void freebind6(struct scene *t)
{
    bind_with(t, SOL_IPV6, IPV6_FREEBIND, v6("2001:db8::1", 8082));
}

static void transparent(struct scene *t)
{
    bind_with(t, SOL_IP, IP_TRANSPARENT, v4("192.0.2.1", 8083));
}

static void v6only(struct scene *t)
{
    bind_with(t, SOL_IPV6, IPV6_V6ONLY, wildcard(AF_INET6, 8084));
}

static void all_options(struct scene *t)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_option(t, fd, SOL_SOCKET, SO_REUSEPORT, 1);
    scene_option(t, fd, SOL_IPV6, IPV6_FREEBIND, 1);
    scene_option(t, fd, SOL_IPV6, IPV6_TRANSPARENT, 1);
    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    scene_bind(t, fd, wildcard(AF_INET6, 8085), 0);
    scene_listen(t, fd, 3, 0);
}

static void device(struct scene *t)
{
    int fd = scene_socket(t);

    scene_require(t, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) == 0);
    scene_bind(t, fd, loopback(t->scenario->family, 8086), 0);
}

static void local_port_range(struct scene *t)
{
    uint32_t range = 40009u << 16 | 40000u;
    int fd = scene_socket(t);

    scene_require(t, setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &range, sizeof(range)) == 0);
    scene_bind(t, fd, loopback(t->scenario->family, 0), 0);
    scene_require(t, scene_port(t, fd) >= 40000 && scene_port(t, fd) <= 40009);
}

static void address_no_port(struct scene *t)
{
    int listener = scene_listener(t, 8087);
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    scene_bind(t, fd, loopback(t->scenario->family, 0), 0);
    scene_connect(t, fd, loopback(t->scenario->family, 8087), 0);
    scene_accept(t, listener);
}

static void failure_with_options(struct scene *t)
{
    int fd = scene_socket(t);

    scene_bound(t, 8088);
    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_option(t, fd, SOL_IP, IP_FREEBIND, 1);
    scene_bind(t, fd, loopback(t->scenario->family, 8088), EADDRINUSE);
    scene_expect_held(t, REASON_REUSEADDR, STATE_CLOSE, scene_pid(t));
}

static const struct scenario scenarios[] = {
    {"tcp4-reuseaddr", reuseaddr, TCP4},
    {"udp6-reuseaddr", reuseaddr, UDP6},
    {"tcp4-reuseport", reuseport, TCP4},
    {"udp6-reuseport", reuseport, UDP6},
    {"tcp4-freebind", freebind, TCP4},
    {"tcp6-freebind", freebind6, TCP6},
    {"tcp4-transparent", transparent, TCP4},
    {"tcp6-v6only", v6only, TCP6},
    {"udp6-v6only", v6only, UDP6},
    {"tcp6-all-options", all_options, TCP6},
    {"tcp4-device", device, TCP4},
    {"udp6-device", device, UDP6},
    {"tcp4-local-port-range", local_port_range, TCP4, .needs = FEATURE_PORT_RANGE},
    {"udp4-local-port-range", local_port_range, UDP4, .needs = FEATURE_PORT_RANGE},
    {"tcp4-address-no-port", address_no_port, TCP4},
    {"tcp6-address-no-port", address_no_port, TCP6},
    {"tcp4-failure-with-options", failure_with_options, TCP4},
};
THEME(option, scenarios);
