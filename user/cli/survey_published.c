// SPDX-License-Identifier: GPL-2.0
#include "user/cli/survey_published.h"

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

static int describe_all(struct published *published, struct holdings *holdings)
{
    const struct holder_list holders = holdings_holders(holdings);
    int error = 0;

    for (unsigned int i = 0; !error && i < holders.count; i++) {
        struct holder holder = holder_list_at(&holders, i);

        error = published_describe(published, &holder);
        holdings_publish(holdings, i, holder.published);
    }
    return error;
}

int survey_published_add(struct published *published, const struct survey_query *query,
                         struct holdings *holdings)
{
    struct visit visit = {
        .published = published,
        .netns = query->netns ? query->netns : netns_here(),
        .port = query->port,
    };
    int error;

    published_reset(published);
    error = describe_all(published, holdings);
    if (!error && query->rules && query->port)
        visit_netns(&visit);
    for (unsigned int i = 0; !error && i < visit.count; i++)
        error = holdings_append(holdings, &visit.rules[i]);
    return error;
}
