// SPDX-License-Identifier: GPL-2.0
#include "user/cli/survey_published.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/host/netns.h"
#include "user/host/published.h"

struct survey_published {
    struct published *published;
    struct holder *holders;
};

/* What is asked in the net namespace. */
struct visit {
    struct published *published;
    uint32_t netns;
    uint16_t port;
    const struct holder *rules;
    unsigned int count;
};

struct survey_published *survey_published_new(void)
{
    struct survey_published *published = calloc(1, sizeof(*published));

    if (!published)
        return NULL;
    published->published = published_new();
    if (!published->published) {
        free(published);
        return NULL;
    }
    return published;
}

void survey_published_free(struct survey_published *published)
{
    if (!published)
        return;
    published_free(published->published);
    free(published->holders);
    free(published);
}

static int read_rules(void *context)
{
    struct visit *visit = context;

    published_by_rules(visit->published, visit->netns, visit->port, &visit->rules, &visit->count);
    return 0;
}

/* What may not be entered or read has none that are known. */
static void visit_netns(struct visit *visit)
{
    int fd = netns_open(visit->netns, 0);

    if (fd < 0)
        return;
    netns_run(fd, read_rules, visit);
    close(fd);
}

int survey_published_add(struct survey_published *published, const struct survey_query *query,
                         struct holders *holders)
{
    struct visit visit = {
        .published = published->published,
        .netns = query->netns ? query->netns : netns_here(),
        .port = query->port,
    };
    struct holder *copy = calloc(holders->count + (size_t)PUBLISHED_RULES_MAX, sizeof(*copy));

    if (!copy)
        return -ENOMEM;
    published_reset(published->published);
    free(published->holders);
    published->holders = copy;
    if (holders->count)
        memcpy(copy, holders->at, holders->count * sizeof(*copy));
    for (unsigned int i = 0; i < holders->count; i++)
        published_describe(published->published, &copy[i]);
    if (query->rules && query->port)
        visit_netns(&visit);
    if (visit.count)
        memcpy(copy + holders->count, visit.rules, visit.count * sizeof(*copy));
    *holders = (struct holders){.at = copy, .count = holders->count + visit.count};
    return 0;
}
