// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "tests/kernel/scene.h"

struct address v4(const char *text, uint16_t port)
{
    struct address result = {.size = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};

    inet_pton(AF_INET, text, &in.sin_addr);
    memcpy(&result.storage, &in, sizeof(in));
    return result;
}

struct address v6_scoped(const char *text, uint16_t port, uint32_t scope_id)
{
    struct address result = {.size = sizeof(struct sockaddr_in6)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    in6.sin6_scope_id = scope_id;
    inet_pton(AF_INET6, text, &in6.sin6_addr);
    memcpy(&result.storage, &in6, sizeof(in6));
    return result;
}

struct address v6(const char *text, uint16_t port)
{
    return v6_scoped(text, port, 0);
}

struct address loopback(int family, uint16_t port)
{
    return family == AF_INET6 ? v6("::1", port) : v4("127.0.0.1", port);
}

struct address wildcard(int family, uint16_t port)
{
    return family == AF_INET6 ? v6("::", port) : v4("0.0.0.0", port);
}

struct address nowhere(int family, uint16_t port)
{
    return family == AF_INET6 ? v6("2001:db8::1", port) : v4("192.0.2.1", port);
}

struct endpoint endpoint_of(const struct sockaddr_storage *storage)
{
    struct endpoint endpoint = {0};

    if (storage->ss_family == AF_INET6) {
        struct sockaddr_in6 in6;

        memcpy(&in6, storage, sizeof(in6));
        endpoint.family = AF_INET6;
        endpoint.port = ntohs(in6.sin6_port);
        inet_ntop(AF_INET6, &in6.sin6_addr, endpoint.address, sizeof(endpoint.address));
    } else if (storage->ss_family == AF_INET || storage->ss_family == AF_UNSPEC) {
        struct sockaddr_in in;

        memcpy(&in, storage, sizeof(in));
        endpoint.family = AF_INET;
        endpoint.port = ntohs(in.sin_port);
        inet_ntop(AF_INET, &in.sin_addr, endpoint.address, sizeof(endpoint.address));
    }
    return endpoint;
}

const char *protocol_name(enum protocol protocol)
{
    static const char *const names[] = {
        [PROTOCOL_NONE] = "none",   [PROTOCOL_TCP] = "tcp",
        [PROTOCOL_UDP] = "udp",     [PROTOCOL_UDPLITE] = "udplite",
        [PROTOCOL_MPTCP] = "mptcp", [PROTOCOL_SCTP] = "sctp",
        [PROTOCOL_RAW] = "raw",     [PROTOCOL_SCTP_MANY] = "sctp-one-to-many",
        [PROTOCOL_PING] = "ping",
    };

    return names[protocol];
}

const char *op_name(enum pt_op op)
{
    static const char *const names[] = {
        [PT_OP_BIND] = "bind",         [PT_OP_LISTEN] = "listen",   [PT_OP_CONNECT] = "connect",
        [PT_OP_AUTOBIND] = "autobind", [PT_OP_RELEASE] = "release",
    };

    return names[op];
}

const char *entry_name(enum pt_entry entry)
{
    static const char *const names[] = {
        [PT_ENTRY_UNKNOWN] = "unknown",   [PT_ENTRY_SYSCALL] = "syscall",
        [PT_ENTRY_IO_URING] = "io_uring", [PT_ENTRY_KERNEL] = "kernel",
        [PT_ENTRY_SEND] = "send",
    };

    return names[entry];
}
