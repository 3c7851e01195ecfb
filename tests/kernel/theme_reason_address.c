// SPDX-License-Identifier: GPL-2.0
/* Addresses, arguments and states that bind() and listen() refuse, and what does. */
#include <errno.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void ask(struct scene *t, struct address address, int want)
{
    scene_bind(t, scene_socket(t), address, want);
}

static int bound_to_device(struct scene *t, const char *device)
{
    int fd = scene_socket(t);

    scene_require(
        t, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) == 0);
    return fd;
}

static void veth_up(struct scene *t)
{
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
}

static void absent(struct scene *t)
{
    struct address address = nowhere(t->scenario->family, 8270);
    bool is_ipv6 = t->scenario->family == AF_INET6;

    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
    if (!scene_follow(t, is_ipv6 ? "sysctl -w net.ipv6.ip_nonlocal_bind"
                                 : "sysctl -w net.ipv4.ip_nonlocal_bind"))
        scene_sysctl(t, is_ipv6 ? "ipv6/ip_nonlocal_bind" : "ipv4/ip_nonlocal_bind", "1");
    ask(t, address, 0);
}

static void absent_freebind(struct scene *t)
{
    struct address address = nowhere(t->scenario->family, 8271);
    int fd = scene_socket(t);

    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
    scene_advice(t, "_FREEBIND");
    if (t->scenario->family == AF_INET6)
        scene_option(t, fd, SOL_IPV6, IPV6_FREEBIND, 1);
    else
        scene_option(t, fd, SOL_IP, IP_FREEBIND, 1);
    scene_bind(t, fd, address, 0);
}

/* Near miss: the host has it, and so has somebody the port. */
static void absent_not(struct scene *t)
{
    scene_bound(t, 8272);
    ask(t, loopback(t->scenario->family, 8272), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

/* Whether any address of this net namespace still is: a bit in the line of each. */
static bool is_tentative(struct scene *t)
{
    FILE *addresses = fopen("/proc/net/if_inet6", "re");
    unsigned int flags;
    bool found = false;

    scene_require(t, addresses != NULL);
    while (!found && fscanf(addresses, "%*s %*x %*x %*x %x %*s", &flags) == 1)
        found = flags & IFA_F_TENTATIVE;
    fclose(addresses);
    return found;
}

static void await_detection(struct scene *t)
{
    for (int tries = 0; is_tentative(t) && tries < 100; tries++)
        usleep(100000);
}

static void tentative(struct scene *t)
{
    struct address address = v6("2001:db8:1::1", 8273);

    veth_up(t);
    scene_require(t, address_add("pt0", AF_INET6, "2001:db8:1::1", 64) == 0);
    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_TENTATIVE);
    scene_advice(t, "again");
    await_detection(t);
    ask(t, address, 0);
}

/* Where nobody can be asked it waits for ever. */
static void tentative_down(struct scene *t)
{
    struct address address = v6("2001:db8:3::1", 8307);

    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, address_add("pt0", AF_INET6, "2001:db8:3::1", 64) == 0);
    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_TENTATIVE);
    if (!scene_follow(t, "ip link set pt0 up"))
        scene_require(t, link_up("pt0") == 0);
    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_TENTATIVE);
    scene_advice(t, "ip link show pt0 (NO-CARRIER");
    scene_require(t, link_up("pt1") == 0);
    await_detection(t);
    ask(t, address, 0);
}

/* With nodad it can be used at once. */
static void tentative_not(struct scene *t)
{
    veth_up(t);
    scene_require(t, address_add_nodad("pt0", "2001:db8:2::1", 64) == 0);
    ask(t, v6("2001:db8:2::1", 8274), 0);
    ask(t, v6("2001:db8:2::2", 8274), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
}

static void scope_missing(struct scene *t)
{
    veth_up(t);
    scene_require(t, address_add_nodad("pt0", "fe80::77", 64) == 0);
    ask(t, v6("fe80::77", 8275), EINVAL);
    scene_expect_reason(t, REASON_SCOPE_MISSING);
    scene_advice(t, "%pt0");
    ask(t, v6_scoped("fe80::77", 8275, if_nametoindex("pt0")), 0);
}

static void scope_of_multicast(struct scene *t)
{
    veth_up(t);
    ask(t, v6("ff02::77", 8300), EINVAL);
    scene_expect_reason(t, REASON_SCOPE_MISSING);
    scene_advice(t, "ff02::77%DEVICE");
    scene_follow(t, "ip link");
    ask(t, v6_scoped("ff02::77", 8300, if_nametoindex("pt0")), 0);
}

static void scope_of_other_device(struct scene *t)
{
    veth_up(t);
    scene_require(t, address_add_nodad("pt0", "fe80::78", 64) == 0);
    ask(t, v6_scoped("fe80::78", 8276, if_nametoindex("pt1")), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_OTHER_VRF);
    scene_advice(t, "%pt0");
    ask(t, v6_scoped("fe80::78", 8276, if_nametoindex("pt0")), 0);
}

static void scope_wrong(struct scene *t)
{
    veth_up(t);
    ask(t, v6_scoped("fe80::79", 8277, 9999), ENODEV);
    scene_expect_reason(t, REASON_SCOPE_WRONG);
    scene_follow(t, "ip link");
    scene_require(t, address_add_nodad("pt0", "fe80::79", 64) == 0);
    ask(t, v6_scoped("fe80::79", 8277, if_nametoindex("pt0")), 0);
}

static void vrf_with(struct scene *t, int family, const char *address, unsigned int prefix)
{
    scene_require(t, link_add_vrf("ptvrf", 100) == 0 && link_up("ptvrf") == 0);
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_enslave("pt0", "ptvrf") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
    scene_require(t, (family == AF_INET6 ? address_add_nodad("pt0", address, prefix)
                                         : address_add("pt0", family, address, prefix)) == 0);
}

static void other_vrf(struct scene *t)
{
    struct address address =
        t->scenario->family == AF_INET6 ? v6("2001:db8:3::1", 8278) : v4("192.0.2.10", 8278);

    if (t->scenario->family == AF_INET6)
        vrf_with(t, AF_INET6, "2001:db8:3::1", 64);
    else
        vrf_with(t, AF_INET, "192.0.2.10", 24);
    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_OTHER_VRF);
    scene_advice(t, "ptvrf");
    scene_bind(t, bound_to_device(t, "ptvrf"), address, 0);
    /* Near miss: in the VRF, and there is no such address anywhere. */
    scene_bind(t, bound_to_device(t, "ptvrf"), nowhere(t->scenario->family, 8279), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
}

static void wrong_family(struct scene *t)
{
    int other = t->scenario->family == AF_INET6 ? AF_INET : AF_INET6;
    struct address address = loopback(other, 8280);

    address.size = sizeof(struct sockaddr_in6);
    ask(t, address, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, "with the family of the address");
    scene_bind(t, scene_socket_of(t, t->scenario->protocol, other), loopback(other, 8280), 0);
}

static void wrong_size(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8281);

    scene_bind_raw(t, scene_socket(t), &address.storage, (int)address.size - 8, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, t->scenario->family == AF_INET6 ? "sizeof(struct sockaddr_in6)"
                                                    : "sizeof(struct sockaddr_in)");
    scene_bind_raw(t, scene_socket(t), &address.storage, (int)address.size, 0);
}

/* The lengths at which the kernel's answer turns. A sockaddr_in6 may lack its scope. */
static void size_at_limits(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8282);
    int least = t->scenario->family == AF_INET6 ? 24 : 16;

    scene_bind_raw(t, scene_socket(t), &address.storage, least - 1, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_bind_raw(t, scene_socket(t), &address.storage, least, 0);
    scene_bind_raw(t, scene_socket(t), &address.storage, 128, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static void mapped_on_v6only(struct scene *t)
{
    struct address address = v6("::ffff:127.0.0.1", 8283);
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    scene_bind(t, fd, address, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, "V6ONLY off");
    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    scene_bind(t, fd, address, 0);
}

static void bad_descriptor(struct scene *t)
{
    int fd = scene_socket(t);

    scene_require(t, close(fd) == 0);
    scene_bind(t, fd, loopback(t->scenario->family, 8284), EBADF);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
    scene_advice(t, "who closed the descriptor");
    ask(t, loopback(t->scenario->family, 8284), 0);
}

/* Near miss: from memory that can be read the call comes as far as the port. */
static void bad_pointer(struct scene *t)
{
    int fd = scene_socket(t);

    scene_bound(t, 8285);
    scene_bind_raw(t, fd, (void *)8, sizeof(struct sockaddr_in), EFAULT);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
    scene_no_advice(t, "kill");
    scene_bind(t, fd, loopback(t->scenario->family, 8285), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
    scene_bind(t, fd, loopback(t->scenario->family, 8294), 0);
}

static void already_bound(struct scene *t)
{
    int fd = scene_bound(t, 8286);

    scene_bind(t, fd, loopback(t->scenario->family, 8287), EINVAL);
    scene_expect_reason(t, REASON_ALREADY_BOUND);
    scene_advice(t, "new socket");
    ask(t, loopback(t->scenario->family, 8287), 0);
}

/* The port that it has already, once more: also said to be its own. */
static void already_bound_same(struct scene *t)
{
    int fd = scene_bound(t, 8288);

    scene_bind(t, fd, loopback(t->scenario->family, 8288), EINVAL);
    scene_expect_reason(t, REASON_ALREADY_BOUND);
    scene_no_advice(t, "kill");
}

static void listen_connected(struct scene *t)
{
    int listener = scene_listener(t, 8289), fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, 8289), 0);
    scene_accept(t, listener);
    scene_listen(t, fd, 5, EINVAL);
    scene_expect_reason(t, REASON_SOCKET_STATE);
    scene_advice(t, "new socket");
    scene_listen(t, scene_socket(t), 5, 0);
}

/* As it is, it receives. */
static void listen_datagram(struct scene *t)
{
    int fd = scene_bound(t, 8290);
    char byte;

    scene_listen(t, fd, 5, EOPNOTSUPP);
    scene_expect_reason(t, REASON_NOT_SUPPORTED);
    scene_no_advice(t, "kill");
    scene_advice(t, "bind() is enough");
    scene_send(t, scene_socket(t), loopback(t->scenario->family, 8290), 0);
    scene_require(t, recv(fd, &byte, 1, 0) >= 0);
}

static void ipv6_disabled_bind(struct scene *t)
{
    struct address address = loopback(AF_INET6, 8302);

    scene_sysctl(t, "ipv6/conf/all/disable_ipv6", "1");
    ask(t, address, EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
    if (!scene_follow(t, "sysctl -w net.ipv6.conf.lo.disable_ipv6"))
        scene_sysctl(t, "ipv6/conf/lo/disable_ipv6", "0");
    ask(t, address, 0);
}

#define BY_VETH .needs = FEATURE_VETH
#define BY_VRF  .needs = (FEATURE_VRF | FEATURE_VETH)

static const struct scenario scenarios[] = {
    {"reason-tcp4-absent", absent, TCP4},
    {"reason-tcp6-absent", absent, TCP6},
    {"reason-udp4-absent", absent, UDP4},
    {"reason-tcp4-absent-freebind", absent_freebind, TCP4},
    {"reason-udp6-absent-freebind", absent_freebind, UDP6},
    {"reason-tcp4-absent-not", absent_not, TCP4},
    {"reason-tcp6-tentative", tentative, TCP6, BY_VETH},
    {"reason-udp6-tentative", tentative, UDP6, BY_VETH},
    {"reason-tcp6-tentative-down", tentative_down, TCP6, BY_VETH},
    {"reason-tcp6-tentative-not", tentative_not, TCP6, BY_VETH},
    {"reason-tcp6-scope-missing", scope_missing, TCP6, BY_VETH},
    {"reason-udp6-scope-missing", scope_missing, UDP6, BY_VETH},
    {"reason-udp6-scope-of-multicast", scope_of_multicast, UDP6, BY_VETH},
    {"reason-tcp6-scope-of-other-device", scope_of_other_device, TCP6, BY_VETH},
    {"reason-tcp6-scope-wrong", scope_wrong, TCP6, BY_VETH},
    {"reason-tcp4-other-vrf", other_vrf, TCP4, BY_VRF},
    {"reason-tcp6-other-vrf", other_vrf, TCP6, BY_VRF},
    {"reason-udp4-other-vrf", other_vrf, UDP4, BY_VRF},
    {"reason-tcp4-wrong-family", wrong_family, TCP4},
    {"reason-tcp6-wrong-family", wrong_family, TCP6},
    {"reason-tcp4-wrong-size", wrong_size, TCP4},
    {"reason-udp6-wrong-size", wrong_size, UDP6},
    {"reason-tcp4-size-at-limits", size_at_limits, TCP4},
    {"reason-tcp6-size-at-limits", size_at_limits, TCP6},
    {"reason-tcp6-mapped-on-v6only", mapped_on_v6only, TCP6},
    {"reason-tcp4-bad-descriptor", bad_descriptor, TCP4},
    {"reason-tcp4-bad-pointer", bad_pointer, TCP4},
    {"reason-tcp4-already-bound", already_bound, TCP4},
    {"reason-udp6-already-bound", already_bound, UDP6},
    {"reason-tcp4-already-bound-same", already_bound_same, TCP4},
    {"reason-tcp4-listen-connected", listen_connected, TCP4},
    {"reason-udp4-listen-datagram", listen_datagram, UDP4},
    {"reason-tcp6-ipv6-disabled-bind", ipv6_disabled_bind, TCP6},
    {"reason-udp6-ipv6-disabled-bind", ipv6_disabled_bind, UDP6},
};
THEME(reason_address, scenarios);
