// SPDX-License-Identifier: GPL-2.0
#include "user/explain/rules.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"

#define LOOPBACK4_IPV6                                                                             \
    0x7f000006 /* what an IPv6 socket of a specific address has as IPv4 address */

enum address_kind {
    KIND_ANY,
    KIND_MAPPED, /* all of IPv4, in whatever kind of socket */
    KIND_SPECIFIC,
};

/* A socket as inet_rcv_saddr_equal() looks at it. */
struct side {
    bool is_ipv6;
    enum address_kind kind;
    const __u8 *address;
    uint32_t ipv4;
    bool v6only;
};

/* Sockets of different groups never meet. */
enum port_group {
    GROUP_NONE,
    GROUP_TCP,
    GROUP_UDP,
    GROUP_UDPLITE,
    GROUP_SCTP,
    GROUP_PING,
};

static enum port_group group_of(uint16_t type, uint16_t protocol)
{
    if (type == SOCK_RAW)
        return GROUP_NONE;
    switch (protocol) {
    case IPPROTO_TCP:
    case WORDS_IPPROTO_MPTCP:
        return GROUP_TCP;
    case IPPROTO_UDP:
        return GROUP_UDP;
    case IPPROTO_UDPLITE:
        return GROUP_UDPLITE;
    case IPPROTO_SCTP:
        return GROUP_SCTP;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return GROUP_PING;
    default:
        return GROUP_NONE;
    }
}

static uint32_t ipv4_at(const __u8 *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct side side_of(uint16_t family, const struct pt_endpoint *endpoint, bool v6only)
{
    struct side side = {.is_ipv6 = (family ? family : endpoint->family) == AF_INET6,
                        .address = endpoint->address,
                        .v6only = v6only};

    if (endpoint->family == AF_INET) {
        side.kind = KIND_MAPPED;
        side.ipv4 = ipv4_at(endpoint->address);
        side.v6only = false;
    } else if (words_is_wildcard(endpoint)) {
        side.kind = KIND_ANY;
    } else if (words_is_mapped(endpoint)) {
        side.kind = KIND_MAPPED;
        side.ipv4 = ipv4_at(endpoint->address + 12);
    } else {
        side.kind = KIND_SPECIFIC;
        side.ipv4 = LOOPBACK4_IPV6;
    }
    return side;
}

/* bind() to a specific IPv6 address turns V6ONLY on; what connects or is accepted goes without. */
static struct side side_of_asker(const struct rules_asker *asker)
{
    struct side side = side_of(asker->family, &asker->wanted, asker->options & PT_OPTION_V6ONLY);

    side.v6only |= side.kind == KIND_SPECIFIC;
    return side;
}

static struct side side_of_holder(const struct pt_holder *holder)
{
    const struct pt_socket *socket = &holder->socket;
    struct side side = side_of(socket->family, &holder->local, socket->options & PT_OPTION_V6ONLY);

    if (socket->state == WORDS_LISTEN || socket->state == WORDS_CLOSE)
        side.v6only |= side.kind == KIND_SPECIFIC;
    return side;
}

static bool ipv4_overlap(const struct side *asker, const struct side *holder)
{
    return !holder->v6only &&
           (asker->ipv4 == holder->ipv4 || asker->ipv4 == 0 || holder->ipv4 == 0);
}

/* inet_rcv_saddr_equal() with match_wildcard. */
static bool sides_overlap(const struct side *asker, const struct side *holder)
{
    if (!asker->is_ipv6 || (asker->kind == KIND_MAPPED && holder->kind == KIND_MAPPED))
        return ipv4_overlap(asker, holder);
    if (asker->kind == KIND_ANY && holder->kind == KIND_ANY)
        return true;
    if (holder->kind == KIND_ANY && !(holder->v6only && asker->kind == KIND_MAPPED))
        return true;
    if (asker->kind == KIND_ANY && !(asker->v6only && holder->kind == KIND_MAPPED))
        return true;
    return holder->is_ipv6 && asker->kind == holder->kind &&
           !memcmp(asker->address, holder->address, sizeof(((struct pt_endpoint *)0)->address));
}

/* A scope that the address needs becomes the device of the socket. */
static int32_t device_of(const struct rules_asker *asker)
{
    if (words_needs_scope(&asker->wanted) && asker->wanted.scope_id)
        return (int32_t)asker->wanted.scope_id;
    return asker->device_ifindex;
}

static bool devices_overlap(const struct rules_asker *asker, const struct pt_holder *holder)
{
    int32_t device = device_of(asker);

    return !device || !holder->socket.device_ifindex || device == holder->socket.device_ifindex;
}

static bool may_meet(const struct rules_asker *asker, const struct pt_holder *holder,
                     enum port_group group)
{
    if (group == GROUP_NONE || group != group_of(holder->socket.type, holder->socket.protocol))
        return false;
    if (!asker->wanted.port || asker->wanted.port != holder->local.port)
        return false;
    if (asker->netns && holder->task.netns && asker->netns != holder->task.netns)
        return false;
    /* A request for a connection is in no table of ports. */
    if (group == GROUP_TCP && holder->socket.state == WORDS_NEW_SYN_RECV)
        return false;
    return !asker->inode || asker->inode != holder->socket.inode;
}

static bool same_user(const struct rules_asker *asker, const struct pt_holder *holder)
{
    uint32_t uid;

    return rules_holder_uid(holder, &uid) && uid == asker->uid;
}

static bool both_have(const struct rules_asker *asker, const struct pt_holder *holder,
                      uint32_t option)
{
    return asker->options & holder->socket.options & option;
}

static bool is_mapped_any(const struct side *side)
{
    return side->is_ipv6 && side->kind == KIND_MAPPED && !side->ipv4;
}

/*
 * The table by port and address that came with 6.1 was not asked for ::ffff:0.0.0.0 by a socket of
 * a specific IPv4-mapped address; since 6.9 it is.
 */
static bool overlooks(const struct rules_asker *asker, const struct side *asks,
                      const struct side *holds)
{
    return asker->kernel_major == 6 && asker->kernel_minor >= 1 && asker->kernel_minor < 9 &&
           asks->is_ipv6 && asks->kind == KIND_MAPPED && asks->ipv4 && is_mapped_any(holds);
}

/* inet_csk_bind_conflict(), and what inet_csk_get_port() lets pass before it comes to that. */
static bool shares_tcp(const struct rules_asker *asker, const struct pt_holder *holder)
{
    if (asker->op != PT_OP_LISTEN && asker->options & PT_OPTION_REUSEADDR &&
        holder->flags & PT_HOLDER_BUCKET_KNOWN && holder->fastreuse > 0)
        return true;
    if (both_have(asker, holder, PT_OPTION_REUSEADDR) && holder->socket.state != WORDS_LISTEN)
        return true;
    return both_have(asker, holder, PT_OPTION_REUSEPORT) &&
           (holder->socket.state == WORDS_TIME_WAIT || same_user(asker, holder));
}

/* udp_lib_lport_inuse() */
static bool shares_udp(const struct rules_asker *asker, const struct pt_holder *holder)
{
    return both_have(asker, holder, PT_OPTION_REUSEADDR) ||
           (both_have(asker, holder, PT_OPTION_REUSEPORT) && same_user(asker, holder));
}

bool rules_holder_uid(const struct pt_holder *holder, uint32_t *ret_uid)
{
    if (holder->flags & PT_HOLDER_UID_KNOWN)
        *ret_uid = holder->uid;
    else if (holder->flags & PT_HOLDER_OWNER_KNOWN)
        *ret_uid = holder->task.uid;
    else
        return false;
    return true;
}

bool rules_overlap(const struct rules_asker *asker, const struct pt_holder *holder)
{
    enum port_group group = group_of(asker->type, asker->protocol);
    struct side asks, holds;

    if (!may_meet(asker, holder, group))
        return false;
    if (group == GROUP_PING) /* ping_get_port() looks at no address */
        return true;
    asks = side_of_asker(asker);
    holds = side_of_holder(holder);
    if (group == GROUP_TCP && overlooks(asker, &asks, &holds))
        return false;
    return devices_overlap(asker, holder) && sides_overlap(&asks, &holds);
}

bool rules_conflict(const struct rules_asker *asker, const struct pt_holder *holder)
{
    if (!rules_overlap(asker, holder))
        return false;
    switch (group_of(asker->type, asker->protocol)) {
    case GROUP_TCP:
    case GROUP_SCTP:
        return !shares_tcp(asker, holder);
    case GROUP_UDP:
    case GROUP_UDPLITE:
        return !shares_udp(asker, holder);
    case GROUP_PING:
        return !both_have(asker, holder, PT_OPTION_REUSEADDR);
    case GROUP_NONE:
        break;
    }
    return false;
}
