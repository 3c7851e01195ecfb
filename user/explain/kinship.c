// SPDX-License-Identifier: GPL-2.0
/* Who is in the way may be of the caller's own family: that is not for the reader to end. */
#include "user/explain/inquiry.h"

#include "user/explain/socket_words.h"
#include "user/model/ending.h"

#define INIT_PID         1
#define GENERATIONS_MOST 64

static uint32_t parent_now(const struct facts *facts, uint32_t pid)
{
    return facts->parent_of ? facts->parent_of(facts->parents, pid) : 0;
}

static bool is_or_comes_from(const struct facts *facts, uint32_t pid, uint32_t ancestor)
{
    for (unsigned int i = 0; pid > INIT_PID && i < GENERATIONS_MOST; i++) {
        if (pid == ancestor)
            return true;
        pid = parent_now(facts, pid);
    }
    return false;
}

/*
 * By the parent that it had then, which may have ended, and by the one that it has now, if that is
 * another.
 */
static bool comes_from(const struct facts *facts, const struct pt_task *task, uint32_t ancestor)
{
    uint32_t parent;

    if (task->pid == ancestor || is_or_comes_from(facts, task->parent_pid, ancestor))
        return true;
    parent = parent_now(facts, task->pid);
    return parent != task->parent_pid && is_or_comes_from(facts, parent, ancestor);
}

static bool has_owner_only(const struct holder *holder)
{
    return !holder->process_count && holder->seen.flags & PT_HOLDER_OWNER_KNOWN &&
           !(holder->seen.flags & PT_HOLDER_ORPHAN) && holder->seen.socket.state != WORDS_TIME_WAIT;
}

/* One of its processes for which that is so. */
static const struct pt_task *
find_process(const struct inquiry *inquiry, const struct holder *holder,
             bool (*is_so)(const struct inquiry *inquiry, const struct process_facts *process))
{
    struct process_facts owner = {.task = holder->seen.task};

    for (unsigned int i = 0; i < holder->process_count; i++)
        if (is_so(inquiry, holder->processes[i].process))
            return &holder->processes[i].process->task;
    return has_owner_only(holder) && is_so(inquiry, &owner) ? &holder->seen.task : NULL;
}

static bool is_ancestor(const struct inquiry *inquiry, const struct process_facts *process)
{
    const struct pt_task *caller = &inquiry->seen->process.task;
    const struct pt_task *task = &process->task;

    return inquiry->seen->process_known && !ending_is_manager(process) &&
           task->pid != caller->pid && task->start_ns <= caller->start_ns &&
           comes_from(inquiry->facts, caller, task->pid);
}

static bool is_of_command(const struct inquiry *inquiry, const struct process_facts *process)
{
    return comes_from(inquiry->facts, &process->task, inquiry->facts->command_parent);
}

const struct pt_task *kinship_ancestor(struct inquiry *inquiry, const struct holder *holder)
{
    if (inquiry->descent_from != holder) {
        inquiry->descent_from = holder;
        inquiry->ancestor = find_process(inquiry, holder, is_ancestor);
    }
    return inquiry->ancestor;
}

bool kinship_is_parent(const struct inquiry *inquiry, const struct pt_task *ancestor)
{
    return ancestor->pid == inquiry->seen->process.task.parent_pid;
}

const struct pt_task *kinship_of_command(const struct inquiry *inquiry, const struct holder *holder)
{
    return inquiry->facts->command_parent ? find_process(inquiry, holder, is_of_command) : NULL;
}
