/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a set of bpf/config.h is written and read. Whoever writes tries to lock it twice, and who
 * fails leaves it as it is: the other one may be what this program has interrupted. Whoever reads
 * looks at the changes before and after, and believes nothing that changed meanwhile; a set that is
 * only locked can be read, since who has locked it may be put off for long.
 */
#ifndef PORTTRACE_BPF_SETS_H
#define PORTTRACE_BPF_SETS_H

#include "bpf/compare.h"
#include "bpf/maps.h"

#define SET_TRIES 2

#ifdef PT_DIRECT_READS

/* In its place among what is written before and after it. */
static __always_inline void set_state(__u32 *changes, __u32 state)
{
#if defined(__TARGET_ARCH_x86)
    barrier();
    *(volatile __u32 *)changes = state;
    barrier();
#else
    __sync_lock_test_and_set(changes, state);
#endif
}

/* What to write and to unlock it with, 0: somebody else has it. */
static __always_inline __u32 set_lock(__u32 *changes)
{
    __u32 before;

    for (int i = 0; i < SET_TRIES; i++) {
        before = *(volatile __u32 *)changes & ~(PT_SET_WRITING | PT_SET_LOCKED);
        if (__sync_val_compare_and_swap(changes, before, before | PT_SET_LOCKED) == before)
            return before | PT_SET_LOCKED;
    }
    return 0;
}

static __always_inline void set_write(__u32 *changes, __u32 locked)
{
    set_state(changes, locked | PT_SET_WRITING);
}

static __always_inline void set_written(__u32 *changes, __u32 locked)
{
    set_state(changes, locked + PT_SET_LOCKED);
}

/* Where nothing was written but fields that may be read before or after. */
static __always_inline void set_unlock(__u32 *changes, __u32 locked)
{
    set_state(changes, locked - PT_SET_LOCKED);
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
    return !(before & PT_SET_WRITING) && !((set_changes(changes) ^ before) & ~PT_SET_LOCKED);
}

#endif

#endif
