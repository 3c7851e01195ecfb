// SPDX-License-Identifier: GPL-2.0
/* Connects, sends that bind, and what they are refused for. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"
#include "tests/kernel/uring.h"

static void connect_listener(struct scene *t)
{
    int listener = scene_listener(t, 8080);
    int client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8080), 0);
    scene_accept(t, listener);
}

static void connect_one_to_many(struct scene *t)
{
    int client;

    scene_listener(t, 8080);
    client = scene_socket(t);
    scene_connect(t, client, loopback(t->scenario->family, 8080), 0);
}

static void connect_bound(struct scene *t)
{
    int listener = scene_listener(t, 8081);
    int client = scene_bound(t, 8082);

    scene_connect(t, client, loopback(t->scenario->family, 8081), 0);
    scene_accept(t, listener);
}

static void connect_datagram(struct scene *t)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, 8083), 0);
    scene_require(t, t->scenario->protocol == PROTOCOL_RAW || scene_port(t, fd) != 0);
}

static void connect_datagram_bound(struct scene *t)
{
    scene_connect(t, scene_bound(t, 8084), loopback(t->scenario->family, 8085), 0);
}

static void connect_datagram_twice(struct scene *t)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, 8086), 0);
    scene_connect(t, fd, loopback(t->scenario->family, 8087), 0);
}

static void connect_mapped(struct scene *t)
{
    int listener = scene_socket_of(t, PROTOCOL_TCP, AF_INET);
    int client;

    scene_bind(t, listener, v4("127.0.0.1", 8088), 0);
    scene_listen(t, listener, 5, 0);
    client = scene_socket(t);
    scene_option(t, client, SOL_IPV6, IPV6_V6ONLY, 0);
    scene_connect(t, client, v6("::ffff:127.0.0.1", 8088), 0);
    scene_accept(t, listener);
}

static void connect_nonblocking(struct scene *t)
{
    int listener = scene_listener(t, 8089);
    int client = scene_socket(t);

    scene_require(t, fcntl(client, F_SETFL, O_NONBLOCK) == 0);
    scene_connect(t, client, loopback(t->scenario->family, 8089), EINPROGRESS);
    scene_accept(t, listener);
}

/* A listener whose queue is full leaves the next caller waiting. */
static void connect_already(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8090);
    int fd = scene_bound(t, 8090), waiting;

    scene_listen(t, fd, 0, 0);
    scene_connect(t, scene_socket(t), address, 0);
    waiting = scene_socket(t);
    scene_require(t, fcntl(waiting, F_SETFL, O_NONBLOCK) == 0);
    scene_connect(t, waiting, address, EINPROGRESS);
    scene_connect(t, waiting, address, EALREADY);
    scene_expect_reason(t, REASON_SOCKET_STATE);
}

/* Refused by the time that its call returns, so that it has used a port and has none any more. */
static void connect_refused_meanwhile(struct scene *t)
{
    int client = scene_socket(t);

    scene_require(t, fcntl(client, F_SETFL, O_NONBLOCK) == 0);
    scene_connect(t, client, loopback(t->scenario->family, 8099), EINPROGRESS);
}

/* Its errno is told once: what asks by connect() after SO_ERROR hears that it failed, not why. */
static void connect_failed_earlier(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8099);
    int client = scene_bound(t, 8098), error = 0; /* else getsockname() tells a port that is gone */
    socklen_t size = sizeof(error);

    scene_require(t, fcntl(client, F_SETFL, O_NONBLOCK) == 0);
    scene_connect(t, client, address, EINPROGRESS);
    scene_require(t, getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &size) == 0);
    scene_require(t, error == ECONNREFUSED);
    scene_connect(t, client, address, ECONNABORTED);
    scene_expect_reason(t, REASON_SOCKET_STATE);
    scene_connect(t, scene_socket(t), address, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

/* Once more without a connection, when the port may be another's already. */
static void connect_taken_back(struct scene *t)
{
    int listener = scene_listener(t, 8079), client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8079), 0);
    scene_accept(t, listener);
    scene_disconnect(t, client);
    scene_disconnect(t, client);
}

/* As a look-up of names does it for each address, by one socket: each time another port. */
static int looked_up(struct scene *t)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, loopback(t->scenario->family, 8107), 0);
    scene_disconnect(t, fd);
    scene_connect(t, fd, loopback(t->scenario->family, 8108), 0);
    scene_disconnect(t, fd);
    return fd;
}

static void connect_datagram_taken_back(struct scene *t)
{
    looked_up(t);
}

static void connect_datagram_then_send(struct scene *t)
{
    int fd = looked_up(t);

    scene_send(t, fd, loopback(t->scenario->family, 8109), 0);
    scene_close(t, fd);
}

static void no_more_than_interrupt(int number)
{
    (void)number;
}

/* With a time to give up after, or the call would be made again by itself. */
static void connect_interrupted(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8098);
    struct timeval patience = {.tv_sec = 60}, often = {.tv_usec = 50000};
    struct itimerval alarms = {often, often}, none = {{0, 0}, {0, 0}};
    struct sigaction action = {.sa_handler = no_more_than_interrupt};
    int fd = scene_bound(t, 8098), waiting;

    scene_listen(t, fd, 0, 0);
    scene_connect(t, scene_socket(t), address, 0);
    waiting = scene_socket(t);
    scene_require(t,
                  setsockopt(waiting, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) == 0);
    scene_require(t, sigaction(SIGALRM, &action, NULL) == 0);
    scene_require(t, setitimer(ITIMER_REAL, &alarms, NULL) == 0);
    scene_connect(t, waiting, address, EINTR);
    scene_require(t, setitimer(ITIMER_REAL, &none, NULL) == 0);
    scene_close(t, waiting);
}

static void connect_refused(struct scene *t)
{
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8091), ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

static void connect_twice(struct scene *t)
{
    int listener = scene_listener(t, 8092);
    int client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8092), 0);
    scene_accept(t, listener);
    scene_connect(t, client, loopback(t->scenario->family, 8092), EISCONN);
    scene_expect_reason(t, REASON_SOCKET_STATE);
}

static void connect_unreachable(struct scene *t)
{
    scene_connect(t, scene_socket(t), nowhere(t->scenario->family, 8093), ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
}

static void connect_broadcast(struct scene *t)
{
    int fd = scene_socket(t);

    scene_connect(t, fd, v4("127.255.255.255", 8094), EACCES);
    scene_expect_reason(t, REASON_UNKNOWN);
    scene_advice(t, "SO_BROADCAST");
    scene_option(t, fd, SOL_SOCKET, SO_BROADCAST, 1);
    scene_connect(t, fd, v4("127.255.255.255", 8094), 0);
}

/* Whether the command that the advice begins with says this. */
static bool answers(const char *help, const char *words)
{
    char line[SCENE_HELP_SIZE + 64];

    snprintf(line, sizeof(line), "%.*s 2>&1 | grep -q '%s'", (int)strcspn(help, "("), help, words);
    return system(line) == 0;
}

static void connect_prohibited(struct scene *t)
{
    int family = t->scenario->family;
    const char *to = family == AF_INET6 ? "2001:db8::" : "192.0.2.0";
    unsigned int prefix = family == AF_INET6 ? 64 : 24;
    struct address peer = nowhere(family, 8106);
    bool broadcasts = family == AF_INET && t->scenario->protocol == PROTOCOL_UDP;
    const char *help;

    scene_require(t, route_prohibit(family, to, prefix) == 0);
    scene_connect(t, scene_socket(t), peer, EACCES);
    scene_expect_reason(t, REASON_UNKNOWN);
    if (broadcasts)
        scene_advice(t, "SO_BROADCAST");
    else
        scene_no_advice(t, "SO_BROADCAST");
    help = scene_advice(t, "ip route get");
    scene_require(t, !help || answers(help, "Permission denied"));
    scene_require(t, route_delete(family, to, prefix) == 0);
    scene_connect(t, scene_socket(t), peer, ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
}

static void connect_into_blackhole(struct scene *t)
{
    int family = t->scenario->family;
    const char *to = family == AF_INET6 ? "2001:db8::" : "192.0.2.0";
    unsigned int prefix = family == AF_INET6 ? 64 : 24;
    struct address peer = nowhere(family, 8107);
    const char *help;

    scene_require(t, route_blackhole(family, to, prefix) == 0);
    scene_connect(t, scene_socket(t), peer, EINVAL);
    scene_expect_reason(t, REASON_UNKNOWN);
    help = scene_advice(t, "ip route get");
    scene_require(t, !help || answers(help, "Invalid argument"));
    scene_require(t, route_delete(family, to, prefix) == 0);
    scene_connect(t, scene_socket(t), peer, ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
}

static void veth_up(struct scene *t)
{
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    scene_require(t, link_up("pt0") == 0 && link_up("pt1") == 0);
}

/* Near miss: to an address of this host. */
static void connect_from_loopback(struct scene *t)
{
    bool mapped = t->scenario->family == AF_INET6;
    struct address own = mapped ? v6("::ffff:127.0.0.1", 8110) : v4("127.0.0.1", 8110);
    struct address peer = mapped ? v6("::ffff:192.0.2.9", 8111) : v4("192.0.2.9", 8111);
    struct address here = mapped ? v6("::ffff:192.0.2.1", 8111) : v4("192.0.2.1", 8111);
    bool stream = t->scenario->protocol == PROTOCOL_TCP;
    int fd = scene_socket(t);
    const char *help;

    veth_up(t);
    scene_require(t, address_add("pt0", AF_INET, "192.0.2.1", 24) == 0);
    scene_bind(t, fd, own, 0);
    scene_connect(t, fd, peer, EINVAL);
    scene_expect_reason(t, REASON_UNREACHABLE);
    help = scene_advice(t, "ip route get");
    scene_require(t, !help || answers(help, "Invalid argument"));
    scene_connect(t, fd, here, stream ? ECONNREFUSED : 0);
    if (stream)
        scene_expect_reason(t, REASON_NOBODY_LISTENS);
    else
        scene_connect(t, scene_socket(t), peer, 0);
}

static void connect_mapped_on_v6only(struct scene *t)
{
    struct address peer = v6("::ffff:127.0.0.1", 8112);
    bool stream = t->scenario->protocol == PROTOCOL_TCP;
    int bound = scene_socket(t), fd = scene_socket(t);

    scene_bind(t, bound, loopback(AF_INET6, 8113), 0);
    scene_connect(t, bound, peer, ENETUNREACH);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_no_advice(t, "V6ONLY");
    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    scene_connect(t, fd, peer, ENETUNREACH);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, "V6ONLY off");
    fd = scene_socket(t);
    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 0);
    scene_connect(t, fd, peer, stream ? ECONNREFUSED : 0);
    if (stream)
        scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

static void connect_from_mapped(struct scene *t)
{
    struct address peer = loopback(AF_INET6, 8114);
    int fd = scene_socket(t);

    scene_bind(t, fd, v6("::ffff:127.0.0.1", 8115), 0);
    scene_connect(t, fd, peer, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, "bound to an IPv6 address, or to none");
    scene_connect(t, scene_socket(t), peer, ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

static void connect_to_many(struct scene *t)
{
    if (t->scenario->family == AF_INET) {
        scene_connect(t, scene_socket(t), v4("127.255.255.255", 8116), ENETUNREACH);
        scene_expect_reason(t, REASON_WRONG_ADDRESS);
        scene_connect(t, scene_socket(t), v4("224.0.0.1", 8116), ENETUNREACH);
    } else {
        scene_connect(t, scene_socket(t), v6("ff0e::1", 8116), ENETUNREACH);
    }
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
    scene_advice(t, "datagram socket");
    scene_connect(t, scene_socket(t), nowhere(t->scenario->family, 8116), ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
}

/* The way of the device, which has none. */
static void connect_by_device(struct scene *t)
{
    int fd = scene_socket(t);

    veth_up(t);
    scene_require(t, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "pt0", 3) == 0);
    scene_connect(t, fd, nowhere(AF_INET6, 8117), ENETUNREACH);
    scene_expect_reason(t, REASON_UNREACHABLE);
    scene_advice(t, "ip route get 2001:db8::1 oif pt0");
}

static void connect_wrong_family(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8095);

    address.storage.ss_family = AF_APPLETALK;
    scene_connect(t, scene_socket(t), address, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void connect_short(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8096);

    scene_connect_raw(t, scene_socket(t), &address.storage, 8, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void connect_bad_pointer(struct scene *t)
{
    scene_connect_raw(t, scene_socket(t), (void *)8, sizeof(struct sockaddr_in), EFAULT);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void connect_bad_descriptor(struct scene *t)
{
    scene_connect(t, 999, loopback(t->scenario->family, 8097), EBADF);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void connect_no_socket(struct scene *t)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    scene_require(t, fd >= 0);
    scene_connect(t, fd, loopback(t->scenario->family, 8098), ENOTSOCK);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void send_unbound(struct scene *t)
{
    int fd = scene_socket(t);

    scene_send(t, fd, loopback(t->scenario->family, 8099), 0);
    scene_require(t, scene_port(t, fd) != 0);
}

static void fastopen(struct scene *t)
{
    int listener = scene_listener(t, 8100);
    int client = scene_socket(t);

    scene_fastopen(t, client, loopback(t->scenario->family, 8100), 0);
    scene_accept(t, listener);
}

static void fastopen_refused(struct scene *t)
{
    scene_fastopen(t, scene_socket(t), loopback(t->scenario->family, 8101), ECONNREFUSED);
    scene_expect_reason(t, REASON_NOBODY_LISTENS);
}

/* A listener whose queue is full keeps a connect waiting. */
static struct address full_listener(struct scene *t, uint16_t port)
{
    struct address address = loopback(t->scenario->family, port);

    scene_listen(t, scene_bound(t, port), 0, 0);
    scene_connect(t, scene_socket(t), address, 0);
    usleep(50000);
    return address;
}

/* What io_uring keeps waiting is not what the thread does in the meantime. */
static void connect_waiting(struct scene *t)
{
    struct sockaddr_un nobody = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};
    int pair[2], other = socket(AF_UNIX, SOCK_STREAM, 0);
    struct address address = full_listener(t, 8102);

    scene_require(t, uring_connect_begin(scene_socket(t), &address.storage, address.size) == 0);
    scene_require(t, socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    scene_require(t, send(pair[0], "x", 1, 0) == 1);
    scene_require(t, connect(other, (struct sockaddr *)&nobody, sizeof(nobody)) == -1);
    scene_bound(t, 8103);
}

/* The memory of a request that was cancelled is the next one's. */
static void connect_after_cancel(struct scene *t)
{
    struct address address = full_listener(t, 8104);
    int listener = scene_listener(t, 8105), fd = scene_socket(t), i;

    scene_connect_cancelled(t, fd, address);
    scene_expect_reason(t, REASON_UNKNOWN);
    scene_require(t, close(fd) == 0);
    t->entry = PT_ENTRY_IO_URING;
    for (i = 0; i < 20; i++) {
        scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8105), 0);
        scene_accept(t, listener);
    }
}

static const struct scenario scenarios[] = {
    {"tcp4-connect", connect_listener, TCP4},
    {"tcp6-connect", connect_listener, TCP6},
    {"mptcp4-connect", connect_listener, MPTCP4},
    {"mptcp6-connect", connect_listener, MPTCP6},
    {"sctp4-connect", connect_listener, SCTP4},
    {"sctp6-connect", connect_listener, SCTP6},
    {"sctp-many4-connect", connect_one_to_many, SCTPMANY4},
    {"tcp4-connect-bound", connect_bound, TCP4},
    {"tcp6-connect-bound", connect_bound, TCP6},
    {"udp4-connect", connect_datagram, UDP4},
    {"udp6-connect", connect_datagram, UDP6},
    {"udplite4-connect", connect_datagram, UDPLITE4},
    {"udplite6-connect", connect_datagram, UDPLITE6},
    {"ping4-connect", connect_datagram, PING4},
    {"ping6-connect", connect_datagram, PING6},
    {"raw4-connect", connect_datagram, RAW4},
    {"raw6-connect", connect_datagram, RAW6},
    {"udp4-connect-bound", connect_datagram_bound, UDP4},
    {"udp6-connect-bound", connect_datagram_bound, UDP6},
    {"udp4-connect-twice", connect_datagram_twice, UDP4},
    {"udp4-connect-taken-back", connect_datagram_then_send, UDP4},
    {"udp6-connect-taken-back", connect_datagram_then_send, UDP6},
    {"tcp6-connect-v4-mapped", connect_mapped, TCP6},
    {"tcp4-connect-nonblocking", connect_nonblocking, TCP4},
    {"tcp6-connect-nonblocking", connect_nonblocking, TCP6},
    {"tcp4-connect-refused-meanwhile", connect_refused_meanwhile, TCP4},
    {"tcp6-connect-refused-meanwhile", connect_refused_meanwhile, TCP6},
    {"tcp4-connect-failed-earlier", connect_failed_earlier, TCP4},
    {"tcp6-connect-failed-earlier", connect_failed_earlier, TCP6},
    {"tcp4-connect-taken-back", connect_taken_back, TCP4},
    {"tcp6-connect-taken-back", connect_taken_back, TCP6},
    {"tcp4-connect-interrupted", connect_interrupted, TCP4},
    {"tcp6-connect-interrupted", connect_interrupted, TCP6},
    {"mptcp4-connect-interrupted", connect_interrupted, MPTCP4},
    {"tcp4-connect-already", connect_already, TCP4},
    {"tcp6-connect-already", connect_already, TCP6},
    {"tcp4-connect-refused", connect_refused, TCP4},
    {"tcp6-connect-refused", connect_refused, TCP6},
    {"mptcp4-connect-refused", connect_refused, MPTCP4},
    {"sctp4-connect-refused", connect_refused, SCTP4},
    {"tcp4-connect-twice", connect_twice, TCP4},
    {"tcp6-connect-twice", connect_twice, TCP6},
    {"tcp4-connect-unreachable", connect_unreachable, TCP4},
    {"tcp6-connect-unreachable", connect_unreachable, TCP6},
    {"udp4-connect-unreachable", connect_unreachable, UDP4},
    {"udp6-connect-unreachable", connect_unreachable, UDP6},
    {"udp4-connect-broadcast", connect_broadcast, UDP4},
    {"tcp4-connect-prohibited", connect_prohibited, TCP4},
    {"tcp6-connect-prohibited", connect_prohibited, TCP6},
    {"udp4-connect-prohibited", connect_prohibited, UDP4},
    {"udp6-connect-prohibited", connect_prohibited, UDP6},
    {"tcp4-connect-into-blackhole", connect_into_blackhole, TCP4},
    {"tcp6-connect-into-blackhole", connect_into_blackhole, TCP6},
    {"udp4-connect-into-blackhole", connect_into_blackhole, UDP4},
    {"udp6-connect-into-blackhole", connect_into_blackhole, UDP6},
    {"tcp4-connect-from-loopback", connect_from_loopback, TCP4, .needs = FEATURE_VETH},
    {"tcp6-connect-from-loopback", connect_from_loopback, TCP6, .needs = FEATURE_VETH},
    {"udp4-connect-from-loopback", connect_from_loopback, UDP4, .needs = FEATURE_VETH},
    {"tcp6-connect-v4-mapped-on-v6only", connect_mapped_on_v6only, TCP6},
    {"udp6-connect-v4-mapped-on-v6only", connect_mapped_on_v6only, UDP6},
    {"tcp6-connect-from-v4-mapped", connect_from_mapped, TCP6},
    {"tcp4-connect-to-many", connect_to_many, TCP4},
    {"tcp6-connect-to-many", connect_to_many, TCP6},
    {"tcp6-connect-by-device", connect_by_device, TCP6, .needs = FEATURE_VETH},
    {"tcp4-connect-wrong-family", connect_wrong_family, TCP4},
    {"tcp6-connect-wrong-family", connect_wrong_family, TCP6},
    {"udp4-connect-wrong-family", connect_wrong_family, UDP4},
    {"tcp4-connect-short-address", connect_short, TCP4},
    {"tcp6-connect-short-address", connect_short, TCP6},
    {"tcp4-connect-bad-pointer", connect_bad_pointer, TCP4},
    {"tcp4-connect-bad-descriptor", connect_bad_descriptor, TCP4},
    {"tcp4-connect-no-socket", connect_no_socket, TCP4},
    {"udp4-send-unbound", send_unbound, UDP4},
    {"udp6-send-unbound", send_unbound, UDP6},
    {"udplite4-send-unbound", send_unbound, UDPLITE4},
    {"tcp4-fastopen", fastopen, TCP4},
    {"tcp6-fastopen", fastopen, TCP6},
    {"tcp4-fastopen-refused", fastopen_refused, TCP4},
    {"tcp4-connect-io_uring", connect_listener, TCP4, BY_URING},
    {"tcp6-connect-io_uring", connect_listener, TCP6, BY_URING},
    {"mptcp4-connect-io_uring", connect_listener, MPTCP4, BY_URING},
    {"udp4-connect-io_uring", connect_datagram, UDP4, BY_URING},
    {"udp6-connect-io_uring", connect_datagram, UDP6, BY_URING},
    {"udp4-connect-taken-back-io_uring", connect_datagram_taken_back, UDP4, BY_URING},
    {"udp6-connect-taken-back-io_uring", connect_datagram_taken_back, UDP6, BY_URING},
    {"tcp4-connect-refused-io_uring", connect_refused, TCP4, BY_URING},
    {"tcp4-connect-unreachable-io_uring", connect_unreachable, TCP4, BY_URING},
    {"tcp4-connect-waiting-io_uring", connect_waiting, TCP4, .needs = FEATURE_IO_URING},
    {"tcp4-connect-after-cancel-io_uring", connect_after_cancel, TCP4, .needs = FEATURE_IO_URING},
};
THEME(connect, scenarios);
