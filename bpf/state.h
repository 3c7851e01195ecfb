/* SPDX-License-Identifier: GPL-2.0 */
/* The call that the current thread is in. */
#ifndef PORTTRACE_BPF_STATE_H
#define PORTTRACE_BPF_STATE_H

#include "bpf/emit.h"

#define ERRNO_MAX 4095

/*
 * The errno of a result, 0 for success. Whoever answers for the kernel, as a seccomp listener does,
 * may answer with any number; those that no C library takes for an error are none.
 */
static __always_inline __s32 error_of(long result)
{
    return result < 0 && result >= -ERRNO_MAX ? -result : 0;
}

static __always_inline struct call_state *call_find(void)
{
    __u64 thread = bpf_get_current_pid_tgid();

    return bpf_map_lookup_elem(&calls, &thread);
}

static __always_inline void call_forget(void)
{
    __u64 thread = bpf_get_current_pid_tgid();

    bpf_map_delete_elem(&calls, &thread);
}

static __always_inline struct call_state *call_begin(__u8 op, __u8 stage)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct call_state *call;

    if (bpf_map_update_elem(&calls, &thread, &no_call, BPF_ANY)) {
        count_loss(PT_LOSS_CALLS_FULL);
        return NULL;
    }
    call = bpf_map_lookup_elem(&calls, &thread);
    if (!call)
        return NULL;
    call->start_ns = bpf_ktime_get_ns();
    call->op = op;
    call->stage = stage;
    call->fd = -1;
    return call;
}

#endif
