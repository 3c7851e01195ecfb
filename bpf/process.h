/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who calls, described once for each process; an event refers to it. A process may be gone before
 * anybody can look it up.
 */
#ifndef PORTTRACE_BPF_PROCESS_H
#define PORTTRACE_BPF_PROCESS_H

#include "bpf/state.h"
#include "bpf/task.h"
#include "bpf/wakeup.h"

#define PATH_DEPTH_MAX   32
#define CGROUP_DEPTH_MAX 16
#define ARGS_PIECES      ((PT_ARGS_MAX + PT_TEXT_SIZE - 1) / PT_TEXT_SIZE)
#define NAME_WINDOW      256 /* a path component, at most 255 bytes and NUL */

static __always_inline struct draft *draft_find(void)
{
    __u64 thread = bpf_get_current_pid_tgid();

    return bpf_map_lookup_elem(&drafts, &thread);
}

static __always_inline struct draft *draft_begin(const struct pt_task *task, __u16 kind)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct draft *draft;

    bpf_map_update_elem(&drafts, &thread, &no_draft, BPF_ANY);
    draft = bpf_map_lookup_elem(&drafts, &thread);
    if (!draft)
        return NULL;
    draft->text.pid = task->pid;
    draft->text.text_kind = kind;
    draft->text.flags = PT_TEXT_LAST;
    draft->text.start_ns = task->start_ns;
    draft->text.exec_id = task->exec_id;
    draft->text.cgroup_id = task->cgroup_id;
    return draft;
}

__noinline int draft_send(void)
{
    struct draft *draft = draft_find();

    if (!draft)
        return -1;
    emit_header(&draft->text.header, PT_KIND_TEXT, sizeof(draft->text), bpf_ktime_get_boot_ns());
    return bpf_ringbuf_output(&events, &draft->text, sizeof(draft->text), wakeup_flags_ahead());
}

/* Adds one component of a path; 1 when there may be no room for it. */
static __always_inline int draft_add_name(struct draft *draft, const void *name)
{
    __u64 at = draft->text.length;
    __u64 size;

    if (at > PT_TEXT_SIZE - NAME_WINDOW)
        return 1;
    size = bpf_probe_read_kernel_str(draft->text.text + at, NAME_WINDOW, name);
    asm volatile("" : "+r"(size)); /* a negative one is a large one, too */
    if (size > NAME_WINDOW)
        return 1;
    draft->text.length = at + size;
    return 0;
}

static __always_inline bool is_unlinked(struct dentry *dentry)
{
    return !READ(dentry, d_inode, i_nlink) || !READ(dentry, d_hash.pprev);
}

/*
 * One step from a file towards the root of the mount namespace; 1 at the end of the way. Steps are
 * global functions, so that the verifier looks at them once.
 */
__noinline int exe_step(void)
{
    struct draft *draft = draft_find();
    struct dentry *dentry;
    struct mount *mount;
    __u64 up;

    if (!draft)
        return 1;
    dentry = (struct dentry *)draft->at;
    mount = (struct mount *)draft->mount;
    up = (__u64)READ(dentry, d_parent);
    if (draft->at != (__u64)READ(mount, mnt.mnt_root) && up != draft->at) {
        draft->at = up;
        return draft_add_name(draft, READ(dentry, d_name.name));
    }
    up = (__u64)READ(mount, mnt_parent);
    if (up == draft->mount) {
        draft->text.flags &= ~PT_TEXT_TRUNCATED;
        return 1;
    }
    draft->at = (__u64)READ(mount, mnt_mountpoint);
    draft->mount = up;
    return 0;
}

/* Of a thread of the kernel there is neither a file nor arguments. */
__noinline int describe_exe(THE_CALL)
{
    TAKE_THE_CALL();
    struct task_struct *current = (void *)bpf_get_current_task();
    struct file *exe = READ(current, mm, exe_file);
    struct dentry *dentry;
    struct draft *draft;

    if (!exe)
        return 0;
    draft = draft_begin(&call->end.task, PT_TEXT_EXE);
    if (!draft)
        return -1;
    dentry = READ(exe, f_path.dentry);
    draft->at = (__u64)dentry;
    draft->mount = (__u64)READ(exe, f_path.mnt) - bpf_core_field_offset(struct mount, mnt);
    draft->text.flags |= PT_TEXT_TRUNCATED;
    if (is_unlinked(dentry))
        draft->text.flags |= PT_TEXT_DELETED;
    for (int i = 0; i < PATH_DEPTH_MAX; i++)
        if (exe_step())
            break;
    return draft_send();
}

__noinline int cgroup_step(void)
{
    struct draft *draft = draft_find();
    struct kernfs_node *node;

    if (!draft)
        return 1;
    node = (struct kernfs_node *)draft->at;
    draft->at = (__u64)kernfs_parent(node);
    if (draft->at)
        return draft_add_name(draft, READ(node, name));
    draft->text.flags &= ~PT_TEXT_TRUNCATED;
    return 1;
}

__noinline int describe_cgroup(THE_CALL)
{
    TAKE_THE_CALL();
    struct draft *draft = draft_begin(&call->end.task, PT_TEXT_CGROUP);

    if (!draft)
        return -1;
    draft->at = (__u64)task_cgroup((void *)bpf_get_current_task());
    draft->text.flags |= PT_TEXT_TRUNCATED;
    for (int i = 0; i < CGROUP_DEPTH_MAX; i++)
        if (cgroup_step())
            break;
    return draft_send();
}

/* How much of the command line the piece at offset has; of what is left of it. */
__noinline __u64 args_piece(__u64 left, __u64 offset)
{
    __u64 most = PT_ARGS_MAX - offset;

    if (offset >= PT_ARGS_MAX)
        return 0;
    if (most > PT_TEXT_SIZE)
        most = PT_TEXT_SIZE;
    return left < most ? left : most;
}

/* One piece of the command line; 1 when it is the last, or -1. */
__noinline int args_step(__u32 index)
{
    struct draft *draft = draft_find();
    __u64 offset = (__u64)index * PT_TEXT_SIZE, left, size;

    if (!draft)
        return -1;
    if (offset >= draft->size)
        return 1;
    left = draft->size - offset;
    size = args_piece(left, offset);
    asm volatile("" : "+r"(size)); /* or what is checked and what is used are two registers */
    if (!size || size > PT_TEXT_SIZE)
        return 1;
    draft->text.offset = offset;
    draft->text.length = size;
    draft->text.flags = 0;
    if (bpf_probe_read_user(draft->text.text, size, (void *)(draft->at + offset)))
        draft->text.length = 0;
    if (!ANEW(draft->text.length) || (offset + size == PT_ARGS_MAX && size < left))
        draft->text.flags = PT_TEXT_LAST | PT_TEXT_TRUNCATED;
    else if (size == left)
        draft->text.flags = PT_TEXT_LAST;
    if (draft_send())
        return -1;
    return ANEW(draft->text.length) != PT_TEXT_SIZE;
}

__noinline int describe_args(THE_CALL)
{
    TAKE_THE_CALL();
    struct task_struct *current = (void *)bpf_get_current_task();
    struct mm_struct *mm = READ(current, mm);
    struct draft *draft;
    int ended = 0;

    if (!mm)
        return 0;
    draft = draft_begin(&call->end.task, PT_TEXT_ARGS);
    if (!draft)
        return -1;
    draft->at = READ(mm, arg_start);
    draft->size = READ(mm, arg_end) - draft->at;
    for (__u32 i = 0; i < ARGS_PIECES && !ended; i++)
        ended = args_step(i);
    return ended < 0 ? -1 : 0;
}

static __always_inline bool describe_base(const struct pt_task *task)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct mm_struct *mm = READ(current, mm);
    __u32 args_size = mm ? READ(mm, arg_end) - READ(mm, arg_start) : 0;
    struct pt_process *process = emit_reserve(sizeof(*process), PT_LOSS_DESCRIPTION);

    if (!process)
        return false;
    emit_header(&process->header, PT_KIND_PROCESS, sizeof(*process), bpf_ktime_get_boot_ns());
    process->task = *task;
    process->args_size = args_size;
    process->pad = 0;
    bpf_ringbuf_submit(process, wakeup_flags_ahead());
    return true;
}

/* One number for what a description is of. */
static __always_inline __u64 description_hash(const struct pt_task *task)
{
    __u64 hash = task->pid;

    hash = (hash ^ task->start_ns) * PT_HASH_MULTIPLIER;
    hash = (hash ^ task->exec_id ^ hash >> 32) * PT_HASH_MULTIPLIER;
    return (hash ^ task->cgroup_id ^ hash >> 32) * PT_HASH_MULTIPLIER;
}

/* The reader has the description already. */
static __always_inline bool is_described(const struct pt_task *task)
{
    const __u64 *known = described[task->pid % PT_DESCRIBED_SETS];
    __u64 hash = description_hash(task);

    return known[0] == hash || known[1] == hash;
}

/* Of two programs that write at once one may be forgotten, and its process is described again. */
static __always_inline void note_description(const struct pt_task *task)
{
    __u64 *known = described[task->pid % PT_DESCRIBED_SETS];

    known[1] = known[0];
    known[0] = description_hash(task);
}

/* Sends the description of the process that runs. */
__noinline int describe_process(THE_CALL)
{
    TAKE_THE_CALL();
    const struct pt_task *task = &call->end.task;

    if (!describe_base(task))
        return 0;
    if (describe_exe(GIVE(call)) || describe_args(GIVE(call)) || describe_cgroup(GIVE(call)))
        count_loss(PT_LOSS_DESCRIPTION);
    else
        note_description(task);
    return 0;
}

#endif
