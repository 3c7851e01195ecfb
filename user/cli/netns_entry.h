/* SPDX-License-Identifier: GPL-2.0 */
/* How a command gets from the reader's net namespace into that of a call. Does I/O. */
#ifndef PORTTRACE_CLI_NETNS_ENTRY_H
#define PORTTRACE_CLI_NETNS_ENTRY_H

#include "user/explain/facts.h"
#include "user/model/observation.h"

/* What was found for the last one asked for, true for a second: refusals come in storms. */
struct netns_entry {
    uint32_t netns;
    uint64_t found_ns; /* CLOCK_BOOTTIME, 0: nothing was */
    bool elsewhere;
    char name[FACTS_NETNS_NAME_SIZE];
};

/* Into the facts. A caller that is gone is stood in for by another process if search is true. */
void netns_entry_find(struct netns_entry *entry, const struct observation *seen, bool search,
                      struct facts *facts);

#endif
