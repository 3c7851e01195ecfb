// SPDX-License-Identifier: GPL-2.0
#include "user/cli/netns_entry.h"

#include <string.h>

#include "user/cli/clock.h"
#include "user/cli/list_netns.h"
#include "user/host/netns.h"

#define FRESH_NS 1000000000ull

static void take_name(struct netns_entry *entry)
{
    struct list_netns *names = list_netns_new();
    const char *name = names ? list_netns_name(names, entry->netns) : NULL;

    if (name && strlen(name) < sizeof(entry->name))
        memcpy(entry->name, name, strlen(name) + 1);
    list_netns_free(names);
}

static void refresh(struct netns_entry *entry, uint32_t netns)
{
    uint64_t now_ns = clock_boot_ns();
    uint32_t here;

    if (entry->found_ns && entry->netns == netns && now_ns - entry->found_ns < FRESH_NS)
        return;
    here = netns_here();
    *entry = (struct netns_entry){
        .netns = netns, .found_ns = now_ns, .elsewhere = here && netns && netns != here};
    if (entry->elsewhere)
        take_name(entry);
}

void netns_entry_find(struct netns_entry *entry, const struct observation *seen, bool search,
                      struct facts *facts)
{
    const struct pt_task *task = &seen->process.task;

    refresh(entry, task->netns);
    facts->netns_elsewhere = entry->elsewhere;
    memcpy(facts->netns_name, entry->name, sizeof(entry->name));
    if (!entry->elsewhere || entry->name[0])
        return;
    /* The one that is there longest: who has failed is likely gone when the advice is followed. */
    if (search)
        facts->netns_pid = (uint32_t)netns_find_process(task->netns);
    if (!facts->netns_pid && netns_has_process(task->netns, (pid_t)task->pid))
        facts->netns_pid = task->pid;
}
