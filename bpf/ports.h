/* SPDX-License-Identifier: GPL-2.0 */
/* Who had a port last: for holders whose own struct sock tells no process, or is not seen at all.
 */
#ifndef PORTTRACE_BPF_PORTS_H
#define PORTTRACE_BPF_PORTS_H

#include "bpf/filter.h"
#include "bpf/sets.h"

/* IPPROTO_MPTCP is IPPROTO_TCP and a bit more. */
static __always_inline __u64 port_key(__u32 netns, __u16 protocol, __u16 port)
{
    return (__u64)port << 48 | (__u64)(protocol & 0xff) << 32 | netns;
}

static __always_inline __u64 port_key_of(const struct socket_owner *owner)
{
    return port_key(owner->task.netns, owner->socket.protocol, owner->local.port);
}

/* Of one that was there first nobody has seen how it was taken, but the walk over all knows. */
static __always_inline void note_kept(struct socket_owner *owner)
{
    __u32 not_bound = differ(owner->taken_by, PT_OP_BIND) & differ(owner->taken_by, PT_OP_LISTEN) &
                      (differ(owner->taken_by, 0) | (owner->kept ^ 1));

    owner->kept = (not_bound | differ(owner->gone_ns, 0)) ^ 1;
}

/* An outgoing connection that shares a port does not hide the socket that was bound to it. */
static __always_inline bool is_hidden(const struct socket_owner *owner,
                                      const struct socket_owner *last)
{
    return last->kept & ~owner->kept & differ(last->address, owner->address);
}

/* In this order, as somebody may be reading it. */
static __always_inline void mark_gone(struct socket_owner *owner, __u64 now_ns)
{
    ANEW(owner->gone_by) = bpf_get_current_pid_tgid();
    ANEW(owner->gone_ns) = now_ns;
    owner->kept = 0;
}

/* true: the owner is to be written, now that it is gone. Not where another has the port still. */
static __always_inline bool owner_gone(struct socket_owner *owner, struct socket_owner *last,
                                       __u64 now_ns)
{
    if (last && last->address == owner->address && last->since_ns == owner->since_ns) {
        mark_gone(last, now_ns);
        return false;
    }
    if (last && last->address != owner->address && !last->gone_ns)
        return false;
    mark_gone(owner, now_ns);
    return true;
}

#ifdef PT_DIRECT_READS

static __always_inline struct port_set *port_set_of(__u64 key)
{
    __u32 index = PT_PLACE(key, PT_PORT_SET_BITS);

    return bpf_map_lookup_elem(&ports, &index);
}

/* PT_SET: it is in none. */
static __always_inline __u32 port_place(const struct port_set *set, __u64 key)
{
    __u32 place = 0;

    for (int i = PT_SET - 1; i >= 0; i--)
        place = differ(set->keys[i], key) * (1 + place);
    return place;
}

/* The next one that nobody keeps; where all are kept, the next, for one that is to be kept. */
static __always_inline __u32 port_place_next(const struct port_set *set)
{
    __u32 kept = 0;

    for (int i = PT_SET - 1; i >= 0; i--)
        kept = set->owners[(set->next + i) % PT_SET].kept * (1 + kept);
    return (set->next + kept) % PT_SET;
}

/* 1: that is it, and nobody wrote it meanwhile. */
VERIFIED_ONCE int port_last(__u64 key, struct socket_owner *ret_last)
{
    struct port_set *set = port_set_of(key);
    __u32 before, place;

    if (!set || !ret_last)
        return 0;
    before = set_changes(&set->changes);
    place = port_place(set, key);
    if (place >= PT_SET)
        return 0;
    *ret_last = set->owners[place % PT_SET];
    return set_was_whole(&set->changes, before);
}

static __always_inline void port_write(struct port_set *set, __u32 place, __u64 key,
                                       const struct socket_owner *owner)
{
    if (place >= PT_SET) {
        place = port_place_next(set);
        if (set->owners[place % PT_SET].kept & ~owner->kept)
            return;
        set->next = place + 1;
    } else if (is_hidden(owner, &set->owners[place])) {
        return;
    }
    place %= PT_SET;
    set->keys[place] = key;
    set->owners[place] = *owner;
}

/*
 * The port was taken, or given back at gone_ns. 0: others write there; what was to be given back
 * stays as one that has the port, which its socket has no more.
 */
VERIFIED_ONCE int port_noted(struct socket_owner *owner, __u64 gone_ns)
{
    struct port_set *set;
    __u32 locked, place;
    __u64 key;

    if (!owner)
        return 0;
    key = port_key_of(owner);
    set = port_set_of(key);
    locked = set ? set_lock(&set->changes) : 0;
    if (!set || !locked)
        return 0;
    place = port_place(set, key);
    if (gone_ns &&
        !owner_gone(owner, place < PT_SET ? &set->owners[place % PT_SET] : NULL, gone_ns)) {
        set_unlock(&set->changes, locked);
        return 1;
    }
    set_write(&set->changes, locked);
    port_write(set, place, key, owner);
    set_written(&set->changes, locked);
    return 1;
}

static __always_inline int port_taken(struct socket_owner *owner)
{
    note_kept(owner);
    return port_noted(owner, 0);
}

static __always_inline void port_given_back(struct socket_owner *owner, __u64 now_ns)
{
    port_noted(owner, now_ns);
}

#else

static __always_inline int port_last(__u64 key, struct socket_owner *ret_last)
{
    struct socket_owner *last = bpf_map_lookup_elem(&ports, &key);

    return last && !bpf_probe_read_kernel(ret_last, sizeof(*ret_last), last);
}

static __always_inline int port_taken(struct socket_owner *owner)
{
    __u64 key = port_key_of(owner);
    struct socket_owner *last = bpf_map_lookup_elem(&ports, &key);

    note_kept(owner);
    if (!last || !is_hidden(owner, last))
        bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
    return 1;
}

static __always_inline void port_given_back(struct socket_owner *owner, __u64 now_ns)
{
    __u64 key = port_key_of(owner);

    if (owner_gone(owner, bpf_map_lookup_elem(&ports, &key), now_ns))
        bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
}

#endif

#endif
