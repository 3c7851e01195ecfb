/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations of io_uring. One that would have to wait is tried again later, maybe by another
 * thread; what the first try has seen is kept by request.
 */
#ifndef PORTTRACE_BPF_IO_URING_H
#define PORTTRACE_BPF_IO_URING_H

#include "bpf/call.h"

/* io_uring begins an operation, for the first time or again. */
static __always_inline void call_io_open(__u8 op, struct io_kiocb *request)
{
    struct call_state *call = call_begin(op, PT_STAGE_ENTRY);

    if (call)
        call->request = (__u64)request;
}

/* The function that io_uring calls for the operation has returned with the operation's result. */
static __always_inline void call_io_result(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op)
        call->error = error_of(result);
}

/* The operation's own copy of its arguments. */
static __always_inline void call_io_arguments(struct call_state *call, struct io_kiocb *request)
{
    struct io_listen *listen = (void *)request;
    struct io_connect *connect = (void *)request;
    struct io_bind *bind = (void *)request;

    if (call->op == PT_OP_LISTEN) {
        if (bpf_core_field_exists(listen->backlog))
            call->backlog = READ(listen, backlog);
        return;
    }
    if (call->op == PT_OP_CONNECT)
        call->address_size = READ(connect, addr_len);
    else if (bpf_core_field_exists(bind->addr_len))
        call->address_size = READ(bind, addr_len);
}

/* Of a call that never ended the memory of the socket may be another one's by now. */
VERIFIED_ONCE int call_is_of(const struct call_state *call, __u32 op, __u64 socket)
{
    return call && call->op == op && call->socket == socket &&
           call->end.socket.inode == sock_inode((struct sock *)socket);
}

static __always_inline struct sock *call_io_socket(struct io_kiocb *request)
{
    struct socket *sock = READ(request, file, private_data);

    return sock ? READ(sock, sk) : NULL;
}

/*
 * What the first try has seen, for the one that ends the operation. A request that was cancelled in
 * between leaves its first try behind, and its memory is another request's next.
 */
static __always_inline void call_io_resume(struct call_state *call)
{
    __u64 request = call->request;
    struct call_state *first = bpf_map_lookup_elem(&waiting_calls, &request);

    if (!first)
        return;
    if (!call_is_of(first, call->op, number_of(call_io_socket((struct io_kiocb *)request)))) {
        bpf_map_delete_elem(&waiting_calls, &request);
        return;
    }
    call->start_ns = first->start_ns;
    call->socket = first->socket;
    call->inner_socket = first->inner_socket;
    call->requested = first->requested;
    call->address_size = first->address_size;
    call->address_source = first->address_source;
    call->stage = first->stage;
    call->options = first->options;
    call->device = first->device;
    call->record.refusal = first->record.refusal;
    call->had_port = first->had_port;
    call->seen_entry = first->seen_entry;
    bpf_map_delete_elem(&waiting_calls, &request);
}

/* A later try does not see the socket again where the kernel keeps the operation going itself. */
static __always_inline void call_io_wait(struct call_state *call)
{
    __u64 request = call->request;
    struct call_state *first = bpf_map_lookup_elem(&waiting_calls, &request);
    struct sock *sk = (struct sock *)call->socket;

    if (first && (!sk || call_is_of(first, call->op, number_of(sk))))
        return;
    if (sk)
        call->end.socket.inode = sock_inode(sk);
    bpf_map_update_elem(&waiting_calls, &request, call, BPF_ANY);
}

/* The request's own result; up to 5.18 it was elsewhere, and call_io_result() has seen it. */
static __always_inline __s32 call_io_error(const struct call_state *call)
{
    struct io_kiocb *request = (void *)call->request;
    __s32 result;

    if (!bpf_core_field_exists(request->cqe.res))
        return call->error;
    result = READ(request, cqe.res);
    return error_of(result);
}

static __always_inline void call_io_close(__u8 op, long returned)
{
    struct call_state *call = call_find();
    __u64 request;
    __s32 error;

    if (!call || call->op != op)
        return;
    request = call->request;
    if (returned != -ERRNO_EAGAIN) {
        call_io_resume(call);
        call_io_arguments(call, (struct io_kiocb *)request);
        error = call_io_error(call);
        if (!call->socket && !error)
            count_loss(PT_LOSS_MISSED_RETURN); /* the first try has fallen out of waiting_calls */
        else if (!call->not_inet)
            call_report(GIVE(call), PT_ENTRY_IO_URING, error);
        call_done(call, op, error);
    } else {
        call_io_wait(call);
        call_forget(call);
    }
}

#endif
