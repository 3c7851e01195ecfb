// SPDX-License-Identifier: GPL-2.0
#include "user/cli/survey_published.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/host/netns.h"

/* What is asked in the net namespace. */
struct visit {
    struct published *published;
    uint32_t netns;
    uint16_t port;
    const struct holder *rules;
    unsigned int count;
};

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

int survey_published_add(struct published *published, const struct survey_query *query,
                         struct holdings *holdings, struct holders *holders)
{
    struct visit visit = {
        .published = published,
        .netns = query->netns ? query->netns : netns_here(),
        .port = query->port,
    };
    struct holder *at = holdings_extend(holdings, PUBLISHED_RULES_MAX);
    int error = at ? 0 : -ENOMEM;

    published_reset(published);
    for (unsigned int i = 0; !error && i < holders->count; i++)
        error = published_describe(published, &at[i]);
    if (error)
        return error;
    if (query->rules && query->port)
        visit_netns(&visit);
    if (visit.count)
        memcpy(at + holders->count, visit.rules, visit.count * sizeof(*at));
    *holders = (struct holders){.at = at, .count = holders->count + visit.count};
    return 0;
}
