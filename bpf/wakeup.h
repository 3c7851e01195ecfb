/* SPDX-License-Identifier: GPL-2.0 */
/* When the reader of the ring buffer is woken. */
#ifndef PORTTRACE_BPF_WAKEUP_H
#define PORTTRACE_BPF_WAKEUP_H

#include "bpf/emit.h"

#define WAKE_INTERVAL_NS 100000

/*
 * Wake-ups cost more than everything else here. A reader that waits is woken at once; one that is
 * awake looks again within a millisecond by itself, and is hurried only when the ring fills up.
 * The locked add orders the reservation before the look at reader_waits: the reader sets that first
 * and looks at the ring afterwards, so one of the two always sees the other.
 */
__noinline __u64 wakeup_flags(void)
{
    __u64 now_ns;

    __sync_fetch_and_add(&control.fence, 1);
    if (control.reader_waits) {
        control.reader_waits = 0;
        return BPF_RB_FORCE_WAKEUP;
    }
    if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < config.ring_bytes / 4)
        return BPF_RB_NO_WAKEUP;
    now_ns = bpf_ktime_get_ns();
    if (now_ns - control.last_wake_ns < WAKE_INTERVAL_NS)
        return BPF_RB_NO_WAKEUP;
    control.last_wake_ns = now_ns;
    return BPF_RB_FORCE_WAKEUP;
}

/*
 * Of what comes before an event, which wakes the reader. But where the filter leaves the event out,
 * nothing comes: the ring would fill up while the reader sleeps, and nobody could wake it any more.
 */
static __always_inline __u64 wakeup_flags_ahead(void)
{
    if (bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < config.ring_bytes / 4)
        return BPF_RB_NO_WAKEUP;
    return wakeup_flags();
}

static __always_inline void emit_submit(void *record)
{
    bpf_ringbuf_submit(record, wakeup_flags());
}

#endif
