/* SPDX-License-Identifier: GPL-2.0 */
/* The call that the current thread is in. */
#ifndef PORTTRACE_BPF_STATE_H
#define PORTTRACE_BPF_STATE_H

#include "bpf/calls.h"

#define ERRNO_MAX 4095

/*
 * The errno of a result, 0 for success. Whoever answers for the kernel, as a seccomp listener does,
 * may answer with any number; those that no C library takes for an error are none.
 */
static __always_inline __s32 error_of(long result)
{
    return result < 0 && result >= -ERRNO_MAX ? -result : 0;
}

/* Process and thread id, where the current task is known: a call takes longer than all it reads. */
static __always_inline __u64 thread_of(struct task_struct *current)
{
#ifdef PT_DIRECT_READS
    return (__u64)READ(current, tgid) << 32 | (__u32)READ(current, pid);
#else
    return bpf_get_current_pid_tgid();
#endif
}

static __always_inline struct call_state *call_find(void)
{
    return call_under_way(bpf_get_current_pid_tgid());
}

static __always_inline void call_forget(struct call_state *call)
{
    __u64 thread = call->thread;

    if (config.plan != PT_PLAN_RESTRICTED && config.holders && call->stage != PT_STAGE_PROTOCOL)
        bpf_map_delete_elem(&refusers, &thread); /* also where nobody wanted to know */
    call_let_go(call);
}

/*
 * Global functions are verified once for themselves, and not for each caller's state. Before 5.12
 * they take no pointer: where the programs are compiled for such kernels, they look the call up
 * again.
 */
#ifdef PT_DIRECT_READS
#define THE_CALL   struct call_state *call
#define GIVE(call) call
#define TAKE_THE_CALL()                                                                            \
    do {                                                                                           \
        if (!call)                                                                                 \
            return 0;                                                                              \
    } while (0)
#else
#define THE_CALL   __u32 not_used
#define GIVE(call) 0
#define TAKE_THE_CALL()                                                                            \
    asm volatile("" ::"r"(not_used)); /* or the compiler passes nothing, which counts as wrong */  \
    struct call_state *call = call_find();                                                         \
    if (!call)                                                                                     \
    return 0
#endif

/*
 * Read anew: of what comes back from memory the verifier knows nothing, and does not look at the
 * rest once for each value that it can have.
 */
#define ANEW(field) (*(volatile typeof(field) *)&(field))

/* All but what is whole wherever it is set: the caller, the holder, the record to be written. */
static __always_inline void call_reset(struct call_state *call)
{
    __builtin_memset(call, 0, offsetof(struct call_state, end));
    __builtin_memset(&call->end.socket, 0,
                     sizeof(call->end) - offsetof(struct socket_owner, socket));
    __builtin_memset(&call->record.refusal, 0, offsetof(struct pt_refusal, holder));
    call->record.refusal.holder.source = PT_HOLDER_NONE;
}

static __always_inline void call_start(struct call_state *call, __u64 thread, __u8 op, __u8 stage)
{
    call_reset(call);
    call->thread = thread;
    call->start_ns = bpf_ktime_get_boot_ns();
    call->op = op;
    call->stage = stage;
    call->fd = -1;
}

static __always_inline struct call_state *call_made(__u8 op, __u8 stage)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct call_state *call = call_place(thread);

    if (call)
        call_start(call, thread, op, stage);
    return call;
}

/* Some fifty programs begin calls: to find one again takes less than what makes one has room. */
#ifdef PT_DIRECT_READS

__noinline int call_make(__u32 op, __u32 stage)
{
    call_made(op, stage);
    return 0;
}

static __always_inline struct call_state *call_begin(__u8 op, __u8 stage)
{
    call_make(op, stage);
    return call_find();
}

#else

static __always_inline struct call_state *call_begin(__u8 op, __u8 stage)
{
    return call_made(op, stage);
}

#endif

#endif
