/* SPDX-License-Identifier: GPL-2.0 */
/* The facts of a process that every event carries. */
#ifndef PORTTRACE_BPF_TASK_H
#define PORTTRACE_BPF_TASK_H

#include "bpf/compat.h"

/*
 * The cgroup that says where a process belongs: in the v2 hierarchy, or on a host where only the v1
 * hierarchies are used and v2 has nothing but its root, in one of those.
 */
static __always_inline struct kernfs_node *task_cgroup(struct task_struct *task)
{
    struct css_set *set = BPF_CORE_READ(task, cgroups);
    struct kernfs_node *node = BPF_CORE_READ(set, dfl_cgrp, kn);
    struct cgroup_subsys_state *state = NULL;
    int index;

    if (kernfs_parent(node))
        return node;
    if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
        index = bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id);
    else if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
        index = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
    else
        return node;
    bpf_probe_read_kernel(&state, sizeof(state), &set->subsys[index & 15]);
    if (!state)
        return node;
    return BPF_CORE_READ(state, cgroup, kn);
}

static __always_inline void task_facts(struct pt_task *to, struct task_struct *task)
{
    struct task_struct *leader = BPF_CORE_READ(task, group_leader);
    struct kernfs_node *cgroup = task_cgroup(task);

    to->pid = BPF_CORE_READ(task, tgid);
    to->tid = BPF_CORE_READ(task, pid);
    to->parent_pid = BPF_CORE_READ(leader, real_parent, tgid);
    to->uid = BPF_CORE_READ(task, cred, euid.val);
    to->gid = BPF_CORE_READ(task, cred, egid.val);
    to->netns = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
    to->start_ns = BPF_CORE_READ(leader, start_boottime);
    to->exec_id = BPF_CORE_READ(task, self_exec_id);
    to->cgroup_id = BPF_CORE_READ(cgroup, id);
    /* Before 5.17 the end of a longer name stays behind the NUL of a shorter one. */
    __builtin_memset(to->comm, 0, sizeof(to->comm));
    BPF_CORE_READ_STR_INTO(&to->comm, leader, comm);
}

#endif
