/* SPDX-License-Identifier: GPL-2.0 */
/* When the reader of the ring buffer is woken. */
#ifndef PORTTRACE_BPF_WAKEUP_H
#define PORTTRACE_BPF_WAKEUP_H

#include "bpf/emit.h"

/* How full the ring is, every so many events ask: one in a small one is more of it. */
#define LOOKS_APART (config.ring_bytes < 256 << 10 ? 1u : 16u)

/* A locked add; before 5.12 it tells nothing. */
static __always_inline __u32 order_and_count(void)
{
#ifdef PT_DIRECT_READS
    return __sync_fetch_and_add(&control.fence, 1);
#else
    __sync_fetch_and_add(&control.fence, 1);
    return 0;
#endif
}

/*
 * Wake-ups cost more than everything else here. A reader that sleeps is woken at once; one that
 * naps looks again within a millisecond by itself, and is hurried only when the ring fills up. The
 * locked add orders the reservation before the look at the reader: that says first what it is about
 * to do and looks at the ring afterwards, so one of the two always sees the other.
 */
static __always_inline __u64 wakeup_flags(void)
{
    __u32 count = order_and_count(), reader = control.reader;

    if (reader == PT_READER_AWAKE)
        return BPF_RB_NO_WAKEUP;
    if (reader == PT_READER_NAPS &&
        (count % LOOKS_APART ||
         bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) < config.ring_bytes / 4))
        return BPF_RB_NO_WAKEUP;
    control.reader = PT_READER_AWAKE;
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
