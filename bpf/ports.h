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

/* 1 or 0. */
static __always_inline __u32 differ(__u64 one, __u64 other)
{
    return pt_is_set((one ^ other) | (one ^ other) >> 32);
}

/* Without a branch, as all here, or the verifier looks at the rest once for each outcome. */
static __always_inline void note_kept(struct socket_owner *owner)
{
    __u32 bound = 1 ^ (differ(owner->taken_by, PT_OP_BIND) & differ(owner->taken_by, PT_OP_LISTEN));

    owner->kept = bound & ~differ(owner->gone_ns, 0);
}

/* An outgoing connection that shares a port does not hide the socket that was bound to it. */
static __always_inline bool is_hidden(const struct socket_owner *owner,
                                      const struct socket_owner *last)
{
    return last->kept & ~owner->kept & differ(last->address, owner->address);
}

#ifdef PT_DIRECT_READS

static __always_inline struct port_set *port_set_of(__u64 key)
{
    __u32 index = key * PT_HASH_MULTIPLIER >> 32;

    index %= PT_PORT_SETS;
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

/* The next one that nobody keeps; where all are kept, the next. */
static __always_inline __u32 port_place_next(const struct port_set *set)
{
    __u32 kept = 0;

    for (int i = PT_SET - 1; i >= 0; i--)
        kept = set->owners[(set->next + i) % PT_SET].kept * (1 + kept);
    return (set->next + kept) % PT_SET;
}

static __always_inline struct socket_owner *port_owner(__u64 key)
{
    struct port_set *set = port_set_of(key);
    __u32 place = set ? port_place(set, key) : PT_SET;

    return set && place < PT_SET ? &set->owners[place % PT_SET] : NULL;
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

static __always_inline void port_write(struct port_set *set, __u64 key,
                                       const struct socket_owner *owner)
{
    __u32 place = port_place(set, key);

    if (place == PT_SET) {
        place = port_place_next(set);
        set->next = place + 1;
    } else if (is_hidden(owner, &set->owners[place])) {
        return;
    }
    place %= PT_SET;
    set->keys[place] = key;
    set->owners[place] = *owner;
}

VERIFIED_ONCE int port_taken(struct socket_owner *owner)
{
    struct port_set *set;
    __u64 key;

    if (!owner)
        return 0;
    note_kept(owner);
    key = port_key_of(owner);
    set = port_set_of(key);
    if (!set || !set_lock(&set->changes))
        return 0;
    port_write(set, key, owner);
    set_unlock(&set->changes);
    return 0;
}

#else

static __always_inline struct socket_owner *port_owner(__u64 key)
{
    return bpf_map_lookup_elem(&ports, &key);
}

static __always_inline int port_last(__u64 key, struct socket_owner *ret_last)
{
    struct socket_owner *last = port_owner(key);

    return last && !bpf_probe_read_kernel(ret_last, sizeof(*ret_last), last);
}

static __always_inline int port_taken(struct socket_owner *owner)
{
    __u64 key = port_key_of(owner);
    struct socket_owner *last = port_owner(key);

    note_kept(owner);
    if (!last || !is_hidden(owner, last))
        bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
    return 0;
}

#endif

VERIFIED_ONCE int port_given_back(struct socket_owner *owner, __u64 now_ns)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct socket_owner *last;

    if (!owner)
        return 0;
    last = port_owner(port_key_of(owner));
    if (last && last->address == owner->address && last->since_ns == owner->since_ns) {
        last->gone_ns = now_ns;
        last->gone_by = thread;
        last->kept = 0;
    } else if (!last || last->address == owner->address || last->gone_ns) {
        owner->gone_ns = now_ns;
        owner->gone_by = thread;
        port_taken(owner);
    }
    return 0;
}

#endif
