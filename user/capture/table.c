// SPDX-License-Identifier: GPL-2.0
#include "user/capture/table.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bpf/config.h"

#define NEAR_AT_ONCE 64

static struct pt_holder holder_of(const struct socket_owner *owner)
{
    struct pt_holder holder = {
        .task = owner->task,
        .socket = owner->socket,
        .local = owner->local,
        .since_ns = owner->since_ns,
        .gone_ns = owner->gone_ns,
        .uid = owner->uid,
        .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_UID_KNOWN,
        .fd = -1,
        .taken_by = owner->taken_by,
        .source = PT_HOLDER_TABLE,
    };

    if (owner->taken_by == PT_OP_BIND)
        holder.flags |= PT_HOLDER_BOUND;
    return holder;
}

static int tell(const struct socket_owner *owner, capture_holder_fn *on_holder, void *context)
{
    struct pt_holder holder = holder_of(owner);

    return on_holder(context, &holder);
}

struct near {
    struct socket_owner owners[NEAR_AT_ONCE];
    uint32_t count;
};

/* 0, or negative errno; -ENOENT: those were the last. */
static int read_near(int near_fd, uint32_t *from, uint32_t *ret_next, struct near *ret_near)
{
    uint32_t keys[NEAR_AT_ONCE];

    ret_near->count = NEAR_AT_ONCE;
    return bpf_map_lookup_batch(near_fd, from, ret_next, keys, ret_near->owners, &ret_near->count,
                                NULL);
}

/* A place is written while it is copied: what has not changed between two looks is whole. */
static bool is_whole(const struct near *near, const struct near *again, uint32_t i)
{
    const struct socket_owner *owner = &near->owners[i];

    return owner->address != PT_NEAR_FREE && owner->address != PT_NEAR_TAKEN && i < again->count &&
           !memcmp(owner, &again->owners[i], sizeof(*owner));
}

static int each_near(int near_fd, capture_holder_fn *on_holder, void *context)
{
    struct near near, again;
    uint32_t at, next;
    uint32_t *from = NULL;
    int error = 0, result = 0;

    while (!error && !result) {
        error = read_near(near_fd, from, &next, &near);
        if (!error || error == -ENOENT)
            error = read_near(near_fd, from, &next, &again);
        if (error && error != -ENOENT)
            return error;
        for (uint32_t i = 0; i < near.count && !result; i++)
            if (is_whole(&near, &again, i))
                result = tell(&near.owners[i], on_holder, context);
        at = next;
        from = &at;
    }
    return result;
}

/* A key that is deleted meanwhile sends the walk back to the beginning. */
static int each_far(int sockets_fd, uint32_t capacity, capture_holder_fn *on_holder, void *context)
{
    uint64_t key, next;
    uint64_t *from = NULL;
    int result = 0;

    for (uint64_t i = 0; i < 2ull * capacity && !result; i++) {
        struct socket_owner owner;

        if (bpf_map_get_next_key(sockets_fd, from, &next))
            return errno == ENOENT ? 0 : -errno;
        key = next;
        from = &key;
        if (!bpf_map_lookup_elem(sockets_fd, &key, &owner))
            result = tell(&owner, on_holder, context);
    }
    return result;
}

int table_each(const struct followed *followed, capture_holder_fn *on_holder, void *context)
{
    int result = each_near(followed->near_fd, on_holder, context);

    return result ? result : each_far(followed->far_fd, followed->far_most, on_holder, context);
}

/* A set is written while it is copied: what has not changed between two looks is whole. */
static bool read_set(int closers_fd, uint32_t index, struct closer_set *ret_set)
{
    struct closer_set again;

    return !bpf_map_lookup_elem(closers_fd, &index, ret_set) &&
           !(ret_set->changes & PT_SET_WRITING) &&
           !bpf_map_lookup_elem(closers_fd, &index, &again) &&
           !memcmp(&again, ret_set, sizeof(again));
}

/* The last one first: the same two ports may have been connected before. */
static bool find_in_set(int closers_fd, const struct connection_key *key, struct closer *ret_closer)
{
    struct closer_set set;

    if (!read_set(closers_fd, closer_set_at(key), &set))
        return false;
    for (uint32_t back = 1; back <= PT_SET; back++) {
        uint32_t at = (set.next - back) % PT_SET;

        if (memcmp(&set.keys[at], key, sizeof(*key)))
            continue;
        *ret_closer = set.closers[at];
        return true;
    }
    return false;
}

static bool find_closer(const struct closers *closers, const struct connection_key *key,
                        struct closer *ret_closer)
{
    return closers->in_sets ? find_in_set(closers->fd, key, ret_closer)
                            : !bpf_map_lookup_elem(closers->fd, key, ret_closer);
}

void table_closer(const struct closers *closers, struct pt_holder *holder)
{
    struct connection_key key = {
        .netns = holder->task.netns,
        .local_port = holder->local.port,
        .peer_port = holder->peer.port,
    };
    struct closer closer;

    memcpy(key.local, holder->local.address, sizeof(key.local));
    memcpy(key.peer, holder->peer.address, sizeof(key.peer));
    if (!holder->peer.family || !find_closer(closers, &key, &closer))
        return;
    closer.task.netns = holder->task.netns;
    holder->task = closer.task;
    holder->flags |= PT_HOLDER_OWNER_KNOWN;
    if (!holder->socket.inode)
        holder->socket.inode = closer.inode;
}
