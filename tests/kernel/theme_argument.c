// SPDX-License-Identifier: GPL-2.0
/* Calls that are wrong in themselves. */
#include <errno.h>
#include <fcntl.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

static void already_bound(struct scene *t)
{
    scene_bind(t, scene_bound(t, 8080), loopback(t->scenario->family, 8081), EINVAL);
    scene_expect_reason(t, REASON_ALREADY_BOUND);
}

static void already_connected(struct scene *t)
{
    int listener = scene_listener(t, 8082);
    int client = scene_socket(t);

    scene_connect(t, client, loopback(t->scenario->family, 8082), 0);
    scene_accept(t, listener);
    scene_bind(t, client, loopback(t->scenario->family, 8083), EINVAL);
    scene_expect_reason(t, REASON_ALREADY_BOUND);
}

static void short_address(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8084);

    scene_bind_raw(t, scene_socket(t), &address.storage, 8, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void empty_address(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8084);

    scene_bind_raw(t, scene_socket(t), &address.storage, 0, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void long_address(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8085);

    scene_bind_raw(t, scene_socket(t), &address.storage, 129, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void negative_length(struct scene *t)
{
    struct address address = loopback(t->scenario->family, 8086);

    scene_bind_raw(t, scene_socket(t), &address.storage, -1, EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void bad_pointer(struct scene *t)
{
    scene_bind_raw(t, scene_socket(t), (void *)8, sizeof(struct sockaddr_in), EFAULT);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void bad_descriptor(struct scene *t)
{
    scene_bind(t, 999, loopback(t->scenario->family, 8087), EBADF);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void no_socket(struct scene *t)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    scene_require(t, fd >= 0);
    scene_bind(t, fd, loopback(t->scenario->family, 8088), ENOTSOCK);
    scene_expect_reason(t, REASON_BAD_ARGUMENT);
}

static void wrong_family(struct scene *t)
{
    struct address address = loopback(AF_INET6, 8089);

    address.storage.ss_family = t->scenario->family == AF_INET6 ? AF_INET : AF_INET6;
    scene_bind(t, scene_socket(t), address, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void unspecified_family_with_address(struct scene *t)
{
    struct address address = v4("127.0.0.1", 8090);

    address.storage.ss_family = AF_UNSPEC;
    scene_bind(t, scene_socket(t), address, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void link_local_without_scope(struct scene *t)
{
    scene_bind(t, scene_socket(t), v6("fe80::1", 8091), EINVAL);
    scene_expect_reason(t, REASON_SCOPE_MISSING);
}

static void link_local_of_no_device(struct scene *t)
{
    scene_bind(t, scene_socket(t), v6_scoped("fe80::1", 8092, 9999), ENODEV);
    scene_expect_reason(t, REASON_SCOPE_WRONG);
}

static void mapped_on_v6only(struct scene *t)
{
    int fd = scene_socket(t);

    scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, 1);
    scene_bind(t, fd, v6("::ffff:127.0.0.1", 8093), EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static void multicast(struct scene *t)
{
    scene_bind(t, scene_socket(t), v6("ff02::1", 8094), EINVAL);
    scene_expect_reason(t, REASON_WRONG_ADDRESS);
}

static const struct scenario scenarios[] = {
    {"tcp4-already-bound", already_bound, TCP4},
    {"tcp6-already-bound", already_bound, TCP6},
    {"udp4-already-bound", already_bound, UDP4},
    {"udp6-already-bound", already_bound, UDP6},
    {"mptcp4-already-bound", already_bound, MPTCP4},
    {"sctp4-already-bound", already_bound, SCTP4},
    {"ping4-already-bound", already_bound, PING4},
    {"tcp4-already-bound-io_uring", already_bound, TCP4, BY_URING_BIND},
    {"tcp4-already-connected", already_connected, TCP4},
    {"tcp4-short-address", short_address, TCP4},
    {"tcp6-short-address", short_address, TCP6},
    {"udp4-short-address", short_address, UDP4},
    {"udp6-short-address", short_address, UDP6},
    {"tcp4-empty-address", empty_address, TCP4},
    {"tcp4-long-address", long_address, TCP4},
    {"tcp6-long-address", long_address, TCP6},
    {"tcp4-negative-length", negative_length, TCP4},
    {"udp6-negative-length", negative_length, UDP6},
    {"tcp4-bad-pointer", bad_pointer, TCP4},
    {"tcp6-bad-pointer", bad_pointer, TCP6},
    {"tcp4-bad-descriptor", bad_descriptor, TCP4},
    {"tcp6-bad-descriptor", bad_descriptor, TCP6},
    {"tcp4-no-socket", no_socket, TCP4},
    {"tcp6-no-socket", no_socket, TCP6},
    {"tcp4-wrong-family", wrong_family, TCP4},
    {"tcp6-wrong-family", wrong_family, TCP6},
    {"udp4-wrong-family", wrong_family, UDP4},
    {"udp6-wrong-family", wrong_family, UDP6},
    {"tcp4-unspecified-family", unspecified_family_with_address, TCP4},
    {"tcp6-link-local-without-scope", link_local_without_scope, TCP6},
    {"udp6-link-local-without-scope", link_local_without_scope, UDP6},
    {"tcp6-no-device", link_local_of_no_device, TCP6},
    {"udp6-no-device", link_local_of_no_device, UDP6},
    {"tcp6-v4-mapped-on-v6only", mapped_on_v6only, TCP6},
    {"udp6-v4-mapped-on-v6only", mapped_on_v6only, UDP6},
    {"tcp6-multicast", multicast, TCP6},
};
THEME(argument, scenarios);
