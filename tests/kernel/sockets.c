// SPDX-License-Identifier: GPL-2.0
/* How scenarios come to their sockets. */
#include <errno.h>
#include <unistd.h>

#include "tests/kernel/scene.h"

#define PROTOCOL_NUMBER_MPTCP 262
#define PROTOCOL_NUMBER_RAW   253 /* set aside for experiments by RFC 3692 */

struct socket_kind {
    int type;
    int protocol;
};

static struct socket_kind kind_of(enum protocol protocol, int family)
{
    static const struct socket_kind kinds[] = {
        [PROTOCOL_TCP] = {SOCK_STREAM, IPPROTO_TCP},
        [PROTOCOL_UDP] = {SOCK_DGRAM, IPPROTO_UDP},
        [PROTOCOL_UDPLITE] = {SOCK_DGRAM, IPPROTO_UDPLITE},
        [PROTOCOL_MPTCP] = {SOCK_STREAM, PROTOCOL_NUMBER_MPTCP},
        [PROTOCOL_SCTP] = {SOCK_STREAM, IPPROTO_SCTP},
        [PROTOCOL_SCTP_MANY] = {SOCK_SEQPACKET, IPPROTO_SCTP},
        [PROTOCOL_RAW] = {SOCK_RAW, PROTOCOL_NUMBER_RAW},
        [PROTOCOL_PING] = {SOCK_DGRAM, IPPROTO_ICMP},
    };
    struct socket_kind kind = kinds[protocol];

    if (protocol == PROTOCOL_PING && family == AF_INET6)
        kind.protocol = IPPROTO_ICMPV6;
    return kind;
}

int scene_socket_of(struct scene *t, enum protocol protocol, int family)
{
    struct socket_kind kind = kind_of(protocol, family);
    int fd;

    if (protocol == PROTOCOL_PING)
        scene_sysctl(t, "ipv4/ping_group_range", "0 2147483647");
    fd = socket(family, kind.type, kind.protocol);
    scene_require(t, fd >= 0);
    return fd;
}

int scene_socket(struct scene *t)
{
    return scene_socket_of(t, t->scenario->protocol, t->scenario->family);
}

void scene_option(struct scene *t, int fd, int level, int name, int value)
{
    scene_require(t, setsockopt(fd, level, name, &value, sizeof(value)) == 0);
}

/* What only prepares a scenario is always done by system calls. */
int scene_bound(struct scene *t, uint16_t port)
{
    enum pt_entry entry = t->entry;
    int fd = scene_socket(t);

    t->entry = PT_ENTRY_SYSCALL;
    scene_bind(t, fd, loopback(t->scenario->family, port), 0);
    t->entry = entry;
    return fd;
}

int scene_listener(struct scene *t, uint16_t port)
{
    enum pt_entry entry = t->entry;
    int fd = scene_bound(t, port);

    t->entry = PT_ENTRY_SYSCALL;
    scene_listen(t, fd, 8, 0);
    t->entry = entry;
    return fd;
}

void scene_refused(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), EADDRINUSE);
}

void scene_allowed(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), 0);
}
