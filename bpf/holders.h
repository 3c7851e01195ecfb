/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which socket is in the way. In the full plans it is the one that the kernel's own check hits,
 * taken down under the lock of the port's bucket; else the last one known to have had the port.
 */
#ifndef PORTTRACE_BPF_HOLDERS_H
#define PORTTRACE_BPF_HOLDERS_H

#include "bpf/held.h"
#include "bpf/ports.h"
#include "bpf/refusal.h"

#define TCP_FIN_WAIT1 4
#define TCP_LAST_ACK  9
#define RELEASE_NS    20000

/* What both begin with: the process, the socket and its address. */
#define HELD_BYTES __builtin_offsetof(struct pt_holder, peer)
_Static_assert(HELD_BYTES == __builtin_offsetof(struct socket_owner, since_ns) &&
                   __builtin_offsetof(struct pt_holder, local) ==
                       __builtin_offsetof(struct socket_owner, local),
               "a holder is copied from an owner as it stands");

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
    struct socket_owner *owner = bpf_map_lookup_elem(&sockets, &sk);

    if (!owner || (holder->socket.inode && holder->socket.inode != owner->socket.inode))
        return false;
    holder_take_owner(holder, owner);
    return true;
}

/* It has its port, and the call that gave it has not returned yet. */
static __always_inline bool holder_owner_taking(struct pt_holder *holder, __u64 sk)
{
    __u64 *thread = bpf_map_lookup_elem(&takers, &sk);
    struct call_state *call = thread ? bpf_map_lookup_elem(&calls, thread) : NULL;

    if (!call || !call->task_known || (call->socket != sk && call->inner_socket != sk))
        return false;
    holder_take_task(holder, &call->end.task);
    holder->taken_by = call->op;
    return true;
}

static __always_inline bool holder_owner_closed(struct pt_holder *holder)
{
    struct connection_key key = {
        .netns = holder->task.netns,
        .local_port = holder->local.port,
        .peer_port = holder->peer.port,
    };
    struct closer *closer;

    if (!holder->peer.family)
        return false;
    __builtin_memcpy(key.local, holder->local.address, sizeof(key.local));
    __builtin_memcpy(key.peer, holder->peer.address, sizeof(key.peer));
    closer = bpf_map_lookup_elem(&closers, &key);
    if (!closer)
        return false;
    holder_take_task(holder, &closer->task);
    holder->socket.inode = holder->socket.inode ?: closer->inode;
    return true;
}

/*
 * It is just giving its port back, or it is what remains of a connection: that of whoever had the
 * port last, unless a socket that has nothing to do with it stands there.
 */
static __always_inline bool holder_owner_last(struct pt_holder *holder, __u64 sk)
{
    struct port_key key = port_key(holder->task.netns, holder->socket.protocol, holder->local.port);
    struct socket_owner *last = bpf_map_lookup_elem(&ports, &key);

    if (!last || (last->address != sk && !holder->peer.family))
        return false;
    if (last->address == sk && holder->socket.inode && holder->socket.inode != last->socket.inode)
        return false;
    if (last->address == sk) {
        holder_take_owner(holder, last);
    } else {
        holder_take_task(holder, &last->task);
        holder->taken_by = last->taken_by;
    }
    return true;
}

/* A call may end while this looks: the socket is followed before it stops being one that takes. */
static __always_inline void holder_owner(struct pt_holder *holder, __u64 sk)
{
    if (!holder_owner_followed(holder, sk) && !holder_owner_taking(holder, sk) &&
        !holder_owner_followed(holder, sk) && !holder_owner_closed(holder))
        holder_owner_last(holder, sk);
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
    holder_owner(&call->record.refusal.holder, call->conflict);
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

    if (call && conflict)
        conflict_found(call, other);
}

static __always_inline void same_address_result(struct sock *other, bool same)
{
    struct call_state *call = call_find();
    struct sock *sk;
    __u16 protocol;

    if (!call || !call->socket)
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

/* A connection is closed by the process that runs: what comes after that, timers do. */
static __always_inline void connection_closing(struct sock *sk, int state)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct connection_key key = {};
    struct closer closer = {};

    if (state != TCP_FIN_WAIT1 && state != TCP_LAST_ACK)
        return;
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
    task_facts(&closer.task, current);
    closer.inode = sock_inode(sk);
    bpf_map_update_elem(&closers, &key, &closer, BPF_ANY);
}

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
    later = bpf_map_lookup_elem(&calls, &last->gone_by);
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

/* The last one that asked for the port has it, and its call is about to end. */
__noinline int holder_from_taker(THE_CALL)
{
    TAKE_THE_CALL();
    struct port_key key =
        port_key(call->end.task.netns, call->end.socket.protocol, call->requested.port);
    struct pt_holder *holder = &call->record.refusal.holder;
    __u64 *thread = bpf_map_lookup_elem(&takers, &key);
    struct call_state *taker = NULL;
    struct sock *sk;

    if (thread && *thread != bpf_get_current_pid_tgid())
        taker = port_taker(thread, key.port);
    if (!taker || !taker->task_known || !may_overlap(&taker->requested, &call->requested))
        return 0;
    sk = (struct sock *)taker->socket;
    if (sock_port(sk) != key.port || taker->end.socket.inode != sock_inode(sk))
        return 0;
    holder->task = taker->end.task;
    holder->task.netns = key.netns;
    holder->socket = taker->end.socket;
    holder->socket.state = TCP_CLOSE;
    holder->socket.options = taker->options;
    holder->socket.device_ifindex = taker->device;
    if (taker->device)
        device_name(holder->socket.device, sk, taker->device);
    endpoint_of(&holder->local, taker->socket);
    holder->since_ns = taker->start_ns;
    holder->uid = READ(sk, sk_uid.val);
    holder->taken_by = PT_OP_BIND;
    holder->flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_UID_KNOWN | PT_HOLDER_BOUND;
    holder->fd = -1;
    holder->source = PT_HOLDER_TABLE;
    return 0;
}

__noinline int holder_from_table(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_holder *holder = &call->record.refusal.holder;
    struct socket_owner *last;
    struct port_key key;
    __u16 port = port_refused(call);

    if (!port || !call->socket)
        return 0;
    key = port_key(call->end.task.netns, call->end.socket.protocol, port);
    last = bpf_map_lookup_elem(&ports, &key);
    if (!last || last->address == call->socket || last->address == call->inner_socket ||
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

/* Where no check of the kernel was seen to hit one. */
__noinline int refusal_holder(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_holder *holder = &call->record.refusal.holder;

    if (holder->source != PT_HOLDER_NONE)
        return 0;
    __builtin_memset(holder, 0, sizeof(*holder));
    holder_from_table(GIVE(call));
    if (ANEW(holder->source) == PT_HOLDER_NONE && config.plan == PT_PLAN_RESTRICTED &&
        call->op == PT_OP_BIND && call->requested.port && call->socket)
        holder_from_taker(GIVE(call));
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
