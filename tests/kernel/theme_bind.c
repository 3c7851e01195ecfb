// SPDX-License-Identifier: GPL-2.0
/* Binds that succeed. */
#include "tests/kernel/scenarios.h"

static void bind_port(struct scene *t)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8080), 0);
}

static void bind_port_zero(struct scene *t)
{
    int fd = scene_socket(t);

    scene_bind(t, fd, loopback(t->scenario->family, 0), 0);
    scene_require(t, scene_port(t, fd) != 0);
}

static void bind_wildcard(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 8081), 0);
}

static void bind_wildcard_zero(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 0), 0);
}

static void bind_mapped(struct scene *t)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    scene_bind(t, fd, v6("::ffff:127.0.0.1", 8082), 0);
}

static void bind_privileged_as_root(struct scene *t)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 80), 0);
}

/* Old programs leave the family at 0; IPv4 takes that for the wildcard address. */
static void bind_unspecified_family(struct scene *t)
{
    struct address address = v4("0.0.0.0", 8083);

    address.storage.ss_family = AF_UNSPEC;
    scene_bind(t, scene_socket(t), address, 0);
}

static void bind_reserved_port(struct scene *t)
{
    scene_sysctl(t, "ipv4/ip_local_reserved_ports", "40100");
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 40100), 0);
}

static void bind_reuseport_group(struct scene *t)
{
    int i, fd;

    for (i = 0; i < 3; i++) {
        fd = scene_socket(t);
        scene_option(t, fd, SOL_SOCKET, SO_REUSEPORT, 1);
        scene_bind(t, fd, loopback(t->scenario->family, 8084), 0);
    }
}

static void bind_one_after_another(struct scene *t)
{
    int i, fd;

    for (i = 0; i < 10; i++) {
        fd = scene_socket(t);
        scene_bind(t, fd, loopback(t->scenario->family, 8085), 0);
        scene_close(t, fd);
    }
}

/* None of them is told to have ended before all have begun. */
static void bind_together(struct scene *t)
{
    static const uint16_t ports[SCENE_TOGETHER] = {8120, 8121, 8122};
    int fds[SCENE_TOGETHER], i;

    for (i = 0; i < SCENE_TOGETHER; i++)
        fds[i] = scene_socket(t);
    scene_bind_together(t, fds, ports);
}

static const struct scenario scenarios[] = {
    {"tcp4-bind", bind_port, TCP4},
    {"tcp6-bind", bind_port, TCP6},
    {"udp4-bind", bind_port, UDP4},
    {"udp6-bind", bind_port, UDP6},
    {"udplite4-bind", bind_port, UDPLITE4},
    {"udplite6-bind", bind_port, UDPLITE6},
    {"mptcp4-bind", bind_port, MPTCP4},
    {"mptcp6-bind", bind_port, MPTCP6},
    {"sctp4-bind", bind_port, SCTP4},
    {"sctp6-bind", bind_port, SCTP6},
    {"sctp-many4-bind", bind_port, SCTPMANY4},
    {"ping4-bind", bind_port, PING4},
    {"ping6-bind", bind_port, PING6},
    {"raw4-bind", bind_port, RAW4},
    {"raw6-bind", bind_port, RAW6},
    {"tcp4-bind-port-0", bind_port_zero, TCP4},
    {"tcp6-bind-port-0", bind_port_zero, TCP6},
    {"udp4-bind-port-0", bind_port_zero, UDP4},
    {"udp6-bind-port-0", bind_port_zero, UDP6},
    {"mptcp4-bind-port-0", bind_port_zero, MPTCP4},
    {"sctp4-bind-port-0", bind_port_zero, SCTP4},
    {"ping4-bind-port-0", bind_port_zero, PING4},
    {"ping6-bind-port-0", bind_port_zero, PING6},
    {"tcp4-bind-wildcard", bind_wildcard, TCP4},
    {"tcp6-bind-wildcard", bind_wildcard, TCP6},
    {"udp4-bind-wildcard", bind_wildcard, UDP4},
    {"udp6-bind-wildcard", bind_wildcard, UDP6},
    {"tcp4-bind-wildcard-port-0", bind_wildcard_zero, TCP4},
    {"udp6-bind-wildcard-port-0", bind_wildcard_zero, UDP6},
    {"tcp6-bind-v4-mapped", bind_mapped, TCP6},
    {"udp6-bind-v4-mapped", bind_mapped, UDP6},
    {"tcp4-bind-privileged-as-root", bind_privileged_as_root, TCP4},
    {"tcp6-bind-privileged-as-root", bind_privileged_as_root, TCP6},
    {"tcp4-bind-unspecified-family", bind_unspecified_family, TCP4},
    {"udp4-bind-unspecified-family", bind_unspecified_family, UDP4},
    {"tcp4-bind-reserved-port", bind_reserved_port, TCP4},
    {"tcp4-bind-reuseport-group", bind_reuseport_group, TCP4},
    {"udp6-bind-reuseport-group", bind_reuseport_group, UDP6},
    {"tcp4-bind-ten-times", bind_one_after_another, TCP4},
    {"udp4-bind-ten-times", bind_one_after_another, UDP4},
    {"tcp4-bind-io_uring", bind_port, TCP4, BY_URING_BIND},
    {"tcp6-bind-io_uring", bind_port, TCP6, BY_URING_BIND},
    {"udp4-bind-io_uring", bind_port, UDP4, BY_URING_BIND},
    {"udp6-bind-io_uring", bind_port, UDP6, BY_URING_BIND},
    {"mptcp4-bind-io_uring", bind_port, MPTCP4, BY_URING_BIND},
    {"sctp4-bind-io_uring", bind_port, SCTP4, BY_URING_BIND},
    {"ping4-bind-io_uring", bind_port, PING4, BY_URING_BIND},
    {"raw4-bind-io_uring", bind_port, RAW4, BY_URING_BIND},
    {"tcp4-bind-port-0-io_uring", bind_port_zero, TCP4, BY_URING_BIND},
    {"tcp4-bind-together-io_uring", bind_together, TCP4, BY_URING_BIND},
    {"udp6-bind-together-io_uring", bind_together, UDP6, BY_URING_BIND},
    {"mptcp4-bind-together-io_uring", bind_together, MPTCP4, BY_URING_BIND},
};
THEME(bind, scenarios);
