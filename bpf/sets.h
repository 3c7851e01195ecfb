/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a set of bpf/config.h is written and read. Whoever writes tries twice, and who fails
 * leaves it as it is: the other one may be what this program has interrupted. Whoever reads looks
 * at the changes before and after, and believes nothing that changed meanwhile.
 */
#ifndef PORTTRACE_BPF_SETS_H
#define PORTTRACE_BPF_SETS_H

#include "bpf/compare.h"
#include "bpf/maps.h"

#define SET_TRIES 2

#ifdef PT_DIRECT_READS

/* What to unlock it with, 0: somebody else is writing. */
static __always_inline __u32 set_lock(__u32 *changes)
{
    __u32 before;

    for (int i = 0; i < SET_TRIES; i++) {
        before = *(volatile __u32 *)changes & ~1u;
        if (__sync_val_compare_and_swap(changes, before, before + 1) == before)
            return before + 1;
    }
    return 0;
}

/* An exchange comes after all that was written, on every processor. */
static __always_inline void set_unlock(__u32 *changes, __u32 locked)
{
    __sync_lock_test_and_set(changes, locked + 1);
}

/* In its place among what is read before and after it. */
static __always_inline __u32 set_changes(__u32 *changes)
{
#if defined(__TARGET_ARCH_x86)
    __u32 now;

    barrier();
    now = *(volatile __u32 *)changes;
    barrier();
    return now;
#else
    return __sync_fetch_and_add(changes, 0);
#endif
}

/* Nothing that was read since is of two writers, or half of one. */
static __always_inline bool set_was_whole(__u32 *changes, __u32 before)
{
    return !(before & 1) && set_changes(changes) == before;
}

#endif

#endif
