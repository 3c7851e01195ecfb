/* SPDX-License-Identifier: GPL-2.0 */
/* Which socket is in the way, where no check of the kernel was seen to hit one. */
#ifndef PORTTRACE_BPF_HOLDERS_H
#define PORTTRACE_BPF_HOLDERS_H

#include "bpf/refusal.h"
#include "bpf/takers.h"

#define RELEASE_NS 20000

/* What both begin with: the process, the socket and its address. */
#define HELD_BYTES __builtin_offsetof(struct pt_holder, peer)
_Static_assert(HELD_BYTES == __builtin_offsetof(struct socket_owner, since_ns) &&
                   __builtin_offsetof(struct pt_holder, local) ==
                       __builtin_offsetof(struct socket_owner, local),
               "a holder is copied from an owner as it stands");

/* Whether both cannot stand beside each other, as far as addresses go. */
static __always_inline bool may_overlap(const struct pt_endpoint *one,
                                        const struct pt_endpoint *other)
{
    const __u32 *a = (const __u32 *)one->address, *b = (const __u32 *)other->address;

    if (one->family != other->family)
        return true;
    if (one->family == AF_INET)
        return !a[0] || !b[0] || a[0] == b[0];
    if ((!a[0] && !a[1]) || (!b[0] && !b[1]))
        return true; /* the wildcard, or an address of IPv4 */
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* The hook at a release is ahead of the kernel, which takes the port away a moment later. */
static __always_inline bool has_port_still(const struct socket_owner *last)
{
    struct sock *sk = (struct sock *)last->address;
    __u64 inode;

    if (sock_port(sk) != last->local.port || sock_netns(sk) != last->task.netns)
        return false;
    inode = sock_inode(sk);
    return !inode || inode == last->socket.inode;
}

/* The thread that ran then has begun a call since: so the kernel was through with it. */
VERIFIED_ONCE int release_was_over(const struct socket_owner *last, const struct call_state *call)
{
    struct call_state *later;

    if (!last || !call)
        return false;
    if (last->gone_by == call->thread)
        return true;
    later = call_last(last->gone_by);
    return later && later->start_ns > last->gone_ns && later->start_ns < call->start_ns;
}

/*
 * What was given back before this call began is not in the way, only what remains of it may be: a
 * connection, or TIME_WAIT. A socket without any may have been hit between the two moments.
 */
static __always_inline bool was_gone(const struct socket_owner *last, const struct call_state *call)
{
    if (!last->gone_ns || !call->start_ns || last->gone_ns >= call->start_ns ||
        has_port_still(last))
        return false;
    return last->socket.state != TCP_CLOSE || last->gone_ns < call->start_ns - RELEASE_NS ||
           release_was_over(last, call);
}

/*
 * Who had the port last, unless it is gone and nothing has told so. What is given back meanwhile
 * has been told by now, since most hooks are ahead of the kernel.
 */
VERIFIED_ONCE int last_known(__u64 key, struct socket_owner *ret_last)
{
    if (!ret_last)
        return 0;
    for (int i = 0; i < 2; i++)
        if (port_last(key, ret_last) && (ANEW(ret_last->gone_ns) || has_port_still(ret_last)))
            return 1;
    return 0;
}

/* The port that could not be had, 0: none in particular, or that was not why. */
static __always_inline __u16 port_refused(const struct call_state *call)
{
    if (call->error == ERRNO_EADDRINUSE && call->op == PT_OP_BIND)
        return call->requested.port;
    if ((call->error == ERRNO_EADDRINUSE && call->op == PT_OP_LISTEN) ||
        (call->error == ERRNO_EADDRNOTAVAIL && call->op == PT_OP_CONNECT))
        return call->record.refusal.entry_port;
    return 0;
}

/* Whether that one is in its way, as far as addresses go: those of a connect are its peer's. */
static __always_inline bool may_be_in_the_way(const struct call_state *call,
                                              const struct pt_endpoint *other)
{
    if (call->op == PT_OP_CONNECT)
        return true;
    return may_overlap(other, call->op == PT_OP_LISTEN ? &call->end.local : &call->requested);
}

/* 1: who asked for the port in this place has it, and its call is about to end. */
__noinline int holder_from_taker(THE_CALL, __u32 place)
{
    TAKE_THE_CALL();
    __u64 key = port_key(call->end.task.netns, call->end.socket.protocol, call->requested.port);
    struct call_state *taker = taker_of_port(*port_taker_slot(key, place), call->requested.port);
    struct pt_holder *holder = &call->record.refusal.holder;
    struct sock *sk;
    __u64 thread, inode, start_ns;

    if (!taker || !taker->task_known || !may_overlap(&taker->requested, &call->requested))
        return 0;
    thread = taker->thread;
    start_ns = ANEW(taker->start_ns);
    if (thread == call->thread)
        return 0;
    sk = (struct sock *)taker->socket;
    inode = sock_inode(sk);
    if (!inode || port_key(sock_netns(sk), READ(sk, sk_protocol), sock_port(sk)) != key ||
        taker->end.socket.inode != inode)
        return 0;
    holder->task = taker->end.task;
    holder->task.netns = call->end.task.netns;
    holder->socket = taker->end.socket; /* which may just be filled in: what counts is read anew */
    holder->socket.inode = inode;
    holder->socket.cookie = READ(sk, __sk_common.skc_cookie.counter);
    holder->socket.family = sock_family(sk);
    holder->socket.type = READ(sk, sk_type);
    holder->socket.protocol = READ(sk, sk_protocol);
    holder->socket.state = TCP_CLOSE;
    holder->socket.options = taker->options;
    holder->socket.device_ifindex = taker->device;
    if (taker->device)
        device_name(holder->socket.device, sk, taker->device);
    endpoint_of(&holder->local, number_of(sk));
    holder->since_ns = start_ns;
    holder->uid = READ(sk, sk_uid.val);
    holder->taken_by = PT_OP_BIND;
    holder->flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_UID_KNOWN | PT_HOLDER_BOUND;
    holder->fd = -1;
    if (!is_call_of(taker, thread) || ANEW(taker->start_ns) != start_ns)
        return 0;
    holder->source = PT_HOLDER_TABLE;
    return 1;
}

__noinline int holder_from_table(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_holder *holder = &call->record.refusal.holder;
    struct socket_owner *last = &call->last;
    __u16 port = port_refused(call);

    if (!port || !call->socket)
        return 0;
    if (!last_known(port_key(call->end.task.netns, call->end.socket.protocol, port), last))
        return 0;
    if (last->address == call->socket || last->address == call->inner_socket ||
        was_gone(last, call) || !may_be_in_the_way(call, &last->local))
        return 0;
    bpf_probe_read_kernel(holder, HELD_BYTES, last);
    holder->since_ns = last->since_ns;
    holder->gone_ns = last->gone_ns;
    holder->uid = last->uid;
    holder->taken_by = last->taken_by;
    holder->flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_UID_KNOWN;
    if (last->taken_by == PT_OP_BIND)
        holder->flags |= PT_HOLDER_BOUND;
    holder->fd = -1;
    holder->source = PT_HOLDER_TABLE;
    return 0;
}

/* What the check has hit stays. */
__noinline int refusal_holder(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_holder *holder = &call->record.refusal.holder;

    if (holder->source != PT_HOLDER_NONE)
        return 0;
    __builtin_memset(holder, 0, sizeof(*holder));
    holder_from_table(GIVE(call));
    if (ANEW(holder->source) != PT_HOLDER_NONE || config.plan != PT_PLAN_RESTRICTED ||
        call->op != PT_OP_BIND || !port_refused(call) || !call->socket)
        return 0;
    for (__u32 i = 0; i < PT_PORT_TAKERS; i++)
        if (holder_from_taker(GIVE(call), i))
            return 0;
    __builtin_memset(holder, 0, sizeof(*holder));
    holder_from_table(GIVE(call)); /* where it stands since its call has ended */
    return 0;
}

/* All that a failure is told with. */
__noinline int refusal_facts(THE_CALL)
{
    TAKE_THE_CALL();
    struct task_struct *current = (void *)bpf_get_current_task();
    struct pt_refusal *refusal = &call->record.refusal;
    struct sock *sk = (struct sock *)call->socket;

    if (READ(current, seccomp.mode) == SECCOMP_MODE_FILTER)
        refusal->flags |= PT_REFUSAL_FILTERED;
    if (sk) {
        refusal_socket(call, sk);
        refusal_netns(GIVE(call));
    }
    refusal->check = check_that_refused(GIVE(call));
    if (refusal->check != PT_CHECK_PORT) {
        refusal->conflicts = 0;
        refusal->holder.source = PT_HOLDER_NONE;
    }
    refusal_holder(GIVE(call));
    return 0;
}

#endif
