/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A thread that is refused the same bind again and again, as fast as it can. The first ones are
 * told each by itself; those that come after them within a tenth of a second are compared with what
 * was told and counted, and the reader takes the count.
 */
#ifndef PORTTRACE_BPF_STORM_H
#define PORTTRACE_BPF_STORM_H

#include "bpf/holders.h"
#include "bpf/wakeup.h"

static __always_inline bool storm_may_be(const struct call_state *call, __s32 error)
{
    return error && call->op == PT_OP_BIND && call->socket && call->seen_entry &&
           call->stage == PT_STAGE_PROTOCOL && !call->port_noted;
}

#ifdef PT_DIRECT_READS

static __always_inline struct pt_storm *storm_lock(const struct call_state *call)
{
    struct pt_storm *storm = &storms[call->thread & (PT_STORMS - 1)];

    return __sync_val_compare_and_swap(&storm->locked, 0, 1) ? NULL : storm;
}

static __always_inline void storm_unlock(struct pt_storm *storm)
{
    __sync_lock_test_and_set(&storm->locked, 0);
}

static __always_inline void storm_key(struct call_state *call)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct task_struct *leader = READ(current, group_leader);
    struct pt_storm_key *key = &call->storm;

    key->socket = call->socket;
    key->inode = sock_inode((struct sock *)call->socket);
    key->cred = (__u64)READ(current, cred);
    key->cgroups = (__u64)READ(current, cgroups);
    key->exec_id = READ(current, self_exec_id);
    READ_COMM(&key->comm, leader);
    key->requested = call->requested;
    key->uid = READ(current, cred, euid.val);
    key->gid = READ(current, cred, egid.val);
    key->options = call->options;
    key->device = call->device;
    key->error = call->error;
    key->fd = call->fd;
    key->address_size = call->address_size;
    key->entry_port = call->record.refusal.entry_port;
    key->entry_state = call->record.refusal.entry_state;
    key->stage = call->stage;
    key->entry = call->entry;
    key->address_source = call->address_source;
    __builtin_memset(key->pad, 0, sizeof(key->pad));
}

static __always_inline bool storm_holder_differs(const struct pt_holder *one,
                                                 const struct pt_holder *other)
{
    return (one->socket.inode ^ other->socket.inode) | (one->since_ns ^ other->since_ns) |
           (one->gone_ns ^ other->gone_ns) | (one->task.start_ns ^ other->task.start_ns) |
           (one->task.pid ^ other->task.pid) | (one->socket.state ^ other->socket.state) |
           (one->source ^ other->source);
}

/* The thread's call is the one that it was told to be refused, by the same holder. */
static __always_inline bool storm_goes_on(const struct pt_storm *storm,
                                          const struct call_state *call)
{
    return storm->thread == call->thread &&
           !words_differ(&storm->key, &call->storm, sizeof(storm->key)) &&
           !(config.holders &&
             storm_holder_differs(&storm->call.refusal.holder, &call->record.refusal.holder));
}

/* What was counted, ahead of the call of this thread that is told next. */
__noinline int storm_flush(struct pt_storm *storm)
{
    struct pt_repeated *repeated;

    if (!storm || !storm->times)
        return 0;
    repeated = bpf_ringbuf_reserve(&events, sizeof(*repeated), 0);
    if (!repeated) {
        count_losses(PT_LOSS_RING_FULL, storm->times);
    } else {
        emit_header(&repeated->header, PT_KIND_REPEATED, sizeof(*repeated), storm->until_ns);
        repeated->times = storm->times;
        repeated->since_ns = storm->since_ns;
        bpf_probe_read_kernel(&repeated->call, sizeof(repeated->call), &storm->call);
        repeated->call.call.latency_ns = 0;
        emit_submit(repeated);
    }
    storm->times = 0;
    return 0;
}

/* 1: it was counted, and is told so. Its time is that of its beginning, the only one taken. */
__noinline int storm_counts(THE_CALL)
{
    TAKE_THE_CALL();
    struct sock *sk = (struct sock *)call->socket;
    struct pt_storm *storm;
    int counted = 0;

    call->in_storm = 1;
    storm_key(call);
    if (config.holders) {
        call->end.task.netns = sock_netns(sk);
        call->end.socket.protocol = READ(sk, sk_protocol);
        refusal_holder(GIVE(call));
    }
    storm = storm_lock(call);
    if (!storm)
        return 0;
    call->goes_on = storm_goes_on(storm, call);
    if (ANEW(call->goes_on) && storm->told >= PT_STORM_TOLD &&
        call->start_ns - storm->window_ns < PT_STORM_WINDOW_NS) {
        if (!storm->times)
            storm->since_ns = call->start_ns;
        storm->until_ns = call->start_ns;
        storm->times++;
        counted = 1;
    } else if (storm->thread == call->thread) {
        storm_flush(storm);
    }
    storm_unlock(storm);
    return counted;
}

__noinline int storm_takes(struct pt_storm *storm, THE_CALL)
{
    TAKE_THE_CALL();
    if (!storm)
        return 0;
    storm->thread = call->thread;
    storm->key = call->storm;
    bpf_probe_read_kernel(&storm->call, sizeof(storm->call), &call->record);
    storm->window_ns = call->start_ns;
    return 0;
}

/*
 * Such a call has been told. The reader looks for what is counted when it next takes an event, of
 * which some more come before anything is; and then until there has been no window for a while.
 */
__noinline int storm_told(THE_CALL)
{
    TAKE_THE_CALL();
    struct pt_storm *storm = storm_lock(call);
    __u64 since_ns;

    if (!storm)
        return 0;
    since_ns = call->start_ns - storm->window_ns;
    if (!call->goes_on || storm->thread != call->thread) {
        if (!storm->times && (storm->thread == call->thread || since_ns >= PT_STORM_WINDOW_NS)) {
            storm_takes(storm, GIVE(call));
            storm->told = 1;
        }
    } else if (since_ns < PT_STORM_WINDOW_NS) {
        storm->told++;
    } else {
        storm_takes(storm, GIVE(call));
        if (storm->told < PT_STORM_TOLD || since_ns >= 2 * PT_STORM_WINDOW_NS)
            storm->told = 1;
    }
    if (storm->told >= PT_STORM_TOLD / 2)
        control.storms = 1;
    storm_unlock(storm);
    return 0;
}

#else

/* Before 5.12 no instruction compares and swaps, so that nobody can lock: each is told by itself.
 */
static __always_inline int storm_counts(THE_CALL)
{
    return 0;
}

static __always_inline int storm_told(THE_CALL)
{
    return 0;
}

#endif

#endif
