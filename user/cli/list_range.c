// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_range.h"

#include <stdlib.h>

#include "user/host/port_range.h"

struct known {
    uint32_t netns;
    struct port_range range;
};

struct list_ranges {
    struct known *known;
    unsigned int count;
};

struct list_ranges *list_ranges_new(void)
{
    return calloc(1, sizeof(struct list_ranges));
}

void list_ranges_free(struct list_ranges *ranges)
{
    if (ranges)
        free(ranges->known);
    free(ranges);
}

void list_ranges_forget(struct list_ranges *ranges)
{
    ranges->count = 0;
}

struct port_range list_range_of(void *context, const struct pt_holder *seen)
{
    struct list_ranges *ranges = context;
    struct known known = {.netns = seen->task.netns}, *more;

    for (unsigned int i = 0; i < ranges->count; i++)
        if (ranges->known[i].netns == known.netns)
            return ranges->known[i].range;
    known.range = port_range_of(known.netns, (pid_t)seen->task.pid);
    more = realloc(ranges->known, (ranges->count + 1) * sizeof(*more));
    if (more) {
        ranges->known = more;
        more[ranges->count++] = known;
    }
    return known.range;
}
