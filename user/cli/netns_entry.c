// SPDX-License-Identifier: GPL-2.0
#include "user/cli/netns_entry.h"

#include <string.h>

#include "user/cli/list_netns.h"
#include "user/host/netns.h"

static void take_name(uint32_t netns, struct facts *facts)
{
    struct list_netns *names = list_netns_new();
    const char *name = names ? list_netns_name(names, netns) : NULL;

    if (name && strlen(name) < sizeof(facts->netns_name))
        memcpy(facts->netns_name, name, strlen(name) + 1);
    list_netns_free(names);
}

void netns_entry_find(const struct observation *seen, bool search, struct facts *facts)
{
    const struct pt_task *task = &seen->process.task;
    uint32_t here = netns_here();

    facts->netns_elsewhere = here && task->netns && task->netns != here;
    if (!facts->netns_elsewhere)
        return;
    take_name(task->netns, facts);
    if (facts->netns_name[0])
        return;
    if (netns_has_process(task->netns, (pid_t)task->pid))
        facts->netns_pid = task->pid;
    else if (search)
        facts->netns_pid = (uint32_t)netns_find_process(task->netns);
}
