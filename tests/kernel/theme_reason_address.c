// SPDX-License-Identifier: GPL-2.0
/* Addresses, arguments and states that do not do, and what does. */
#include <errno.h>
#include <linux/if_addr.h>
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

#define BY_VETH .needs = FEATURE_VETH
#define BY_VRF  .needs = (FEATURE_VRF | FEATURE_VETH)

/* A link-local peer is reached from an address of the same device, which has none here. */
static struct address link_local_peer(struct scene *t, uint16_t port)
{
    scene_sysctl(t, "ipv6/conf/default/addr_gen_mode", "1");
    veth_up(t);
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
    {"reason-tcp6-ipv6-disabled-bind", ipv6_disabled_bind, TCP6},
    {"reason-udp6-ipv6-disabled-bind", ipv6_disabled_bind, UDP6},
    {"reason-tcp4-loopback-down", loopback_down, TCP4},
    {"reason-tcp6-loopback-down", loopback_down, TCP6},
    {"reason-tcp4-timed-out", timed_out, TCP4},
    {"reason-tcp4-timed-out-here", timed_out_here, TCP4},
};
THEME(reason_address, scenarios);
