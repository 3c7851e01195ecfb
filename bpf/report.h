/* SPDX-License-Identifier: GPL-2.0 */
/* What has become of a call: the events that tell it, and the socket that is followed from then on.
 */
#ifndef PORTTRACE_BPF_REPORT_H
#define PORTTRACE_BPF_REPORT_H

#include "bpf/filter.h"
#include "bpf/process.h"
#include "bpf/release.h"

/* Follows a socket from the call that gave it a port on. The inode tells a reused struct sock. */
static __always_inline void remember_socket(struct call_state *call, __u64 sk, __u8 op)
{
    struct socket_owner *known = bpf_map_lookup_elem(&sockets, &sk);

    if (known && known->socket.inode == call->end.socket.inode) {
        known->socket.state = call->end.socket.state;
        return;
    }
    call->end.since_ns = bpf_ktime_get_boot_ns();
    call->end.taken_by = op;
    if (bpf_map_update_elem(&sockets, &sk, &call->end, BPF_ANY))
        count_loss(PT_LOSS_SOCKETS_FULL);
}

static __always_inline void write_call(const struct call_state *from, __u8 op, __s32 error)
{
    struct pt_call *call = emit_reserve(sizeof(*call), PT_LOSS_RING_FULL);

    if (!call)
        return;
    emit_header(&call->header, PT_KIND_CALL, sizeof(*call));
    call->task = from->end.task;
    call->socket = from->end.socket;
    call->requested = from->requested;
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
    emit_submit(call);
}

/*
 * A listen or a UDP connect of a socket without a port takes one first, or fails to. The port stays
 * with the socket also when the rest of the connect fails.
 */
static __always_inline bool took_port_implicitly(const struct call_state *call)
{
    const struct pt_socket *socket = &call->end.socket;

    if (!call->seen_entry || call->had_port)
        return false;
    if (call->op == PT_OP_LISTEN)
        return call->end.local.port || call->error == ERRNO_EADDRINUSE;
    if (call->op != PT_OP_CONNECT ||
        !(protocol_bit(socket->type, socket->protocol) & (FILTER_UDP | FILTER_PING)))
        return false;
    return call->end.local.port || call->error == ERRNO_EAGAIN;
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
 * The events of the current thread's call, if they are wanted. A port that was got makes the socket
 * a followed one. Global functions are verified once for themselves, and not for each caller's
 * state.
 */
__noinline int call_report(__u32 entry, __s32 error)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct call_state *call = call_find();
    struct sock *sk, *bound;
    bool implicit, wanted, follow;
    __s32 port_error;

    if (!call)
        return 0;
    sk = (void *)call->socket;
    bound = call->inner_socket ? (void *)call->inner_socket : sk;
    call->entry = entry;
    call->error = error;
    task_facts(&call->end.task, current);
    if (sk) {
        socket_facts(&call->end.socket, sk);
        if (call->seen_entry)
            call->end.socket.options = call->options;
        call->end.task.netns = sock_netns(sk);
        endpoint_from_socket(&call->end.local, bound);
        if (is_failure(error) && call->op != PT_OP_CONNECT)
            __builtin_memset(&call->end.local, 0, sizeof(call->end.local));
    }
    if (!call_wanted(call, current))
        return 0;
    implicit = took_port_implicitly(call);
    wanted = ports_wanted(call->requested.port, call->end.local.port);
    follow = sk && call->end.local.port && wanted && (implicit || !is_failure(error));
    if (follow)
        remember_socket(call, followed_socket(call), implicit ? PT_OP_AUTOBIND : call->op);
    port_error = call->end.local.port ? 0 : error;
    implicit = implicit && ports_wanted(call->end.local.port, call->end.local.port) &&
               outcome_wanted(PT_OP_AUTOBIND, port_error);
    wanted = wanted && outcome_wanted(call->op, error);
    if (!implicit && !wanted && !(follow && outcome_wanted(PT_OP_RELEASE, 0)))
        return 0;
    describe_process(&call->end.task, current);
    if (implicit)
        write_call(call, PT_OP_AUTOBIND, port_error);
    if (wanted)
        write_call(call, call->op, error);
    if (follow)
        release_overtaken(call, followed_socket(call));
    return 0;
}

#endif
