/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The socket that the kernel's own check hits, in the full plans: taken down under the lock of the
 * port's bucket, with whoever has it.
 */
#ifndef PORTTRACE_BPF_CONFLICT_H
#define PORTTRACE_BPF_CONFLICT_H

#include "bpf/closers.h"
#include "bpf/held.h"
#include "bpf/takers.h"
#include "bpf/state.h"

#define TCP_FIN_WAIT1 4
#define TCP_LAST_ACK  9

/* Looking for a free port, the kernel hits many that are not, and none of them is the reason. */
static __always_inline bool is_search(const struct call_state *call)
{
    return call->op == PT_OP_BIND ? !call->requested.port : !call->had_port;
}

static __always_inline void holder_take_owner(struct pt_holder *holder,
                                              const struct socket_owner *owner)
{
    __u32 netns = holder->task.netns;

    /* One that is just being closed has lost its own. */
    holder->task = owner->task;
    holder->task.netns = netns;
    holder->socket.inode = holder->socket.inode ?: owner->socket.inode;
    holder->since_ns = owner->since_ns;
    holder->gone_ns = owner->gone_ns;
    holder->taken_by = owner->taken_by;
    holder->flags |= PT_HOLDER_OWNER_KNOWN;
}

static __always_inline void holder_take_task(struct pt_holder *holder, const struct pt_task *task)
{
    __u32 netns = holder->task.netns;

    holder->task = *task;
    holder->task.netns = netns;
    holder->flags |= PT_HOLDER_OWNER_KNOWN;
}

static __always_inline bool holder_owner_followed(struct pt_holder *holder, __u64 sk)
{
    struct socket_owner *owner = followed_find(sk);

    if (!owner || (holder->socket.inode && holder->socket.inode != owner->socket.inode))
        return false;
    holder_take_owner(holder, owner);
    return true;
}

/* It has its port, and the call that gave it has not returned yet. */
static __always_inline bool holder_owner_taking(struct pt_holder *holder, __u64 sk)
{
    struct pt_task task;
    __u8 op;

    if (!taker_of_socket(sk, &task, &op))
        return false;
    holder_take_task(holder, &task);
    holder->taken_by = op;
    return true;
}

static __always_inline bool holder_owner_closed(struct pt_holder *holder)
{
    struct connection_key key = {
        .netns = holder->task.netns,
        .local_port = holder->local.port,
        .peer_port = holder->peer.port,
    };
    struct closer closer;

    if (!holder->peer.family)
        return false;
    __builtin_memcpy(key.local, holder->local.address, sizeof(key.local));
    __builtin_memcpy(key.peer, holder->peer.address, sizeof(key.peer));
    if (!closer_of(&key, &closer))
        return false;
    holder_take_task(holder, &closer.task);
    holder->socket.inode = holder->socket.inode ?: closer.inode;
    return true;
}

/*
 * It is just giving its port back, or it is what remains of a connection: that of whoever had the
 * port last, unless a socket that has nothing to do with it stands there.
 */
static __always_inline void holder_owner_last(struct call_state *call, struct pt_holder *holder)
{
    __u64 key = port_key(holder->task.netns, holder->socket.protocol, holder->local.port);
    struct socket_owner *last = &call->last;
    __u64 sk = call->conflict;

    if (!port_last(key, last) || (last->address != sk && !holder->peer.family))
        return;
    if (last->address == sk && holder->socket.inode && holder->socket.inode != last->socket.inode)
        return;
    if (last->address == sk) {
        holder_take_owner(holder, last);
    } else {
        holder_take_task(holder, &last->task);
        holder->taken_by = last->taken_by;
    }
}

/* A call may end while this looks: the socket is followed before it stops being one that takes. */
static __always_inline void holder_owner(struct call_state *call, struct pt_holder *holder)
{
    __u64 sk = call->conflict;

    if (!holder_owner_followed(holder, sk) && !holder_owner_taking(holder, sk) &&
        !holder_owner_followed(holder, sk) && !holder_owner_closed(holder))
        holder_owner_last(call, holder);
}

/* Only what all kinds have in common may be read of what is no whole socket. */
__noinline int holder_see(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_holder *holder;
    struct sock *sk;
    __u8 state;

    sk = (struct sock *)call->conflict;
    holder = &call->record.refusal.holder;
    __builtin_memset(holder, 0, sizeof(*holder));
    holder->fd = -1;
    holder->source = PT_HOLDER_CHECK;
    state = READ(sk, __sk_common.skc_state);
    if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV) {
        held_remains(holder, &sk->__sk_common);
        if (state == TCP_TIME_WAIT)
            held_time_wait(holder, &sk->__sk_common);
    } else {
        held_socket(holder, sk);
        held_uid(holder, READ(sk, sk_uid.val));
    }
    return 0;
}

__noinline int holder_name(THE_CALL)
{
    TAKE_THE_CALL();
    holder_owner(call, &call->record.refusal.holder);
    return 0;
}

/* The kernel's check says that the port cannot be had beside this socket. The last one counts. */
static __always_inline void conflict_found(struct call_state *call, struct sock *other)
{
    call->record.refusal.conflicts++;
    call->conflict = (__u64)other;
    if (is_search(call))
        return;
    holder_see(GIVE(call));
    holder_name(GIVE(call));
}

/* From 6.1 on the addresses are compared after all the rest; TCP only. */
static __always_inline void conflict_denied(struct call_state *call, struct sock *other)
{
    if (call->conflict != (__u64)other || !call->record.refusal.conflicts)
        return;
    call->conflict = 0;
    call->record.refusal.conflicts--;
    call->record.refusal.holder.source = PT_HOLDER_NONE;
}

static __always_inline void bind_conflict_result(struct sock *other, bool conflict)
{
    struct call_state *call = call_find();

    if (call && conflict && other)
        conflict_found(call, other);
}

static __always_inline void same_address_result(struct sock *other, bool same)
{
    struct call_state *call = call_find();
    struct sock *sk;
    __u16 protocol;

    if (!call || !call->socket || !other)
        return;
    sk = (struct sock *)call->socket;
    protocol = READ(sk, sk_protocol);
    if (config.bind_conflict && protocol != IPPROTO_UDP && protocol != IPPROTO_UDPLITE) {
        if (!same)
            conflict_denied(call, other);
    } else if (same) {
        conflict_found(call, other);
    }
}

/* What a return probe needs of the arguments. */
static __always_inline void conflict_check_begins(struct sock *other)
{
    struct call_state *call = call_find();

    if (call)
        call->checked = (__u64)other;
}

static __always_inline struct sock *conflict_checked(void)
{
    struct call_state *call = call_find();

    return call ? (struct sock *)call->checked : NULL;
}

static __always_inline bool is_closing(int state)
{
    return state == TCP_FIN_WAIT1 || state == TCP_LAST_ACK;
}

/* A connection is closed by the process that runs: what comes after that, timers do. */
static __always_inline void connection_closing(struct sock *sk)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct connection_key key = {};

    if (!READ(current, mm))
        return;
    key.netns = sock_netns(sk);
    key.local_port = sock_port(sk);
    key.peer_port = bpf_ntohs(READ(sk, __sk_common.skc_dport));
    if (sock_family(sk) == AF_INET) {
        READ_INTO((__u32 *)key.local, sk, __sk_common.skc_rcv_saddr);
        READ_INTO((__u32 *)key.peer, sk, __sk_common.skc_daddr);
    } else {
        READ_INTO(&key.local, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
        READ_INTO(&key.peer, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr8);
    }
    closer_note(&key, sock_inode(sk), current);
}

#endif
