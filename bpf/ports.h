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
        last->gone_by = bpf_get_current_pid_tgid();
        return;
    }
    if (last && last->address != owner->address && !last->gone_ns)
        return;
    owner->gone_ns = now_ns;
    owner->gone_by = bpf_get_current_pid_tgid();
    bpf_map_update_elem(&ports, &key, owner, BPF_ANY);
}

/* The bind by which a thread has begun to ask for a port, unless it has ended. */
static __always_inline struct call_state *port_taker(const __u64 *thread, __u16 port)
{
    struct call_state *call = bpf_map_lookup_elem(&calls, thread);

    return call && call->op == PT_OP_BIND && call->requested.port == port ? call : NULL;
}

/*
 * The restricted plan has no hook where a port is given: between that and the end of the call,
 * others may be refused for it already.
 */
static __always_inline void port_asked_for(const struct call_state *call, struct sock *sk)
{
    struct port_key key = port_key(sock_netns(sk), READ(sk, sk_protocol), call->requested.port);
    __u64 thread = call->thread;
    __u64 *known = bpf_map_lookup_elem(&takers, &key);

    if (known && (*known == thread || port_taker(known, key.port)))
        return;
    bpf_map_update_elem(&takers, &key, &thread, BPF_ANY);
}

#endif
