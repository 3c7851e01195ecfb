// SPDX-License-Identifier: GPL-2.0
#include "user/model/filter_match.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "user/model/operations.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define FAMILY_CHAINS 1024 /* a power of two */

/* A process that was asked for, or a child of one. */
struct relative {
    struct relative *next;
    uint32_t pid;
    uint64_t start_ns;
    bool wanted; /* false: another process has got this pid */
};

struct filter_match {
    struct filter filter;
    const char *cgroups[FILTER_LIST_MAX];
    unsigned int cgroup_count;
    struct relative *family[FAMILY_CHAINS];
};

struct filter_match *filter_match_new(const struct filter *filter, const char *const *cgroups,
                                      unsigned int cgroup_count)
{
    struct filter_match *match = calloc(1, sizeof(*match));

    if (!match)
        return NULL;
    match->filter = *filter;
    for (unsigned int i = 0; i < cgroup_count && i < FILTER_LIST_MAX; i++)
        match->cgroups[match->cgroup_count++] = cgroups[i];
    return match;
}

void filter_match_free(struct filter_match *match)
{
    struct relative *relative, *next;

    for (unsigned int i = 0; match && i < FAMILY_CHAINS; i++)
        for (relative = match->family[i]; relative; relative = next) {
            next = relative->next;
            free(relative);
        }
    free(match);
}

static bool has_number(const uint32_t *numbers, unsigned int count, uint32_t number)
{
    for (unsigned int i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static struct relative *find_relative(const struct filter_match *match, uint32_t pid)
{
    struct relative *relative = match->family[pid & (FAMILY_CHAINS - 1)];

    while (relative && relative->pid != pid)
        relative = relative->next;
    return relative;
}

static int add_relative(struct filter_match *match, const struct pt_task *task)
{
    struct relative **chain = &match->family[task->pid & (FAMILY_CHAINS - 1)];
    struct relative *relative = malloc(sizeof(*relative));

    if (!relative)
        return -ENOMEM;
    *relative = (struct relative){*chain, task->pid, task->start_ns, true};
    *chain = relative;
    return 0;
}

int filter_match_process(struct filter_match *match, const struct pt_task *task)
{
    const struct filter *filter = &match->filter;
    struct relative *self, *parent;
    bool wanted;

    if (!filter->pid_count)
        return 0;
    self = find_relative(match, task->pid);
    if (self && self->start_ns == task->start_ns)
        return 0;
    parent = find_relative(match, task->parent_pid);
    wanted = has_number(filter->pids, filter->pid_count, task->pid) || (parent && parent->wanted);
    if (!self)
        return wanted ? add_relative(match, task) : 0;
    self->start_ns = task->start_ns;
    self->wanted = wanted;
    return 0;
}

static bool match_pid(const struct filter_match *match, const struct pt_task *task)
{
    const struct relative *self = find_relative(match, task->pid);

    return !match->filter.pid_count || (self && self->wanted && self->start_ns == task->start_ns);
}

static bool match_comm(const struct filter *filter, const struct pt_task *task)
{
    for (unsigned int i = 0; i < filter->comm_count; i++)
        if (!strncmp(filter->comms[i], task->comm, sizeof(task->comm)))
            return true;
    return !filter->comm_count;
}

/* The slashes at both ends of a path that was typed say nothing. */
bool filter_is_at_or_below(const struct bytes *path, const char *cgroup)
{
    size_t length;

    cgroup += strspn(cgroup, "/");
    length = strlen(cgroup);
    while (length && cgroup[length - 1] == '/')
        length--;
    if (!path->at || path->size < length + 1 || path->at[0] != '/')
        return false;
    return !length || (!memcmp(path->at + 1, cgroup, length) &&
                       (path->size == length + 1 || path->at[length + 1] == '/'));
}

static bool match_cgroup(const struct filter_match *match, const struct process_facts *process)
{
    for (unsigned int i = 0; i < match->cgroup_count; i++)
        if (filter_is_at_or_below(&process->cgroup, match->cgroups[i]))
            return true;
    return !match->cgroup_count;
}

static bool match_process(const struct filter_match *match, const struct observation *seen)
{
    const struct filter *filter = &match->filter;
    const struct pt_task *task = &seen->process.task;

    if (filter->netns_count && !has_number(filter->netns, filter->netns_count, task->netns))
        return false;
    if (!filter->pid_count && !filter->comm_count && !filter->uid_count && !match->cgroup_count)
        return true;
    if (!seen->process_known)
        return false;
    return match_pid(match, task) && match_comm(filter, task) &&
           (!filter->uid_count || has_number(filter->uids, filter->uid_count, task->uid)) &&
           match_cgroup(match, &seen->process);
}

uint32_t filter_protocol_bit(const struct pt_socket *socket)
{
    if (socket->type == SOCK_RAW)
        return FILTER_RAW;
    switch (socket->protocol) {
    case IPPROTO_TCP:
        return FILTER_TCP;
    case IPPROTO_UDP:
    case IPPROTO_UDPLITE:
        return FILTER_UDP;
    case IPPROTO_MPTCP:
        return FILTER_MPTCP;
    case IPPROTO_SCTP:
        return FILTER_SCTP;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return FILTER_PING;
    default:
        return 0;
    }
}

static bool match_socket(const struct filter *filter, const struct observation *seen)
{
    uint16_t family = seen->socket_known ? seen->socket.family : seen->requested.family;

    if (filter->protocols &&
        (!seen->socket_known || !(filter->protocols & filter_protocol_bit(&seen->socket))))
        return false;
    if (!filter->families)
        return true;
    return (family == AF_INET && filter->families & FILTER_IPV4) ||
           (family == AF_INET6 && filter->families & FILTER_IPV6);
}

static bool has_port(const struct filter *filter, const struct pt_endpoint *endpoint)
{
    for (unsigned int i = 0; endpoint->family && i < filter->port_count; i++)
        if (endpoint->port >= filter->ports[i].low && endpoint->port <= filter->ports[i].high)
            return true;
    return false;
}

static bool match_outcome(const struct filter *filter, const struct observation *seen)
{
    bool failed = operation_outcome(seen) == OUTCOME_FAILURE;

    if (filter->ops && !(filter->ops >> seen->op & 1))
        return false;
    if (filter->outcomes && !(filter->outcomes & (failed ? FILTER_FAILURE : FILTER_SUCCESS)))
        return false;
    if (!filter->by_error)
        return true;
    return seen->error >= 0 && seen->error < FILTER_ERROR_WORDS * 64 &&
           filter->errors[seen->error / 64] >> seen->error % 64 & 1;
}

bool filter_match(const struct filter_match *match, const struct observation *seen)
{
    const struct filter *filter = &match->filter;

    return match_process(match, seen) && match_socket(filter, seen) &&
           (!filter->port_count || has_port(filter, &seen->requested) ||
            has_port(filter, &seen->local)) &&
           match_outcome(filter, seen);
}
