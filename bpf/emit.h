/* SPDX-License-Identifier: GPL-2.0 */
/* Records into the ring buffer, losses into the counters. */
#ifndef PORTTRACE_BPF_EMIT_H
#define PORTTRACE_BPF_EMIT_H

#include "bpf/maps.h"

static __always_inline void count_losses(enum pt_loss_cause cause, __u64 count)
{
    __sync_fetch_and_add(&control.lost[cause], count);
    if (cause != PT_LOSS_DESCRIPTION && cause != PT_LOSS_CHILDREN)
        __sync_fetch_and_add(&control.lost_events, count);
}

static __always_inline void count_loss(enum pt_loss_cause cause)
{
    count_losses(cause, 1);
}

static __always_inline void *emit_reserve(__u64 size, enum pt_loss_cause cause)
{
    void *record = bpf_ringbuf_reserve(&events, size, 0);

    if (!record)
        count_loss(cause);
    return record;
}

static __always_inline void emit_header(struct pt_header *header, __u16 kind, __u32 size,
                                        __u64 time_ns)
{
    header->version = PT_EVENT_VERSION;
    header->kind = kind;
    header->size = size;
    header->time_ns = time_ns;
    header->lost = control.lost_events;
}

#endif
