// SPDX-License-Identifier: GPL-2.0
#include "user/model/held_socket.h"

#include <string.h>

#define PROTOCOL_TCP  6
#define PROTOCOL_MORE 262 /* MPTCP has an inner TCP socket of the same inode */

struct held_socket held_socket_of(const struct pt_holder *seen)
{
    return (struct held_socket){
        .socket = seen->socket,
        .local = seen->local,
        .peer = seen->peer,
        .since_ns = seen->since_ns,
        .expires_ns = seen->expires_ns,
        .netns = seen->task.netns,
        .uid = seen->uid,
        .flags = seen->flags,
        .taken_by = seen->taken_by,
        .source = seen->source,
        .fastreuse = seen->fastreuse,
        .fastreuseport = seen->fastreuseport,
    };
}

struct pt_holder held_socket_seen(const struct held_socket *socket)
{
    return (struct pt_holder){
        .task = {.netns = socket->netns},
        .socket = socket->socket,
        .local = socket->local,
        .peer = socket->peer,
        .since_ns = socket->since_ns,
        .expires_ns = socket->expires_ns,
        .uid = socket->uid,
        .flags = socket->flags,
        .fd = -1,
        .taken_by = socket->taken_by,
        .source = socket->source,
        .fastreuse = socket->fastreuse,
        .fastreuseport = socket->fastreuseport,
    };
}

static bool same_endpoint(const struct pt_endpoint *a, const struct pt_endpoint *b)
{
    return a->family == b->family && a->port == b->port && a->scope_id == b->scope_id &&
           !memcmp(a->address, b->address, sizeof(a->address));
}

bool held_socket_same_ends(const struct held_socket *one, const struct held_socket *other)
{
    return one->netns == other->netns && one->socket.protocol == other->socket.protocol &&
           same_endpoint(&one->local, &other->local) && same_endpoint(&one->peer, &other->peer);
}

bool held_socket_same(const struct held_socket *one, const struct held_socket *other)
{
    if (one->netns != other->netns || one->socket.inode != other->socket.inode)
        return false;
    return one->socket.inode || held_socket_same_ends(one, other);
}

static bool outranks(const struct held_socket *seen, const struct held_socket *known)
{
    if ((seen->flags ^ known->flags) & PT_HOLDER_OWNER_KNOWN)
        return seen->flags & PT_HOLDER_OWNER_KNOWN;
    return seen->socket.protocol == PROTOCOL_MORE && known->socket.protocol == PROTOCOL_TCP;
}

static void take_missing(struct held_socket *known, const struct held_socket *other)
{
    if (!(known->flags & PT_HOLDER_BUCKET_KNOWN) && other->flags & PT_HOLDER_BUCKET_KNOWN) {
        known->fastreuse = other->fastreuse;
        known->fastreuseport = other->fastreuseport;
        known->flags |= PT_HOLDER_BUCKET_KNOWN;
    }
    if (!(known->flags & PT_HOLDER_UID_KNOWN) && other->flags & PT_HOLDER_UID_KNOWN) {
        known->uid = other->uid;
        known->flags |= PT_HOLDER_UID_KNOWN;
    }
    if (!known->socket.cookie)
        known->socket.cookie = other->socket.cookie;
}

void held_socket_merge(struct held_socket *known, const struct held_socket *seen)
{
    struct held_socket before = *known;

    if (outranks(seen, known)) {
        *known = *seen;
        take_missing(known, &before);
    } else {
        take_missing(known, seen);
    }
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int compare_endpoints(const struct pt_endpoint *a, const struct pt_endpoint *b)
{
    int order = COMPARE(a->family, b->family);

    if (!order)
        order = memcmp(a->address, b->address, sizeof(a->address));
    return order ? order : COMPARE(a->scope_id, b->scope_id);
}

int held_socket_compare(const struct held_socket *a, const struct held_socket *b)
{
    int order = COMPARE(a->local.port, b->local.port);

    if (!order)
        order = COMPARE(a->socket.protocol, b->socket.protocol);
    if (!order)
        order = compare_endpoints(&a->local, &b->local);
    if (!order)
        order = COMPARE(a->netns, b->netns);
    if (!order)
        order = compare_endpoints(&a->peer, &b->peer);
    if (!order)
        order = COMPARE(a->peer.port, b->peer.port);
    return order ? order : COMPARE(b->socket.inode, a->socket.inode); /* those without one last */
}
