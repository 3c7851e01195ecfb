/* SPDX-License-Identifier: GPL-2.0 */
/* What all plans need besides their hooks: the sockets that were there first, and children. */
#ifndef PORTTRACE_BPF_FOLLOW_H
#define PORTTRACE_BPF_FOLLOW_H

#include "bpf/call.h"

/* Run once at the start over all descriptors: sockets that have a port are followed from there. */
SEC("?iter/task_file")
int iter_existing(struct bpf_iter__task_file *ctx)
{
    struct task_struct *task = ctx->task;
    struct file *file = ctx->file;
    struct call_state *call;
    struct socket *sock;
    struct sock *sk;
    __u64 key;

    if (!task || !file || (READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
        return 0;
    sock = READ(file, private_data);
    sk = sock ? READ(sock, sk) : NULL;
    if (!sk || !is_inet(sock_family(sk)) || !sock_port(sk))
        return 0;
    key = followed_socket(number_of(sk), number_of(inner_socket(sk)));
    if (followed_find(key))
        return 0;
    call = call_begin(PT_OP_RELEASE, PT_STAGE_UNKNOWN);
    if (!call)
        return 0;
    task_facts(&call->end.task, task);
    socket_facts(&call->end.socket, sk);
    call->end.task.netns = sock_netns(sk);
    call->end.uid = READ(sk, sk_uid.val);
    call->end.address = key;
    call->end.kept = sock_is_bound(sk) || call->end.socket.state == TCP_LISTEN;
    endpoint_of(&call->end.local, number_of(sk));
    call->end.wanted = call_is_wanted(call, task) && port_wanted(call->end.local.port);
    if (config.holders)
        port_taken(&call->end);
    if ((call->end.wanted || config.holders) && call->end.local.port &&
        follow_socket(key, &call->end, BPF_NOEXIST) && call->end.wanted)
        count_loss(PT_LOSS_SOCKETS_FULL);
    call_forget(call);
    return 0;
}

/*
 * With a filter by process: children that exist already belong to it. Run until a pass writes
 * nothing, since a child may come before its parent.
 */
SEC("?iter/task")
int iter_children(struct bpf_iter__task *ctx)
{
    struct seq_file *output = ctx->meta->seq;
    struct task_struct *task = ctx->task;
    const __u8 wanted = 1;
    __u32 parent, child;

    if (!task)
        return 0;
    child = READ(task, tgid);
    parent = READ(task, real_parent, tgid);
    if (!bpf_map_lookup_elem(&filter_pids, &parent) || bpf_map_lookup_elem(&filter_pids, &child))
        return 0;
    if (bpf_map_update_elem(&filter_pids, &child, &wanted, BPF_ANY))
        count_loss(PT_LOSS_CHILDREN);
    else
        bpf_seq_write(output, &wanted, sizeof(wanted));
    return 0;
}

/* And so does what it starts from now on. */
SEC("?tp_btf/sched_process_fork")
int BPF_PROG(tp_process_fork, struct task_struct *parent, struct task_struct *child)
{
    __u32 parent_pid = READ(parent, tgid);
    __u32 child_pid = READ(child, tgid);
    const __u8 wanted = 1;

    if (bpf_map_lookup_elem(&filter_pids, &parent_pid) &&
        bpf_map_update_elem(&filter_pids, &child_pid, &wanted, BPF_ANY))
        count_loss(PT_LOSS_CHILDREN);
    return 0;
}

/* The number may be given to a stranger next. */
SEC("?tp_btf/sched_process_exit")
int BPF_PROG(tp_process_exit, struct task_struct *task)
{
    __u32 pid = READ(task, tgid);

    if (!READ(task, signal, live.counter))
        bpf_map_delete_elem(&filter_pids, &pid);
    return 0;
}

#endif
