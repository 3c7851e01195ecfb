/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sockets of a survey the user asked for. Pure but for who is asked for parents and ranges.
 */
#ifndef PORTTRACE_CLI_LIST_MATCH_H
#define PORTTRACE_CLI_LIST_MATCH_H

#include "user/cli/question.h"
#include "user/model/filter.h"
#include "user/model/ports.h"
#include "user/model/role.h"

struct list_match {
    const struct filter *filter;
    const char *const *cgroups; /* paths in the hierarchy */
    unsigned int cgroup_count;
    const struct question *wanted; /* ports besides those of the filter */
    unsigned int wanted_count;
    bool all;
    uint32_t (*parent_of)(uint32_t pid); /* 0: there is none */
    /* From which the net namespace of the socket chooses ports, 0 0: not known. */
    struct port_range (*range_of)(void *ranges, const struct pt_holder *seen);
    void *ranges;
};

struct role_context list_context(const struct list_match *match, struct role_listened *last,
                                 const struct holder_list *list, unsigned int index);

/* Of the filters and, unless a port was named or all is wanted, of what holds a port on purpose. */
bool list_matches(const struct list_match *match, const struct holder *holder,
                  const struct role_context *context);

/*
 * Adds the ids of processes that somebody who wants the port could end, once each and at most
 * capacity; returns how many there are now. Never pid 1, never a client.
 */
unsigned int list_pids(const struct list_match *match, const struct holder *holder,
                       const struct role_context *context, uint32_t *pids, unsigned int count,
                       unsigned int capacity);

#endif
