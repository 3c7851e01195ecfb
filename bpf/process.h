/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who calls, described once for each process; an event refers to it. A process may be gone before
 * anybody can look it up.
 */
#ifndef PORTTRACE_BPF_PROCESS_H
#define PORTTRACE_BPF_PROCESS_H

#include "bpf/state.h"
#include "bpf/task.h"

#define PATH_DEPTH_MAX   32
#define CGROUP_DEPTH_MAX 16
#define NAME_WINDOW      256 /* a path component, at most 255 bytes and NUL */

static __always_inline struct pt_text *text_reserve(const struct pt_task *task, __u16 kind)
{
    struct pt_text *text = emit_reserve(sizeof(*text), PT_LOSS_DESCRIPTION);

    if (!text)
        return NULL;
    emit_header(&text->header, PT_KIND_TEXT, sizeof(*text));
    text->pid = task->pid;
    text->text_kind = kind;
    text->flags = PT_TEXT_LAST;
    text->start_ns = task->start_ns;
    text->exec_id = task->exec_id;
    text->cgroup_id = task->cgroup_id;
    text->offset = 0;
    text->length = 0;
    return text;
}

/*
 * Adds one component; false when there may be no room for it. The length is masked before it is
 * compared, so that all states at this place look the same to the verifier and are walked once.
 */
static __always_inline bool text_add_name(struct pt_text *text, __u64 *length, const void *name)
{
    __u64 at = *length;
    __u64 size;

    asm volatile("%0 &= 1023" : "+r"(at));
    if (at > PT_TEXT_SIZE - NAME_WINDOW)
        return false;
    size = bpf_probe_read_kernel_str(text->text + at, NAME_WINDOW, name);
    asm volatile("" : "+r"(size));
    if (size > NAME_WINDOW)
        return false;
    *length = at + size;
    return true;
}

static __always_inline bool is_unlinked(struct dentry *dentry)
{
    return !BPF_CORE_READ(dentry, d_inode, i_nlink) || !BPF_CORE_READ(dentry, d_hash.pprev);
}

/* Where the walk up from a file stands: the parts of struct path, and how it ended. */
struct walk {
    struct dentry *dentry;
    struct mount *mount;
    __u64 length;
};

/* One step towards the root of the mount namespace; false at the end, *ret_whole if it is the root.
 */
static __always_inline bool walk_step(struct walk *walk, struct pt_text *text, bool *ret_whole)
{
    struct dentry *dentry = walk->dentry;
    struct mount *mount = walk->mount;
    struct dentry *up = BPF_CORE_READ(dentry, d_parent);
    struct mount *mount_up;

    if (dentry != BPF_CORE_READ(mount, mnt.mnt_root) && up != dentry) {
        if (!text_add_name(text, &walk->length, BPF_CORE_READ(dentry, d_name.name)))
            return false;
        walk->dentry = up;
        return true;
    }
    mount_up = BPF_CORE_READ(mount, mnt_parent);
    if (mount_up == mount) {
        *ret_whole = true;
        return false;
    }
    walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
    walk->mount = mount_up;
    return true;
}

/* Each description is a global function, so that the verifier adds them up instead of combining. */
__noinline int describe_exe(void)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct call_state *call = call_find();
    struct walk walk = {};
    bool whole = false;
    struct pt_text *text;
    struct file *exe;
    char *vfsmount;

    exe = BPF_CORE_READ(current, mm, exe_file);
    if (!call || !exe)
        return 0;
    text = text_reserve(&call->end.task, PT_TEXT_EXE);
    if (!text)
        return -1;
    vfsmount = (char *)BPF_CORE_READ(exe, f_path.mnt);
    walk.dentry = BPF_CORE_READ(exe, f_path.dentry);
    walk.mount = (struct mount *)(vfsmount - bpf_core_field_offset(struct mount, mnt));
    if (is_unlinked(walk.dentry))
        text->flags |= PT_TEXT_DELETED;
    for (int i = 0; i < PATH_DEPTH_MAX; i++)
        if (!walk_step(&walk, text, &whole))
            break;
    if (!whole)
        text->flags |= PT_TEXT_TRUNCATED;
    text->length = walk.length;
    bpf_ringbuf_submit(text, BPF_RB_NO_WAKEUP);
    return 0;
}

__noinline int describe_cgroup(void)
{
    struct kernfs_node *node = task_cgroup((void *)bpf_get_current_task());
    struct call_state *call = call_find();
    struct kernfs_node *parent = NULL;
    struct pt_text *text;
    __u64 length = 0;

    if (!call)
        return 0;
    text = text_reserve(&call->end.task, PT_TEXT_CGROUP);
    if (!text)
        return -1;
    for (int i = 0; i < CGROUP_DEPTH_MAX; i++) {
        parent = kernfs_parent(node);
        if (!parent || !text_add_name(text, &length, BPF_CORE_READ(node, name)))
            break;
        node = parent;
    }
    if (parent)
        text->flags |= PT_TEXT_TRUNCATED;
    text->length = length;
    bpf_ringbuf_submit(text, BPF_RB_NO_WAKEUP);
    return 0;
}

/* One piece of the command line; the bytes that it took, 0 if they cannot be read, or -1. */
static __always_inline long describe_args_piece(const struct pt_task *task, unsigned long at,
                                                __u64 offset, __u64 left)
{
    __u64 size = left < PT_TEXT_SIZE ? left : PT_TEXT_SIZE;
    struct pt_text *text = text_reserve(task, PT_TEXT_ARGS);

    if (!text)
        return -1;
    text->offset = offset;
    if (size > PT_ARGS_MAX - offset)
        size = PT_ARGS_MAX - offset;
    asm volatile("" : "+r"(size)); /* the compiler must not take the next check for needless */
    if (size > PT_TEXT_SIZE)
        size = PT_TEXT_SIZE;
    if (bpf_probe_read_user(text->text, size, (void *)(at + offset)))
        size = 0;
    text->length = size;
    if (!size || (offset + size == PT_ARGS_MAX && size < left))
        text->flags |= PT_TEXT_TRUNCATED;
    else if (size < left)
        text->flags = 0;
    bpf_ringbuf_submit(text, BPF_RB_NO_WAKEUP);
    return size;
}

__noinline int describe_args(void)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct mm_struct *mm = BPF_CORE_READ(current, mm);
    struct call_state *call = call_find();
    unsigned long start, size;
    long taken;

    if (!call || !mm)
        return 0;
    start = BPF_CORE_READ(mm, arg_start);
    size = BPF_CORE_READ(mm, arg_end) - start;
    for (__u64 offset = 0; offset < PT_ARGS_MAX && offset < size; offset += PT_TEXT_SIZE) {
        taken = describe_args_piece(&call->end.task, start, offset, size - offset);
        if (taken < 0)
            return -1;
        if (taken != PT_TEXT_SIZE)
            break;
    }
    return 0;
}

static __always_inline bool describe_base(const struct pt_task *task, struct task_struct *current)
{
    struct mm_struct *mm = BPF_CORE_READ(current, mm);
    __u32 args_size = mm ? BPF_CORE_READ(mm, arg_end) - BPF_CORE_READ(mm, arg_start) : 0;
    struct pt_process *process = emit_reserve(sizeof(*process), PT_LOSS_DESCRIPTION);

    if (!process)
        return false;
    emit_header(&process->header, PT_KIND_PROCESS, sizeof(*process));
    process->task = *task;
    process->args_size = args_size;
    process->pad = 0;
    bpf_ringbuf_submit(process, BPF_RB_NO_WAKEUP);
    return true;
}

/* Sends the description of the process of this thread's call unless the reader has it already. */
static __always_inline void describe_process(const struct pt_task *task,
                                             struct task_struct *current)
{
    struct described now = {task->start_ns, task->exec_id, task->cgroup_id};
    __u32 pid = task->pid;
    struct described *known = bpf_map_lookup_elem(&described_processes, &pid);

    if (known && known->start_ns == now.start_ns && known->exec_id == now.exec_id &&
        known->cgroup_id == now.cgroup_id)
        return;
    if (!describe_base(task, current) || describe_exe() || describe_args() || describe_cgroup())
        return;
    bpf_map_update_elem(&described_processes, &pid, &now, BPF_ANY);
}

#endif
