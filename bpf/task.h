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
    struct css_set *set = READ(task, cgroups);
    struct kernfs_node *node = READ(set, dfl_cgrp, kn);
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
    return READ(state, cgroup, kn);
}

static __always_inline void task_facts(struct pt_task *to, struct task_struct *task)
{
    struct task_struct *leader = READ(task, group_leader);
    struct kernfs_node *cgroup = task_cgroup(task);

    to->pid = READ(task, tgid);
    to->tid = READ(task, pid);
    to->parent_pid = READ(leader, real_parent, tgid);
    to->uid = READ(task, cred, euid.val);
    to->gid = READ(task, cred, egid.val);
    to->netns = READ(task, nsproxy, net_ns, ns.inum);
    to->start_ns = READ(leader, start_boottime);
    to->exec_id = READ(task, self_exec_id);
    to->cgroup_id = READ(cgroup, id);
    READ_COMM(&to->comm, leader);
}

#endif
