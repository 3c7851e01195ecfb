/* SPDX-License-Identifier: GPL-2.0 */
/* What has become of a call: the events that tell it, and the socket that is followed from then on.
 */
#ifndef PORTTRACE_BPF_REPORT_H
#define PORTTRACE_BPF_REPORT_H

#include "bpf/holders.h"
#include "bpf/process.h"
#include "bpf/release.h"

/* Follows a socket from the call that gave it a port on. The inode tells a reused struct sock. */
static __always_inline void remember_socket(struct call_state *call, __u64 sk, __u8 op)
{
    struct socket_owner *known = bpf_map_lookup_elem(&sockets, &sk);

    if (known && known->socket.inode == call->end.socket.inode) {
        known->socket.state = call->end.socket.state;
        known->wanted |= call->end.wanted;
        if (config.holders)
            port_taken(known);
        return;
    }
    if (call->end.address != sk) {
        call->end.since_ns = bpf_ktime_get_boot_ns();
        call->end.taken_by = op;
        call->end.address = sk;
        if (config.holders)
            port_taken(&call->end);
    }
    if (bpf_map_update_elem(&sockets, &sk, &call->end, BPF_ANY) && call->end.wanted)
        count_loss(PT_LOSS_SOCKETS_FULL);
}

static __always_inline void fill_call(struct pt_call *call, const struct call_state *from, __u8 op,
                                      __s32 error)
{
    call->task = from->end.task;
    call->socket = from->end.socket;
    call->requested = from->requested;
    if (from->seen_entry && !from->device) {
        /* Cgroup programs are not told the scope; nothing else gives a socket its device here. */
        if (call->requested.family == AF_INET6 && !call->requested.scope_id)
            call->requested.scope_id = call->socket.device_ifindex;
        call->socket.device_ifindex = 0;
        __builtin_memset(call->socket.device, 0, sizeof(call->socket.device));
    }
    if (is_failure(error))
        __builtin_memset(&call->local, 0, sizeof(call->local));
    else
        call->local = from->end.local;
    call->latency_ns = from->start_ns ? bpf_ktime_get_ns() - from->start_ns : 0;
    call->error = error;
    call->fd = from->fd;
    call->backlog = from->backlog;
    call->address_size = from->address_size;
    call->op = op;
    call->entry = from->entry;
    call->plan = config.plan;
    call->address_source = from->address_source;
    call->stage = from->stage;
    __builtin_memset(call->pad, 0, sizeof(call->pad));
    call->flags = from->socket ? PT_CALL_SOCKET_KNOWN : 0;
    call->pad2 = 0;
    if (from->partial_latency)
        call->flags |= PT_CALL_PARTIAL_LATENCY;
    if (from->seen_entry && !from->had_port && (op == PT_OP_LISTEN || op == PT_OP_CONNECT))
        call->flags |= PT_CALL_IMPLIES_AUTOBIND;
    if (!from->seen_entry)
        call->flags |= PT_CALL_ENTRY_UNSEEN;
    if (op == PT_OP_AUTOBIND) {
        __builtin_memset(&call->requested, 0, sizeof(call->requested));
        call->requested.family = from->end.socket.family;
        call->address_source = PT_ADDRESS_NONE;
        call->backlog = 0;
    }
}

static __always_inline void write_failed_call(const struct call_state *from, __u8 op, __s32 error)
{
    struct pt_failed_call *failed = emit_reserve(sizeof(*failed), PT_LOSS_RING_FULL);

    if (!failed)
        return;
    emit_header(&failed->call.header, PT_KIND_CALL, sizeof(*failed));
    fill_call(&failed->call, from, op, error);
    failed->refusal = from->refusal;
    emit_submit(failed);
}

/* The event of the current thread's call, or of the autobind that it implies. */
__noinline int write_call(__u32 op, __s32 error)
{
    const struct call_state *from = call_find();
    struct pt_call *call;

    if (!from)
        return 0;
    if (config.holders && is_failure(error)) {
        write_failed_call(from, op, error);
        return 0;
    }
    call = emit_reserve(sizeof(*call), PT_LOSS_RING_FULL);
    if (!call)
        return 0;
    emit_header(&call->header, PT_KIND_CALL, sizeof(*call));
    fill_call(call, from, op, error);
    emit_submit(call);
    return 0;
}

static __always_inline bool call_wanted(const struct call_state *call, struct task_struct *current)
{
    __u16 family = call->socket ? call->end.socket.family : call->requested.family;

    if (!task_wanted(&call->end.task, current) || !socket_wanted(&call->end.socket, family))
        return false;
    return !config.netns_count || netns_wanted(call->end.task.netns);
}

static __always_inline bool ports_wanted(__u16 one, __u16 other)
{
    return !config.by_port || port_wanted(one) || port_wanted(other);
}

/* The socket of which a hook of this plan tells that it gives its port back. */
static __always_inline __u64 followed_socket(const struct call_state *call)
{
    if (config.plan != PT_PLAN_RESTRICTED && call->inner_socket)
        return call->inner_socket;
    return call->socket;
}

/*
 * Another thread may close the descriptor as soon as the call has let go of it, and a connection
 * may be refused: then the port was given back before anybody followed the socket. What was bound
 * to a port has been told as a release of an unknown owner.
 */
static __always_inline void release_overtaken(const struct call_state *call, __u64 key)
{
    struct sock *sk = (struct sock *)key;

    if (sock_port(sk) || bpf_map_delete_elem(&sockets, &key))
        return;
    if (!(BPF_CORE_READ_BITFIELD_PROBED(sk, sk_userlocks) & SOCK_BINDPORT_LOCK) &&
        release_wanted(&call->end))
        write_release(&call->end, PT_RELEASE_OWNER_KNOWN);
}

/*
 * What is told of the caller and of its socket, once for each call. A port that was noted early may
 * have been noted for the inner socket of MPTCP: then those facts are not the caller's.
 */
__noinline int call_collect(void)
{
    struct call_state *call = call_find();
    struct sock *sk, *bound;

    if (!call || (call->collected && call->end.address == call->socket))
        return 0;
    if (call->collected)
        call->task_known = 1;
    call->collected = 1;
    sk = (void *)call->socket;
    bound = call->inner_socket ? (void *)call->inner_socket : sk;
    if (!call->task_known)
        task_facts(&call->end.task, (void *)bpf_get_current_task());
    if (!sk)
        return 0;
    socket_facts(&call->end.socket, sk);
    if (call->seen_entry)
        call->end.socket.options = call->options;
    call->end.task.netns = sock_netns(sk);
    call->end.uid = BPF_CORE_READ(sk, sk_uid.val);
    endpoint_from_socket(&call->end.local, bound);
    return 0;
}

/* Before anything is collected: a bind that failed leaves no port behind. */
static __always_inline bool surely_unwanted(const struct call_state *call, __s32 error)
{
    return call->op == PT_OP_BIND && is_failure(error) &&
           (!outcome_wanted(call->op, error) ||
            !ports_wanted(call->requested.port, call->requested.port));
}

/* The port that was noted early was taken away again, by another cgroup program. */
static __always_inline void forget_noted_port(struct call_state *call, __s32 error)
{
    if (!call->port_noted || !is_failure(error))
        return;
    port_given_back(&call->end);
    call->port_noted = 0;
}

/*
 * The events of the current thread's call, if they are wanted. A port that was got makes the socket
 * a followed one. Global functions are verified once for themselves, and not for each caller's
 * state.
 */
__noinline int call_report(__u32 entry, __s32 error)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    bool implicit, wanted, follow, told;
    struct call_state *call = call_find();
    __s32 port_error;

    if (!call)
        return 0;
    call->entry = entry;
    call->error = error;
    if (config.holders)
        forget_noted_port(call, error);
    if (surely_unwanted(call, error))
        return 0;
    call_collect();
    if (is_failure(error) && call->op != PT_OP_CONNECT)
        __builtin_memset(&call->end.local, 0, sizeof(call->end.local));
    told = call_wanted(call, current);
    if (!told && !config.holders)
        return 0;
    implicit = took_port_implicitly(call);
    wanted = told && ports_wanted(call->requested.port, call->end.local.port);
    call->end.wanted = wanted;
    follow = call->socket && call->end.local.port && (config.holders || wanted) &&
             (implicit || !is_failure(error));
    if (follow)
        remember_socket(call, followed_socket(call), implicit ? PT_OP_AUTOBIND : call->op);
    port_error = call->end.local.port ? 0 : error;
    implicit = implicit && told && ports_wanted(call->end.local.port, call->end.local.port) &&
               outcome_wanted(PT_OP_AUTOBIND, port_error);
    wanted = wanted && outcome_wanted(call->op, error);
    if (!implicit && !wanted && !(follow && (config.holders || outcome_wanted(PT_OP_RELEASE, 0))))
        return 0;
    describe_process(&call->end.task, current);
    if (config.holders && is_failure(error) && (implicit || wanted))
        refusal_facts();
    if (implicit)
        write_call(PT_OP_AUTOBIND, port_error);
    if (wanted)
        write_call(call->op, error);
    if (follow)
        release_overtaken(call, followed_socket(call));
    return 0;
}

#endif
