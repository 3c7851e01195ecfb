// SPDX-License-Identifier: GPL-2.0
/* Addresses that are not there, and ranges of ports that are used up. */
#include <errno.h>
#include <string.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void not_local(struct scene *t)
{
    scene_bind(t, scene_socket(t), nowhere(t->scenario->family, 8080), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
}

/* Duplicate address detection takes a second in which the address cannot be used. */
static void tentative(struct scene *t)
{
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
    scene_require(t, address_add("pt0", AF_INET6, "2001:db8:1::1", 64) == 0);
    scene_bind(t, scene_socket(t), v6("2001:db8:1::1", 8081), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_TENTATIVE);
}

static void vrf_with_address(struct scene *t)
{
    scene_require(t, link_add_vrf("ptvrf", 100) == 0 && link_up("ptvrf") == 0);
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_enslave("pt0", "ptvrf") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
    scene_require(t, address_add("pt0", AF_INET, "192.0.2.10", 24) == 0);
}

static void outside_vrf(struct scene *t)
{
    vrf_with_address(t);
    scene_bind(t, scene_socket(t), v4("192.0.2.10", 8082), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_OTHER_VRF);
}

static int bound_to_device(struct scene *t, const char *device)
{
    int fd = scene_socket(t);

    scene_require(
        t, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) == 0);
    return fd;
}

static void inside_vrf(struct scene *t)
{
    vrf_with_address(t);
    scene_bind(t, bound_to_device(t, "ptvrf"), v4("192.0.2.10", 8083), 0);
    scene_bind(t, bound_to_device(t, "ptvrf"), v4("127.0.0.1", 8083), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_OTHER_VRF);
}

static void connect_exhausted(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8084);
    int listener = scene_listener(t, 8084);

    scene_one_ephemeral_port(t, 40000);
    scene_connect(t, scene_socket(t), address, 0);
    scene_accept(t, listener);
    scene_connect(t, scene_socket(t), address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_CONNECT_EXHAUSTED);
}

static void connect_all_bound(struct scene *t)
{
    scene_listener(t, 8085);
    scene_one_ephemeral_port(t, 40001);
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 40001), 0);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8085), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_CONNECT_EXHAUSTED);
}

static int reusable(struct scene *t, uint16_t port)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_bind(t, fd, loopback(t->scenario->family, port), 0);
    return fd;
}

static void connect_duplicate(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8086);
    int listener = scene_listener(t, 8086);
    int first = reusable(t, 8087), second = reusable(t, 8087);

    scene_connect(t, first, address, 0);
    scene_accept(t, listener);
    scene_connect(t, second, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_DUPLICATE_CONNECTION);
}

static void datagram_exhausted(struct scene *t)
{
    scene_one_ephemeral_port(t, 40002);
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 40002), 0);
}

static void connect_datagram_exhausted(struct scene *t)
{
    datagram_exhausted(t);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8088), EAGAIN);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
}

static void send_exhausted(struct scene *t)
{
    datagram_exhausted(t);
    scene_send(t, scene_socket(t), loopback(t->scenario->family, 8089), EAGAIN);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
}

static const struct scenario scenarios[] = {
    {"tcp4-not-local", not_local, TCP4},
    {"tcp6-not-local", not_local, TCP6},
    {"udp4-not-local", not_local, UDP4},
    {"udp6-not-local", not_local, UDP6},
    {"udplite4-not-local", not_local, UDPLITE4},
    {"mptcp4-not-local", not_local, MPTCP4},
    {"mptcp6-not-local", not_local, MPTCP6},
    {"sctp4-not-local", not_local, SCTP4},
    {"ping4-not-local", not_local, PING4},
    {"ping6-not-local", not_local, PING6},
    {"raw4-not-local", not_local, RAW4},
    {"raw6-not-local", not_local, RAW6},
    {"tcp4-not-local-io_uring", not_local, TCP4, BY_URING_BIND},
    {"tcp6-tentative", tentative, TCP6, .needs = FEATURE_VETH},
    {"udp6-tentative", tentative, UDP6, .needs = FEATURE_VETH},
    {"tcp4-outside-vrf", outside_vrf, TCP4, .needs = FEATURE_VRF | FEATURE_VETH},
    {"tcp4-inside-vrf", inside_vrf, TCP4, .needs = FEATURE_VRF | FEATURE_VETH},
    {"tcp4-connect-exhausted", connect_exhausted, TCP4},
    {"tcp6-connect-exhausted", connect_exhausted, TCP6},
    {"tcp4-connect-exhausted-io_uring", connect_exhausted, TCP4, BY_URING},
    {"tcp4-connect-all-bound", connect_all_bound, TCP4},
    {"tcp6-connect-all-bound", connect_all_bound, TCP6},
    {"tcp4-connect-duplicate", connect_duplicate, TCP4},
    {"tcp6-connect-duplicate", connect_duplicate, TCP6},
    {"udp4-connect-exhausted", connect_datagram_exhausted, UDP4},
    {"udp6-connect-exhausted", connect_datagram_exhausted, UDP6},
    {"udp4-send-exhausted", send_exhausted, UDP4},
    {"udp6-send-exhausted", send_exhausted, UDP6},
};
THEME(unavailable, scenarios);
