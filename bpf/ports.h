/* SPDX-License-Identifier: GPL-2.0 */
/* Who had a port last: for holders whose own struct sock tells no process, or is not seen at all.
 */
#ifndef PORTTRACE_BPF_PORTS_H
#define PORTTRACE_BPF_PORTS_H

#include "bpf/filter.h"

static __always_inline struct port_key port_key(__u32 netns, __u16 protocol, __u16 port)
{
    struct port_key key = {
        .netns = netns,
        .protocol = protocol == IPPROTO_MPTCP ? IPPROTO_TCP : protocol,
        .port = port,
    };

    return key;
}

static __always_inline struct port_key port_key_of(const struct socket_owner *owner)
{
    return port_key(owner->task.netns, owner->socket.protocol, owner->local.port);
}

static __always_inline bool is_bound(const struct socket_owner *owner)
{
    return owner->taken_by == PT_OP_BIND || owner->taken_by == PT_OP_LISTEN;
}

/* An outgoing connection that shares a port does not hide the socket that was bound to it. */
static __always_inline void port_taken(struct socket_owner *owner)
{
    struct port_key key = port_key_of(owner);
    struct socket_owner *last = bpf_map_lookup_elem(&ports, &key);

    if (last && last->address != owner->address && !last->gone_ns && is_bound(last) &&
        !is_bound(owner))
        return;
    bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
}

static __always_inline void port_given_back(struct socket_owner *owner, __u64 now_ns)
{
    struct port_key key = port_key_of(owner);
    struct socket_owner *last = bpf_map_lookup_elem(&ports, &key);

    if (last && last->address == owner->address && last->since_ns == owner->since_ns) {
        last->gone_ns = now_ns;
        return;
    }
    if (last && last->address != owner->address && !last->gone_ns)
        return;
    owner->gone_ns = now_ns;
    bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
}

#endif
