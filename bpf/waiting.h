/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of a call in the restricted plan, whose hooks see the beginning of some calls and the
 * end of some. What is seen of one that has begun waits by its socket while its thread begins
 * others.
 */
#ifndef PORTTRACE_BPF_WAITING_H
#define PORTTRACE_BPF_WAITING_H

#include "bpf/io_uring.h"

/* A call of this thread that has not ended waits: io_uring ends what it began in any order. */
static __always_inline void call_set_aside(void)
{
    struct call_state *call = call_find();
    __u64 key;

    if (!call || !call->socket)
        return;
    key = call->socket;
    bpf_map_update_elem(&waiting_calls, &key, call, BPF_ANY);
}

static __always_inline struct call_state *call_begin_restricted(__u8 op, struct sock *sk)
{
    struct call_state *call;

    call_set_aside();
    call = call_begin(op, PT_STAGE_PROTOCOL);
    if (!call)
        return NULL;
    call->socket = (__u64)sk;
    call->end.socket.inode = sock_inode(sk, BPF_CORE_READ(sk, sk_socket));
    call->partial_latency = 1;
    call_note_entry(call, sk);
    return call;
}

/* MPTCP binds, connects and listens on an inner socket, which is what some hooks see. */
static __always_inline struct sock *inner_socket(struct sock *sk)
{
    struct mptcp_sock *mptcp = (void *)sk;

    if (BPF_CORE_READ(sk, sk_protocol) != IPPROTO_MPTCP || !bpf_core_field_exists(mptcp->first))
        return sk;
    return BPF_CORE_READ(mptcp, first);
}

static __always_inline struct call_state *call_take_waiting(__u8 op, struct sock *sk)
{
    __u64 key = (__u64)sk, thread = bpf_get_current_pid_tgid();
    struct call_state *waiting = bpf_map_lookup_elem(&waiting_calls, &key);

    if (!call_is_of(waiting, op, sk))
        return NULL;
    call_set_aside();
    bpf_map_update_elem(&calls, &thread, waiting, BPF_ANY);
    bpf_map_delete_elem(&waiting_calls, &key);
    return call_find();
}

/* What was seen of a call, by the socket that the caller's descriptor stands for; NULL: nothing. */
static __always_inline struct call_state *call_of_socket(__u8 op, struct sock *sk)
{
    struct call_state *call = call_find();
    struct sock *inner = inner_socket(sk);

    if (!call_is_of(call, op, sk) && !call_is_of(call, op, inner)) {
        call = call_take_waiting(op, sk);
        if (!call && inner != sk)
            call = call_take_waiting(op, inner);
    }
    if (call && call->socket != (__u64)sk) {
        call->inner_socket = call->socket;
        call->socket = (__u64)sk;
    }
    return call;
}

/* Of a descriptor that another thread has just closed, the thread's call is the best that is known.
 */
static __always_inline struct call_state *call_of_descriptor(__u8 op, struct sock *sk, __s32 error)
{
    struct call_state *call;

    if (sk)
        return call_of_socket(op, sk);
    if (error == ERRNO_EBADF || error == ERRNO_ENOTSOCK)
        return NULL;
    call = call_find();
    return call && call->op == op ? call : NULL;
}

/*
 * As call_close(), where hooks see only some of the calls: all that succeeds has to be looked at,
 * and what was left by a call that no hook saw the end of is not a loss.
 */
static __always_inline void call_close_restricted(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                                  __s32 backlog, long result)
{
    __s32 error = error_of(result);
    struct call_state *call;
    struct sock *sk;
    bool other;

    sk = socket_of_descriptor(fd, &other);
    if (other || (result && !error))
        return;
    call = call_of_descriptor(op, sk, error);
    if (!call) {
        call_set_aside();
        call = call_begin(op, error ? PT_STAGE_UNKNOWN : PT_STAGE_PROTOCOL);
        if (!call)
            return;
        call->start_ns = 0;
    }
    call->fd = fd;
    call->user_address = user_address;
    call->address_size = size;
    call->backlog = backlog;
    if (call->socket && op != PT_OP_LISTEN && !call->requested.family)
        call_read_user_address(call);
    if (call->socket || call_recover(call))
        call_report(PT_ENTRY_SYSCALL, error);
    call_forget();
}

#endif
