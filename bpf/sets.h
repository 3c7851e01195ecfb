/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a set of bpf/config.h is written and read. Whoever writes tries once, and who fails leaves it
 * as it is: the other one may be what this program has interrupted. Whoever reads looks at the
 * changes before and after, and believes nothing that changed meanwhile.
 */
#ifndef PORTTRACE_BPF_SETS_H
#define PORTTRACE_BPF_SETS_H

#include "bpf/maps.h"

#ifdef PT_DIRECT_READS

static __always_inline bool set_lock(__u32 *changes)
{
    __u32 before = *(volatile __u32 *)changes;

    return !(before & 1) && __sync_val_compare_and_swap(changes, before, before + 1) == before;
}

static __always_inline void set_unlock(__u32 *changes)
{
    __sync_fetch_and_add(changes, 1);
}

/* With a locked instruction, which orders it and what is read next to it. */
static __always_inline __u32 set_changes(__u32 *changes)
{
    return __sync_fetch_and_add(changes, 0);
}

/* Nothing that was read since is of two writers, or half of one. */
static __always_inline bool set_was_whole(__u32 *changes, __u32 before)
{
    return !(before & 1) && set_changes(changes) == before;
}

#endif

#endif
