/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a call in the restricted plan, whose hooks see the beginning of some calls and the
 * end of some. What is seen of one that has begun waits by its socket while its thread begins
 * others.
 */
#ifndef PORTTRACE_BPF_WAITING_H
#define PORTTRACE_BPF_WAITING_H

#include "bpf/io_uring.h"
#include "bpf/registers.h"

/* A call of this thread that has not ended waits: io_uring ends what it began in any order. */
__noinline int call_set_aside(void)
{
    struct call_state *call = call_find();
    __u64 key;

    if (!call || !call->socket)
        return 0;
    key = call->socket;
    return bpf_map_update_elem(&waiting_calls, &key, call, BPF_ANY);
}

/* A call that ends, and no hook has seen its beginning. */
__noinline int call_make_late(__u32 op, __u32 stage)
{
    struct call_state *call;

    call_set_aside();
    call = call_begin(op, stage);
    if (call)
        call->start_ns = 0;
    return 0;
}

static __always_inline struct call_state *call_begin_late(__u8 op, __u8 stage)
{
    call_make_late(op, stage);
    return call_find();
}

static __always_inline struct call_state *call_begin_restricted(__u8 op, struct sock *sk,
                                                                __u64 thread)
{
    struct call_state *call = call_place(thread);

    if (!call)
        return NULL;
    if (call->op && call->socket)
        call_set_aside();
    call_start(call, thread, op, PT_STAGE_PROTOCOL);
    call->socket = (__u64)sk;
    call->end.socket.inode = sock_inode(sk);
    call->end.socket.family = sock_family(sk);
    call->end.socket.type = READ(sk, sk_type);
    call->end.socket.protocol = READ(sk, sk_protocol);
    call->partial_latency = 1;
    call_note_entry(call, sk);
    return call;
}

/* 1: that is the thread's call again. */
__noinline int call_take_waiting(__u32 op, __u64 sk)
{
    struct call_state *waiting = bpf_map_lookup_elem(&waiting_calls, &sk);
    __u64 thread = bpf_get_current_pid_tgid();

    if (!waiting || !call_is_of(waiting, op, sk))
        return 0;
    call_set_aside();
    call_put(thread, waiting);
    bpf_map_delete_elem(&waiting_calls, &sk);
    return 1;
}

/*
 * What was seen of a call, by the socket that the caller's descriptor stands for; 1: it is the
 * thread's call again.
 */
__noinline int call_resume(__u32 op, __u64 socket)
{
    __u64 inner = number_of(inner_socket((struct sock *)socket));
    struct call_state *call = call_find();

    if (!call_is_of(call, op, socket) && !call_is_of(call, op, inner) &&
        !call_take_waiting(op, socket) && !call_take_waiting(op, inner))
        return 0;
    call = call_find();
    if (call && call->socket != socket) {
        call->inner_socket = call->socket;
        call->socket = socket;
    }
    return 1;
}

static __always_inline struct call_state *call_of_socket(__u8 op, struct sock *sk)
{
    return call_resume(op, number_of(sk)) ? call_find() : NULL;
}

/* Of a descriptor that another thread has just closed, the thread's call is the best that is known.
 */
static __always_inline struct call_state *call_of_descriptor(__u8 op, __u64 sk, __s32 error)
{
    struct call_state *call;

    if (!sk && (error == ERRNO_EBADF || error == ERRNO_ENOTSOCK))
        return NULL;
    if (sk && !call_resume(op, sk))
        return NULL;
    call = call_find();
    return call && call->op == op ? call : NULL;
}

/*
 * The system call of an operation returns; 1: it has become the thread's call. As call_close(),
 * where hooks see only some of the calls: all that succeeds has to be looked at, and what was left
 * by a call that no hook saw the end of is not a loss.
 */
__noinline int call_ended(__u32 op, __s32 fd, __u64 second, __u64 third, __s32 error)
{
    struct call_state *call;
    __u64 sk = socket_of_descriptor(fd);

    if (sk == NO_INET_SOCKET)
        return 0;
    call = call_of_descriptor(op, sk, error);
    if (!call) {
        call = call_begin_late(op, error ? PT_STAGE_UNKNOWN : PT_STAGE_PROTOCOL);
        if (!call)
            return 0;
    }
    call->fd = fd;
    if (op == PT_OP_LISTEN) {
        call->backlog = second;
    } else {
        call->user_address = second;
        call->address_size = third;
        if (call->socket && !call->requested.family)
            call_read_user_address(GIVE(call));
    }
    if (call->socket || call_recover(call))
        return 1;
    call_forget(call);
    return 0;
}

#endif
