/* SPDX-License-Identifier: GPL-2.0 */
/* Who closed a connection, which may hold its port long after that. */
#ifndef PORTTRACE_BPF_CLOSERS_H
#define PORTTRACE_BPF_CLOSERS_H

#include "bpf/sets.h"
#include "bpf/task.h"

#ifdef PT_DIRECT_READS

static __always_inline void closer_note(const struct connection_key *key, __u64 inode,
                                        struct task_struct *task)
{
    __u32 index = closer_set_at(key), locked, at;
    struct closer_set *set = bpf_map_lookup_elem(&closers, &index);

    locked = set ? set_lock(&set->changes) : 0;
    if (!set || !locked)
        return;
    set_write(&set->changes, locked);
    at = set->next++ % PT_SET;
    set->keys[at] = *key;
    task_facts(&set->closers[at].task, task);
    set->closers[at].inode = inode;
    set_written(&set->changes, locked);
}

/* The last one first: the same two ports may have been connected before. */
static __always_inline bool closer_of(const struct connection_key *key, struct closer *ret_closer)
{
    __u32 index = closer_set_at(key), before, at;
    struct closer_set *set = bpf_map_lookup_elem(&closers, &index);

    if (!set)
        return false;
    before = set_changes(&set->changes);
    for (__u32 back = 1; back <= PT_SET; back++) {
        at = (set->next - back) % PT_SET;
        if (!words_differ(&set->keys[at], key, sizeof(*key))) {
            *ret_closer = set->closers[at];
            return set_was_whole(&set->changes, before);
        }
    }
    return false;
}

#else

static __always_inline void closer_note(const struct connection_key *key, __u64 inode,
                                        struct task_struct *task)
{
    struct closer closer = {.inode = inode};

    task_facts(&closer.task, task);
    bpf_map_update_elem(&closers, key, &closer, BPF_ANY);
}

static __always_inline bool closer_of(const struct connection_key *key, struct closer *ret_closer)
{
    struct closer *known = bpf_map_lookup_elem(&closers, key);

    if (!known)
        return false;
    *ret_closer = *known;
    return true;
}

#endif

#endif
