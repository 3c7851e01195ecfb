// SPDX-License-Identifier: GPL-2.0
#include "user/cli/parents.h"

#include <stdbool.h>

/* The same process under the same parent. */
static bool is_same(const struct pt_task *one, const struct pt_task *other)
{
    return one->pid == other->pid && one->start_ns == other->start_ns &&
           one->parent_pid == other->parent_pid;
}

void parents_begin(struct parents *parents, const struct pt_task *caller, uint64_t now_ns,
                   uint64_t age_ns)
{
    if (is_same(&parents->caller, caller) && now_ns - parents->since_ns < age_ns)
        return;
    parents->caller = *caller;
    parents->since_ns = now_ns;
    parents->count = 0;
}

uint32_t parents_of(void *context, uint32_t pid)
{
    struct parents *parents = context;
    uint32_t parent;

    for (unsigned int i = 0; i < parents->count; i++)
        if (parents->known[i].pid == pid)
            return parents->known[i].parent;
    parent = parents->ask(pid);
    if (parents->count < PARENTS_MOST) {
        parents->known[parents->count].pid = pid;
        parents->known[parents->count++].parent = parent;
    }
    return parent;
}
