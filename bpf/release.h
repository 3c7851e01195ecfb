/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket gives its port back. That happens in timers and in other processes' softirqs as well, so
 * the process is the one that took the port, never the one that happens to run.
 */
#ifndef PORTTRACE_BPF_RELEASE_H
#define PORTTRACE_BPF_RELEASE_H

#include "bpf/followed.h"
#include "bpf/ports.h"
#include "bpf/wakeup.h"

static __always_inline bool release_wanted(const struct socket_owner *owner)
{
    return owner->wanted && outcome_wanted(PT_OP_RELEASE, 0) && owner->local.port;
}

/* What a short record has no room for is not there. */
static __always_inline bool socket_is_short(const struct pt_socket *socket)
{
    return socket->family == AF_INET && !socket->device_ifindex && !socket->range_low &&
           !socket->range_high;
}

static __always_inline void write_long_release(const struct socket_owner *owner, __u32 flags,
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

static __always_inline void write_release(const struct socket_owner *owner, __u32 flags,
                                          __u64 now_ns)
{
    struct pt_short_release *release;

    if (!socket_is_short(&owner->socket) || owner->local.family != AF_INET) {
        write_long_release(owner, flags, now_ns);
        return;
    }
    release = emit_reserve(sizeof(*release), PT_LOSS_RING_FULL);
    if (!release)
        return;
    emit_header(&release->header, PT_KIND_SHORT_RELEASE, sizeof(*release), now_ns);
    release->task = owner->task;
    release->cookie = owner->socket.cookie;
    release->inode = owner->socket.inode;
    release->held_ns = owner->since_ns ? now_ns - owner->since_ns : 0;
    __builtin_memcpy(release->local_address, owner->local.address, 4);
    release->local_port = owner->local.port;
    release->type = owner->socket.type;
    release->protocol = owner->socket.protocol;
    release->state = owner->socket.state;
    release->options = owner->socket.options;
    release->plan = config.plan;
    release->taken_by = owner->taken_by;
    release->flags = flags;
    release->pad = 0;
    emit_submit(release);
}

/*
 * A socket that took its port before the trace began: of its owner nothing is known here. What is
 * told of it is read into the record itself, which the verifier does not follow byte by byte.
 */
__noinline int release_unknown(__u64 socket)
{
    struct sock *sk = (struct sock *)socket;
    __u16 port = sock_port(sk);
    struct pt_release *release;

    if (!port || (!sock_is_bound(sk) && READ(sk, __sk_common.skc_state) != TCP_LISTEN))
        return 0;
    if (config.filters & PT_BY_PROCESS || !port_wanted(port) || !outcome_wanted(PT_OP_RELEASE, 0))
        return 0;
    if (config.filters & PT_BY_SOCKET &&
        (!socket_wanted(READ(sk, sk_type), READ(sk, sk_protocol), sock_family(sk)) ||
         !netns_wanted(sock_netns(sk))))
        return 0;
    release = emit_reserve(sizeof(*release), PT_LOSS_RING_FULL);
    if (!release)
        return 0;
    __builtin_memset(release, 0, sizeof(*release));
    emit_header(&release->header, PT_KIND_RELEASE, sizeof(*release), bpf_ktime_get_boot_ns());
    release->task.netns = sock_netns(sk);
    socket_facts(&release->socket, sk);
    endpoint_of(&release->local, socket);
    release->op = PT_OP_RELEASE;
    release->plan = config.plan;
    emit_submit(release);
    return 0;
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

VERIFIED_ONCE int owner_released(struct socket_owner *owner)
{
    __u64 now_ns = bpf_ktime_get_boot_ns();

    if (!owner)
        return 0;
    if (release_wanted(owner))
        write_release(owner, PT_RELEASE_OWNER_KNOWN, now_ns);
    if (config.holders)
        port_given_back(owner, now_ns);
    return 0;
}

static __always_inline void port_released(struct sock *sk)
{
    struct socket_owner *owner = owner_of(sk);

    if (!owner && !port_wanted(sock_port(sk)))
        return;
    if (!owner || is_stale(owner, sk))
        release_unknown(number_of(sk));
    else
        owner_released(owner);
    if (owner)
        unfollow_socket((__u64)sk);
}

/*
 * A connect to AF_UNSPEC takes a chosen port away from a socket for datagrams. No hook of plan
 * restricted sees that, nor one of the others where the compiler has made the function that they
 * hook a part of its caller, as in 7.2.
 */
__noinline int port_let_go(__u64 socket)
{
    struct sock *sk = (struct sock *)socket;
    struct socket_owner *owner;

    if (!sk || sock_port(sk))
        return 0;
    owner = followed_find(socket);
    if (!owner || is_stale(owner, sk))
        return 0;
    owner_released(owner);
    unfollow_socket(socket);
    return 0;
}

/* SCTP is a module whose own functions are out of reach: its port goes with the descriptor. */
static __always_inline void socket_closed(struct sock *sk)
{
    if (sk && READ(sk, sk_protocol) == IPPROTO_SCTP)
        port_released(sk);
}

#endif
