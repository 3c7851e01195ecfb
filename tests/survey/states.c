// SPDX-License-Identifier: GPL-2.0
/* Sockets of each kind and in each state that holds a port. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"
#include "tests/survey/check.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { ESTABLISHED = 1, FIN_WAIT1 = 4, TIME_WAIT = 6, CLOSE = 7, LISTEN = 10 };

static bool is_v4_loopback(const struct pt_endpoint *endpoint)
{
    return endpoint->family == AF_INET && !memcmp(endpoint->address, "\x7f\0\0\1", 4);
}

static void is_own(struct scene *t, const struct holder *row, int fd)
{
    CHECK(t, row->process_count == 1 && row->seen.task.pid == (uint32_t)getpid());
    CHECK(t, row->seen.fd == fd && row->processes[0].fd == fd);
    CHECK(t, row->seen.flags & PT_HOLDER_OWNER_KNOWN && row->seen.flags & PT_HOLDER_UID_KNOWN);
    CHECK(t, !(row->seen.flags & (PT_HOLDER_KERNEL | PT_HOLDER_ORPHAN)));
    CHECK(t, row->seen.socket.inode && row->seen.source == PT_HOLDER_LOOKUP);
}

static void is_nobodys(struct scene *t, const struct holder *row)
{
    CHECK(t, row->process_count == 0 && !row->seen.task.pid && row->seen.fd == -1);
    CHECK(t, row->seen.flags & PT_HOLDER_ORPHAN);
    CHECK(t, !(row->seen.flags & (PT_HOLDER_OWNER_KNOWN | PT_HOLDER_KERNEL)));
}

static void bound_only(struct scene *t)
{
    int fd = scene_bound(AF_INET, SOCK_STREAM, 0, 2201);
    const struct holder *row;

    scene_look(t, 2201);
    row = scene_row(t, CLOSE);
    is_own(t, row, fd);
    CHECK(t, t->row_count == 1);
    CHECK(t, row->seen.flags & PT_HOLDER_BOUND && row->seen.flags & PT_HOLDER_BUCKET_KNOWN);
    CHECK(t, row->seen.fastreuse >= 0 && is_v4_loopback(&row->seen.local));
    close(fd);
}

static void datagrams(struct scene *t)
{
    int v4 = scene_bound(AF_INET, SOCK_DGRAM, 0, 2202);
    int v6 = scene_bound(AF_INET6, SOCK_DGRAM, 0, 2202);
    const struct holder *rows = NULL;

    scene_look(t, 2202);
    CHECK(t, t->row_count == 2);
    if (t->row_count == 2) {
        rows = t->rows;
        is_own(t, &rows[0], v4);
        is_own(t, &rows[1], v6);
        CHECK(t, rows[0].seen.socket.protocol == IPPROTO_UDP && rows[0].seen.socket.state == CLOSE);
        CHECK(t, is_v4_loopback(&rows[0].seen.local) && !rows[0].seen.peer.family);
        CHECK(t, rows[1].seen.local.family == AF_INET6 && rows[1].seen.local.address[15] == 1);
        CHECK(t, rows[1].seen.socket.options & PT_OPTION_V6ONLY);
        CHECK(t, !(rows[1].seen.flags & PT_HOLDER_BUCKET_KNOWN));
    }
    close(v4);
    close(v6);
}

static void other_protocol(struct scene *t, int type, int protocol, uint16_t port,
                           unsigned int state)
{
    int fd = scene_bound(AF_INET, type, protocol, port);

    NEED(t, fd >= 0);
    if (state == LISTEN)
        CHECK(t, !listen(fd, 1));
    scene_look(t, port);
    CHECK(t, t->row_count == 1);
    is_own(t, scene_row(t, state), fd);
    CHECK(t, scene_row(t, state)->seen.socket.protocol == protocol);
    CHECK(t, scene_row(t, state)->seen.local.port == port);
    close(fd);
}

static void udplite(struct scene *t)
{
    other_protocol(t, SOCK_DGRAM, IPPROTO_UDPLITE, 2203, CLOSE);
}

static void sctp(struct scene *t)
{
    other_protocol(t, SOCK_STREAM, IPPROTO_SCTP, 2204, LISTEN);
}

/* The inner socket that has the port is not told of beside it. */
static void mptcp(struct scene *t)
{
    other_protocol(t, SOCK_STREAM, IPPROTO_MPTCP, 2205, LISTEN);
    if (!t->skipped)
        CHECK(t, scene_row(t, LISTEN)->seen.flags & PT_HOLDER_BUCKET_KNOWN);
}

static void ping(struct scene *t)
{
    int range = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);

    CHECK(t, range >= 0 && write(range, "0 0", 3) == 3);
    close(range);
    other_protocol(t, SOCK_DGRAM, IPPROTO_ICMP, 2206, CLOSE);
}

static void time_wait(struct scene *t)
{
    int listener = scene_listener(2207);
    int client = scene_connection(2207);
    int server = accept(listener, NULL, NULL);
    const struct holder *row;

    close(server);
    close(client);
    close(listener);
    scene_look(t, 2207);
    row = scene_row(t, TIME_WAIT);
    CHECK(t, t->row_count == 1);
    is_nobodys(t, row);
    CHECK(t, row->seen.expires_ns > 50000000000 && row->seen.expires_ns <= 60500000000);
    CHECK(t, is_v4_loopback(&row->seen.local) && is_v4_loopback(&row->seen.peer));
    CHECK(t, row->seen.local.port == 2207 && row->seen.peer.port >= 1024);
    CHECK(t, row->seen.socket.options == PT_OPTION_REUSEADDR && !row->seen.socket.inode);
    CHECK(t, row->seen.flags & PT_HOLDER_BUCKET_KNOWN);
    CHECK(t, !(row->seen.flags & PT_HOLDER_UID_KNOWN));
}

/* What was sent cannot be delivered: the other side does not read. */
static void orphan(struct scene *t)
{
    static const char data[1 << 16];
    int listener = scene_listener(2208);
    int client = scene_connection(2208);
    int server = accept(listener, NULL, NULL);
    const struct holder *row;

    while (send(server, data, sizeof(data), MSG_DONTWAIT) > 0)
        ;
    close(listener);
    close(server);
    scene_look(t, 2208);
    row = scene_row(t, FIN_WAIT1);
    CHECK(t, t->row_count == 1);
    is_nobodys(t, row);
    CHECK(t, !(row->seen.flags & PT_HOLDER_BOUND) && row->seen.flags & PT_HOLDER_BUCKET_KNOWN);
    CHECK(t, row->seen.local.port == 2208 && row->seen.peer.family == AF_INET);
    close(client);
}

static void accept_queue(struct scene *t)
{
    int listener = scene_listener(2209);
    int client = scene_connection(2209);
    const struct holder *row;

    scene_look(t, 2209);
    CHECK(t, t->row_count == 2);
    is_own(t, scene_row(t, LISTEN), listener);
    row = scene_row(t, ESTABLISHED);
    is_nobodys(t, row);
    CHECK(t, !(row->seen.flags & PT_HOLDER_BOUND) && row->seen.peer.port);
    close(client);
    close(listener);
}

static void closed_listener(struct scene *t)
{
    int listener = scene_listener(2210);
    int client = scene_connection(2210);
    int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    const struct holder *row;

    close(listener);
    scene_look(t, 2210);
    CHECK(t, t->row_count == 1);
    row = scene_row(t, ESTABLISHED);
    is_own(t, row, server);
    CHECK(t, !(row->seen.flags & PT_HOLDER_BOUND) && row->seen.flags & PT_HOLDER_BUCKET_KNOWN);
    CHECK(t, !row->seen.fastreuse && !row->seen.fastreuseport);
    close(client);
    close(server);
}

static void outgoing(struct scene *t)
{
    int listener = scene_listener(2211);
    int client = scene_connection(2211);
    struct sockaddr_in own = {0};
    socklen_t size = sizeof(own);
    const struct holder *row;

    CHECK(t, !getsockname(client, (struct sockaddr *)&own, &size));
    scene_look(t, ntohs(own.sin_port));
    CHECK(t, t->row_count == 1);
    row = scene_row(t, ESTABLISHED);
    is_own(t, row, client);
    CHECK(t, row->seen.peer.port == 2211 && is_v4_loopback(&row->seen.peer));
    CHECK(t, !(row->seen.flags & PT_HOLDER_BOUND) && row->seen.flags & PT_HOLDER_BUCKET_KNOWN);
    CHECK(t, row->seen.fastreuse == -1 && row->seen.fastreuseport == -1);
    close(client);
    close(listener);
}

static void options(struct scene *t)
{
    int fd = scene_bound(AF_INET, SOCK_DGRAM, 0, 2212);
    const int on = 1;
    const struct holder *row;

    CHECK(t, !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)));
    CHECK(t, !setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)));
    CHECK(t, !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
    CHECK(t, !fchown(fd, 1234, 1234));
    scene_look(t, 2212);
    row = scene_row(t, CLOSE);
    is_own(t, row, fd);
    CHECK(t, row->seen.socket.options ==
                 (PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT | PT_OPTION_FREEBIND));
    CHECK(t, !strcmp(row->seen.socket.device, "lo") && row->seen.socket.device_ifindex == 1);
    CHECK(t, row->seen.uid == 1234);
    close(fd);
}

static void kernels_own(struct scene *t)
{
    const struct holder *row;

    NEED(t, !link_add_vxlan("pts0", 4789));
    CHECK(t, !link_up("pts0"));
    scene_look(t, 4789);
    CHECK(t, t->row_count >= 1);
    row = scene_row(t, CLOSE);
    CHECK(t, row->seen.socket.protocol == IPPROTO_UDP && row->process_count == 0);
    CHECK(t, row->seen.flags & PT_HOLDER_KERNEL && !(row->seen.flags & PT_HOLDER_ORPHAN));
    CHECK(t, row->seen.flags & PT_HOLDER_BOUND);
}

/* Raw sockets have protocols and no ports, whatever the number. */
static void not_a_port(struct scene *t)
{
    int fd = scene_socket(AF_INET, SOCK_RAW, IPPROTO_TCP);

    CHECK(t, fd >= 0);
    scene_look(t, IPPROTO_TCP);
    CHECK(t, t->row_count == 0);
    close(fd);
}

const struct check state_checks[] = {
    {"bound-only", bound_only},
    {"datagrams", datagrams},
    {"udplite", udplite},
    {"sctp", sctp},
    {"mptcp", mptcp},
    {"ping", ping},
    {"time-wait", time_wait},
    {"orphan", orphan},
    {"accept-queue", accept_queue},
    {"closed-listener", closed_listener},
    {"outgoing", outgoing},
    {"options", options},
    {"kernels-own", kernels_own},
    {"not-a-port", not_a_port},
    {NULL, NULL},
};
