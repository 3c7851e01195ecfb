// SPDX-License-Identifier: GPL-2.0
/* Listens, and what they are refused for. */
#include <errno.h>
#include <fcntl.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

static void listen_bound(struct scene *t)
{
    scene_listen(t, scene_bound(t, 8080), 16, 0);
}

static void listen_unbound(struct scene *t)
{
    int fd = scene_socket(t);

    scene_listen(t, fd, 5, 0);
    scene_require(t, scene_port(t, fd) != 0);
}

static void listen_again(struct scene *t)
{
    int fd = scene_bound(t, 8081);

    scene_listen(t, fd, 1, 0);
    scene_listen(t, fd, 64, 0);
}

static void listen_backlogs(struct scene *t)
{
    scene_listen(t, scene_bound(t, 8082), 0, 0);
    scene_listen(t, scene_bound(t, 8083), -1, 0);
    scene_listen(t, scene_bound(t, 8084), 100000, 0);
}

static void listen_unsupported(struct scene *t)
{
    scene_listen(t, scene_bound(t, 8085), 5, EOPNOTSUPP);
    scene_expect_reason(t, REASON_NOT_SUPPORTED);
}

static void listen_connected(struct scene *t)
{
    int client;

    scene_listener(t, 8086);
    client = scene_socket(t);
    scene_connect(t, client, loopback(t->scenario->family, 8086), 0);
    scene_listen(t, client, 5, EINVAL);
    scene_expect_reason(t, REASON_SOCKET_STATE);
}

static void listen_bad_descriptor(struct scene *t)
{
    scene_listen(t, 999, 5, EBADF);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void listen_no_socket(struct scene *t)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    scene_require(t, fd >= 0);
    scene_listen(t, fd, 5, ENOTSOCK);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void listen_exhausted(struct scene *t)
{
    scene_one_ephemeral_port(t, 40000);
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 40000), 0);
    scene_listen(t, scene_socket(t), 5, EADDRINUSE);
    scene_expect_reason(t, REASON_RANGE_EXHAUSTED);
}

static int bound_reusable(struct scene *t, uint16_t port)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_SOCKET, SO_REUSEADDR, 1);
    scene_bind(t, fd, loopback(t->scenario->family, port), 0);
    return fd;
}

static void listen_reuseaddr_pair(struct scene *t)
{
    int first = bound_reusable(t, 8087);
    int second = bound_reusable(t, 8087);

    scene_listen(t, first, 5, 0);
    scene_listen(t, second, 5, EADDRINUSE);
    scene_expect_held(t, REASON_LISTENS_ALREADY, STATE_LISTEN, scene_pid(t));
}

static const struct scenario scenarios[] = {
    {"tcp4-listen", listen_bound, TCP4},
    {"tcp6-listen", listen_bound, TCP6},
    {"mptcp4-listen", listen_bound, MPTCP4},
    {"mptcp6-listen", listen_bound, MPTCP6},
    {"sctp4-listen", listen_bound, SCTP4},
    {"sctp6-listen", listen_bound, SCTP6},
    {"sctp-many4-listen", listen_bound, SCTPMANY4},
    {"tcp4-listen-unbound", listen_unbound, TCP4},
    {"tcp6-listen-unbound", listen_unbound, TCP6},
    {"mptcp4-listen-unbound", listen_unbound, MPTCP4},
    {"sctp4-listen-unbound", listen_unbound, SCTP4},
    {"tcp4-listen-again", listen_again, TCP4},
    {"tcp4-listen-backlogs", listen_backlogs, TCP4},
    {"udp4-listen", listen_unsupported, UDP4},
    {"udp6-listen", listen_unsupported, UDP6},
    {"tcp4-listen-connected", listen_connected, TCP4},
    {"tcp6-listen-connected", listen_connected, TCP6},
    {"tcp4-listen-bad-descriptor", listen_bad_descriptor, TCP4},
    {"tcp4-listen-no-socket", listen_no_socket, TCP4},
    {"tcp4-listen-exhausted", listen_exhausted, TCP4},
    {"tcp6-listen-exhausted", listen_exhausted, TCP6},
    {"tcp4-listen-reuseaddr-pair", listen_reuseaddr_pair, TCP4},
    {"tcp6-listen-reuseaddr-pair", listen_reuseaddr_pair, TCP6},
    {"tcp4-listen-io_uring", listen_bound, TCP4, BY_URING_BIND},
    {"tcp6-listen-io_uring", listen_bound, TCP6, BY_URING_BIND},
    {"mptcp4-listen-io_uring", listen_bound, MPTCP4, BY_URING_BIND},
    {"sctp4-listen-io_uring", listen_bound, SCTP4, BY_URING_BIND},
    {"tcp4-listen-unbound-io_uring", listen_unbound, TCP4, BY_URING_BIND},
    {"udp4-listen-io_uring", listen_unsupported, UDP4, BY_URING_BIND},
};
THEME(listen, scenarios);
