// SPDX-License-Identifier: GPL-2.0
/* Who is in the way may be of the caller's own family: that is not for the reader to end. */
#include "user/explain/inquiry.h"

#include "user/explain/socket_words.h"
#include "user/model/ending.h"

#define INIT_PID         1
#define GENERATIONS_MOST 64

static uint32_t parent_now(const struct facts *facts, uint32_t pid)
{
    return facts->parent_of ? facts->parent_of(pid) : 0;
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

static bool is_ancestor(const struct inquiry *inquiry, const struct pt_task *task)
{
    const struct pt_task *caller = &inquiry->seen->process.task;

    return inquiry->seen->process_known && task->pid > INIT_PID && task->pid != caller->pid &&
           task->start_ns <= caller->start_ns && comes_from(inquiry->facts, caller, task->pid);
}

static const struct pt_task *find_ancestor(const struct inquiry *inquiry,
                                           const struct holder *holder)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;

        if (!ending_is_manager(process) && is_ancestor(inquiry, &process->task))
            return &process->task;
    }
    if (has_owner_only(holder) && is_ancestor(inquiry, &holder->seen.task))
        return &holder->seen.task;
    return NULL;
}

const struct pt_task *kinship_ancestor(struct inquiry *inquiry, const struct holder *holder)
{
    if (inquiry->descent_from != holder) {
        inquiry->descent_from = holder;
        inquiry->ancestor = find_ancestor(inquiry, holder);
    }
    return inquiry->ancestor;
}

const struct pt_task *kinship_of_command(const struct inquiry *inquiry, const struct holder *holder)
{
    const struct facts *facts = inquiry->facts;

    if (!facts->command_parent)
        return NULL;
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct pt_task *task = &holder->processes[i].process->task;

        if (comes_from(facts, task, facts->command_parent))
            return task;
    }
    if (has_owner_only(holder) && comes_from(facts, &holder->seen.task, facts->command_parent))
        return &holder->seen.task;
    return NULL;
}
