/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The thread whose call is about to give a port to a struct sock; in the restricted plan, whose
 * bind asks for a port. A slot says no more than the thread: what it is about is looked at in its
 * call, so that a slot that another has taken, or that is past, tells nothing.
 */
#ifndef PORTTRACE_BPF_TAKERS_H
#define PORTTRACE_BPF_TAKERS_H

#include "bpf/ports.h"

#define PT_PORT_TAKER_BITS 2
#define PT_PORT_TAKERS     (1 << PT_PORT_TAKER_BITS)

static __always_inline __u64 *taker_slot(__u64 key)
{
    return &takers[PT_PLACE(key, PT_TAKER_BITS)];
}

/* It is one that has begun, and has not ended and given way to another meanwhile. */
static __always_inline bool is_call_of(struct call_state *call, __u64 thread)
{
    return ANEW(call->op) && ANEW(call->thread) == thread;
}

static __always_inline struct call_state *taker_call(__u64 thread)
{
    struct call_state *call = call_under_way(thread);

    return call && is_call_of(call, thread) ? call : NULL;
}

/* The process that takes a port for this socket; false: it is not known. */
static __always_inline bool taker_of_socket(__u64 sk, struct pt_task *ret_task, __u8 *ret_op)
{
    struct call_state *call = taker_call(*taker_slot(sk));
    __u64 thread;

    if (!call || !call->task_known || (call->socket != sk && call->inner_socket != sk))
        return false;
    thread = call->thread;
    *ret_task = call->end.task;
    *ret_op = call->op;
    return is_call_of(call, thread);
}

/* One of the places for those that ask for the same port. */
static __always_inline __u64 *port_taker_slot(__u64 key, __u32 place)
{
    __u64 at = PT_PLACE(key, PT_TAKER_BITS - PT_PORT_TAKER_BITS) << PT_PORT_TAKER_BITS;

    at += place % PT_PORT_TAKERS;
    barrier_var(at); /* the verifier of 6.1 does not know how large it can be */
    return &takers[at % (1 << PT_TAKER_BITS)];
}

/* The bind by which a thread has begun to ask for a port, as far as its number goes. */
static __always_inline struct call_state *taker_of_port(__u64 thread, __u16 port)
{
    struct call_state *call = taker_call(thread);

    return call && call->op == PT_OP_BIND && call->requested.port == port ? call : NULL;
}

/* 1: the call has this place. One whose bind goes on keeps it: it may be about to get the port. */
__noinline int port_taker_place(THE_CALL, __u64 key, __u32 place)
{
    TAKE_THE_CALL();
    __u64 *slot = port_taker_slot(key, place);

    if (*slot != call->thread) {
        if (taker_of_port(*slot, call->requested.port))
            return 0;
        *slot = call->thread;
    }
    return 1;
}

/*
 * The restricted plan has no hook where a port is given: between that and the end of the call,
 * others may be refused for it already.
 */
static __always_inline void port_asked_for(struct call_state *call, struct sock *sk)
{
    __u64 key = port_key(sock_netns(sk), READ(sk, sk_protocol), call->requested.port);

    if (*port_taker_slot(key, call->thread) == call->thread)
        return; /* asked before, as most have */
    for (__u32 i = 0; i < PT_PORT_TAKERS; i++)
        if (port_taker_place(GIVE(call), key, call->thread + i))
            return;
}

#endif
