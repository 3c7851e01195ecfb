/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of one call, whatever way the hooks are attached:
 *   call_open      at the system call, where the plan has a hook there (kprobe)
 *   call_socket    at the security check: socket and address in kernel memory
 *   call_protocol  the protocol's code has run; without an open call it was the kernel's own
 *   call_close     the outermost function returns: the event is written
 */
#ifndef PORTTRACE_BPF_CALL_H
#define PORTTRACE_BPF_CALL_H

#include "bpf/recover.h"
#include "bpf/report.h"
#include "bpf/takers.h"

/* What can only be seen before the call has changed it. */
static __always_inline void call_note_entry(struct call_state *call, struct sock *sk)
{
    __u16 port = sock_port(sk);

    call->had_port = port != 0;
    call->options = socket_options(sk);
    call->device = READ(sk, __sk_common.skc_bound_dev_if);
    call->seen_entry = 1;
    if (!config.holders)
        return;
    call->record.refusal.entry_port = port;
    call->record.refusal.entry_state = READ(sk, __sk_common.skc_state);
}

__noinline int call_note_task(THE_CALL)
{
    TAKE_THE_CALL();
    if (call->task_known)
        return 0;
    task_facts(&call->end.task, (void *)bpf_get_current_task());
    call->task_known = 1;
    return 0;
}

/*
 * Another's call can hit the socket before this one has returned, and has to find whose it is. The
 * restricted plan has no hook that would see it hit.
 */
static __always_inline void call_note_taker(struct call_state *call, const __u64 *sk)
{
    if (!config.holders || config.plan == PT_PLAN_RESTRICTED)
        return;
    call_note_task(GIVE(call));
    *taker_slot(ANEW(*sk)) = call->thread;
}

static __always_inline void call_set_socket(struct call_state *call, struct sock *sk,
                                            const void *address, __u32 size)
{
    call->socket = (__u64)sk;
    call_note_entry(call, sk);
    call_note_taker(call, &call->socket);
    if (call->op == PT_OP_LISTEN)
        return;
    call->address_size = size;
    call->address_source = PT_ADDRESS_KERNEL;
    endpoint_from_kernel(&call->requested, call->op, address, size);
}

/* The operation is the call's. */
static __always_inline void call_done(struct call_state *call, __u8 op, __s32 error)
{
    if (op == PT_OP_CONNECT && !error)
        port_let_go(call->socket);
    call_forget(call);
}

static __always_inline void call_open(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                      __s32 backlog)
{
    struct call_state *call = call_find();

    if (call)
        count_loss(PT_LOSS_MISSED_RETURN);
    call = call_begin(op, PT_STAGE_ENTRY);
    if (!call)
        return;
    call->fd = fd;
    call->user_address = user_address;
    call->address_size = size;
    call->backlog = backlog;
}

static __always_inline void call_socket(__u8 op, struct sock *sk, const void *address, __u32 size,
                                        __s32 backlog, __u8 stage)
{
    struct call_state *call = call_find();

    if (call && (call->op != op || call->stage != PT_STAGE_ENTRY)) {
        count_loss(PT_LOSS_MISSED_RETURN);
        call = NULL;
    }
    if (!sk || !is_inet(sock_family(sk))) {
        if (call)
            call->not_inet = 1;
        return;
    }
    if (!call) {
        call = call_begin(op, stage);
        if (!call)
            return;
        call->backlog = backlog;
    }
    call->stage = stage;
    call_set_socket(call, sk, address, size);
}

/* The security modules have agreed, where that was not known with the socket. */
static __always_inline void call_security_return(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op && call->stage == PT_STAGE_SECURITY && !result)
        call->stage = PT_STAGE_PROTOCOL;
}

/* A system call returns. fd, address and size are as the caller passed them. */
static __always_inline void call_close(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                       __s32 backlog, long result)
{
    struct call_state *call = call_find();

    if (!call || call->op != op) {
        if (!error_of(result))
            return; /* not a socket with ports: those all pass the security check */
        call = call_begin(op, PT_STAGE_ENTRY);
        if (!call)
            return;
        call->start_ns = 0;
        call->address_size = size;
        call->backlog = backlog;
    }
    call->fd = fd;
    call->user_address = user_address;
    if (op == PT_OP_LISTEN)
        call->backlog = backlog; /* the security modules see it cut to somaxconn */
    if (!call->not_inet && (call->socket || call_recover(call)))
        call_report_or_count(call, PT_ENTRY_SYSCALL, error_of(result));
    call_done(call, op, error_of(result));
}

/* As above, where call_open() kept what the caller passed. */
static __always_inline void call_close_opened(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op)
        call_close(op, call->fd, call->user_address, call->address_size, call->backlog, result);
}

/* The socket that is really bound, connected or listens, within an open call. */
static __always_inline void call_inner(__u8 op, struct sock *sk)
{
    struct call_state *call = call_find();

    if (!call || call->op != op)
        return;
    call->stage = PT_STAGE_PROTOCOL;
    if (call->inner_socket == (__u64)sk)
        return;
    call->inner_socket = (__u64)sk;
    if (call->socket != (__u64)sk)
        call_note_taker(call, &call->inner_socket);
}

/*
 * The protocol's code has begun on a socket. Within an open call this only tells how far the call
 * got; otherwise the kernel calls for itself, or a send implies the call.
 */
static __always_inline void call_protocol_enter(__u8 op, struct sock *sk, const void *address,
                                                __u32 size, __s32 backlog)
{
    struct call_state *call = call_find();

    if (call) {
        if (call->op != op)
            return;
        call_inner(op, sk);
        return;
    }
    call = call_begin(op, PT_STAGE_PROTOCOL);
    if (!call)
        return;
    call->backlog = backlog;
    call->entry = sock_is_kernels(sk) ? PT_ENTRY_KERNEL : PT_ENTRY_SEND;
    call_set_socket(call, sk, address, size);
}

/* Neither a local port, nor the pair of endpoints, could be had. */
static __always_inline void call_connect_result(long result)
{
    struct call_state *call = call_find();

    if (call && result == -ERRNO_EADDRNOTAVAIL)
        call->record.refusal.check = PT_CHECK_CONNECT;
}

/* An open call has no entry yet; one that call_protocol_enter() began has, and ends here. */
static __always_inline void call_protocol_return(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (!call || call->op != op || call->entry == PT_ENTRY_UNKNOWN)
        return;
    call_report(GIVE(call), call->entry, error_of(result));
    call_forget(call);
}

/* The kernel chooses a port for a socket. Within another call that call tells it. */
static __always_inline void call_autobind_enter(struct sock *sk)
{
    struct call_state *call = call_find();

    if (call && (call->op == PT_OP_LISTEN || call->op == PT_OP_CONNECT ||
                 (call->op == PT_OP_AUTOBIND && call->socket == (__u64)sk)))
        return;
    call = call_begin(PT_OP_AUTOBIND, PT_STAGE_PROTOCOL);
    if (!call)
        return;
    call->socket = (__u64)sk;
    call->entry = sock_is_kernels(sk) ? PT_ENTRY_KERNEL : PT_ENTRY_SEND;
    call_note_taker(call, &call->socket);
}

static __always_inline void call_autobind_return(long result)
{
    call_protocol_return(PT_OP_AUTOBIND, result);
}

#endif
