/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket gives its port back. That happens in timers and in other processes' softirqs as well, so
 * the process is the one that took the port, never the one that happens to run.
 */
#ifndef PORTTRACE_BPF_RELEASE_H
#define PORTTRACE_BPF_RELEASE_H

#include "bpf/ports.h"

static __always_inline bool release_wanted(const struct socket_owner *owner)
{
    return owner->wanted && outcome_wanted(PT_OP_RELEASE, 0) && owner->local.port;
}

static __always_inline void write_release(const struct socket_owner *owner, __u32 flags,
                                          __u64 now_ns)
{
    struct pt_release *release = emit_reserve(sizeof(*release), PT_LOSS_RING_FULL);

    if (!release)
        return;
    emit_header(&release->header, PT_KIND_RELEASE, sizeof(*release), now_ns);
    release->task = owner->task;
    release->socket = owner->socket;
    release->local = owner->local;
    release->held_ns = owner->since_ns ? now_ns - owner->since_ns : 0;
    release->flags = flags;
    release->op = PT_OP_RELEASE;
    release->plan = config.plan;
    release->taken_by = owner->taken_by;
    release->pad = 0;
    emit_submit(release);
}

/* A socket that took its port before the trace began: of its owner nothing is known here. */
static __always_inline void release_unknown(struct sock *sk)
{
    bool bound = READ_BITFIELD(sk, sk_userlocks) & SOCK_BINDPORT_LOCK;
    struct socket_owner owner = {};

    if (!bound && READ(sk, __sk_common.skc_state) != TCP_LISTEN)
        return;
    if (config.by_pid || config.comm_count || config.uid_count || config.cgroup_count)
        return;
    if (config.by_port && !port_wanted(sock_port(sk)))
        return;
    endpoint_from_socket(&owner.local, sk);
    socket_facts(&owner.socket, sk);
    owner.task.netns = sock_netns(sk);
    owner.wanted = 1;
    if (!release_wanted(&owner) || !socket_wanted(&owner.socket, owner.socket.family))
        return;
    if (config.netns_count && !netns_listed(owner.task.netns))
        return;
    write_release(&owner, 0, bpf_ktime_get_boot_ns());
}

/* The memory of a socket whose release was not seen may be another socket's by now. */
static __always_inline bool is_stale(const struct socket_owner *owner, struct sock *sk)
{
    __u16 port = sock_port(sk);
    __u64 inode = 0;

    /* Only there the owner is found by the socket of a descriptor, and that still is one. */
    if (config.plan == PT_PLAN_RESTRICTED)
        inode = sock_inode(sk);
    return (port && port != owner->local.port) || (inode && inode != owner->socket.inode);
}

static __always_inline void port_released(struct sock *sk)
{
    __u64 key = (__u64)sk;
    struct socket_owner *owner = bpf_map_lookup_elem(&sockets, &key);
    __u64 now_ns;

    if (!owner || is_stale(owner, sk)) {
        release_unknown(sk);
    } else {
        now_ns = bpf_ktime_get_boot_ns();
        if (release_wanted(owner))
            write_release(owner, PT_RELEASE_OWNER_KNOWN, now_ns);
        if (config.holders)
            port_given_back(owner, now_ns);
    }
    if (owner)
        bpf_map_delete_elem(&sockets, &key);
}

/* SCTP is a module whose own functions are out of reach: its port goes with the descriptor. */
static __always_inline void socket_closed(struct sock *sk)
{
    if (sk && READ(sk, sk_protocol) == IPPROTO_SCTP)
        port_released(sk);
}

#endif
