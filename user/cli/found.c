// SPDX-License-Identifier: GPL-2.0
#include "user/cli/found.h"

#include <stdbool.h>

bool found_is_same_socket(const struct pt_holder *one, const struct pt_holder *other)
{
    if (one->task.netns != other->task.netns)
        return false;
    if (one->socket.inode && other->socket.inode)
        return one->socket.inode == other->socket.inode;
    return one->socket.cookie && one->socket.cookie == other->socket.cookie;
}

static struct holder *find_socket(struct found *found, const struct pt_holder *seen)
{
    for (unsigned int i = 0; i < found->count; i++)
        if (found_is_same_socket(&found->at[i].seen, seen))
            return &found->at[i];
    return NULL;
}

/* What the first record of a socket did not say. */
static void complete(struct pt_holder *seen, const struct pt_holder *more)
{
    if (more->source && more->source < seen->source) {
        seen->source = more->source;
        if (more->flags & PT_HOLDER_BUCKET_KNOWN) {
            seen->fastreuse = more->fastreuse;
            seen->fastreuseport = more->fastreuseport;
            seen->flags |= PT_HOLDER_BUCKET_KNOWN;
        }
    }
    if (!seen->since_ns)
        seen->since_ns = more->since_ns;
    if (!seen->taken_by)
        seen->taken_by = more->taken_by;
    if (!(seen->flags & PT_HOLDER_OWNER_KNOWN) && (more->flags & PT_HOLDER_OWNER_KNOWN)) {
        seen->task = more->task;
        seen->fd = more->fd;
        seen->flags |= PT_HOLDER_OWNER_KNOWN;
    }
}

static bool copy_text(struct arena *arena, struct bytes *text)
{
    if (!text->at)
        return true;
    text->at = arena_copy(arena, text->at, text->size);
    return text->at;
}

/* Without memory there is no description, as if it had been lost. */
static void copy_texts(struct arena *arena, struct process_facts *process)
{
    struct cgroup_facts *facts = &process->cgroup_facts;

    if (!copy_text(arena, &process->exe) || !copy_text(arena, &process->args) ||
        !copy_text(arena, &process->cgroup) || !copy_text(arena, &facts->unit) ||
        !copy_text(arena, &facts->unit_of_user) || !copy_text(arena, &facts->container_id) ||
        !copy_text(arena, &facts->pod_id))
        *process = (struct process_facts){.task = process->task};
}

static void add_process(struct found *found, unsigned int holder, const struct pt_holder *seen,
                        const struct process_facts *process)
{
    struct process_facts *copy;
    unsigned int at = found->process_count;

    for (unsigned int i = 0; i < at; i++)
        if (found->holder_of[i] == holder &&
            found->processes[i].process->task.pid == process->task.pid &&
            (found->processes[i].fd == seen->fd || found->processes[i].fd < 0 || seen->fd < 0))
            return;
    if (at == FOUND_PROCESSES_MAX) {
        found->left_out++;
        return;
    }
    copy = arena_take(&found->memory, sizeof(*copy));
    if (!copy) {
        found->left_out++;
        return;
    }
    *copy = *process;
    copy_texts(&found->memory, copy);
    found->processes[at] = (struct holder_process){.process = copy, .fd = seen->fd};
    found->holder_of[at] = holder;
    found->process_count++;
}

void found_add(struct found *found, const struct pt_holder *seen,
               const struct process_facts *process)
{
    struct holder *holder = find_socket(found, seen);

    if (!holder && found->count == FOUND_HOLDERS_MAX) {
        found->left_out++;
        return;
    }
    if (holder) {
        complete(&holder->seen, seen);
    } else {
        holder = &found->at[found->count++];
        *holder = (struct holder){.seen = *seen};
    }
    if (process)
        add_process(found, (unsigned int)(holder - found->at), seen, process);
}

/* Those of one holder side by side, otherwise in the order in which they came. */
static void sort_processes(struct found *found)
{
    for (unsigned int i = 1; i < found->process_count; i++) {
        struct holder_process process = found->processes[i];
        unsigned int holder = found->holder_of[i];
        unsigned int to = i;

        for (; to && found->holder_of[to - 1] > holder; to--) {
            found->processes[to] = found->processes[to - 1];
            found->holder_of[to] = found->holder_of[to - 1];
        }
        found->processes[to] = process;
        found->holder_of[to] = holder;
    }
}

static void give_processes(struct found *found)
{
    for (unsigned int i = 0; i < found->count; i++) {
        found->at[i].processes = NULL;
        found->at[i].process_count = 0;
    }
    for (unsigned int i = 0; i < found->process_count; i++) {
        struct holder *holder = &found->at[found->holder_of[i]];

        if (!holder->process_count++)
            holder->processes = &found->processes[i];
    }
}

struct holders found_holders(struct found *found)
{
    unsigned int count = 0;

    sort_processes(found);
    give_processes(found);
    for (unsigned int source = 0; source <= PT_HOLDER_LOOKUP; source++)
        for (unsigned int i = 0; i < found->count; i++)
            if (found->at[i].seen.source == source)
                found->sorted[count++] = found->at[i];
    return (struct holders){.at = found->sorted, .count = count};
}

void found_reset(struct found *found)
{
    arena_reset(&found->memory);
    found->count = 0;
    found->left_out = 0;
    found->looked_ns = 0;
    found->process_count = 0;
}
