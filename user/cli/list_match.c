// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_match.h"

#include <string.h>
#include <sys/socket.h>

#include "user/cli/question_match.h"
#include "user/model/filter_match.h"

#define INIT_PID  1
#define ANCESTORS 256 /* of a process, at most; a loop would be a reused pid */

struct role_context list_context(const struct list_match *match, struct role_listened *last,
                                 const struct holder_list *list, unsigned int index)
{
    const struct holder holder = holder_list_at(list, index);
    const struct port_range range = match->range_of(match->ranges, &holder.seen);

    return (struct role_context){.range_low = range.low,
                                 .range_high = range.high,
                                 .listened = role_is_listened_next(last, list, index)};
}

static bool has_number(const uint32_t *numbers, unsigned int count, uint32_t number)
{
    for (unsigned int i = 0; i < count; i++)
        if (numbers[i] == number)
            return true;
    return false;
}

static bool names_port(const struct list_match *match)
{
    return match->filter->port_count || match->wanted_count;
}

static bool match_port(const struct list_match *match, const struct pt_holder *seen)
{
    const struct filter *filter = match->filter;
    uint16_t port = seen->local.port;

    for (unsigned int i = 0; i < filter->port_count; i++)
        if (port >= filter->ports[i].low && port <= filter->ports[i].high)
            return true;
    for (unsigned int i = 0; i < match->wanted_count; i++)
        if (question_means(&match->wanted[i], seen))
            return true;
    return !names_port(match);
}

static bool match_socket(const struct filter *filter, const struct pt_holder *seen)
{
    uint16_t family = seen->socket.family;

    if (filter->protocols && !(filter->protocols & filter_protocol_bit(&seen->socket)))
        return false;
    if (filter->netns_count && !has_number(filter->netns, filter->netns_count, seen->task.netns))
        return false;
    return !filter->families || (family == AF_INET && filter->families & FILTER_IPV4) ||
           (family == AF_INET6 && filter->families & FILTER_IPV6);
}

static bool match_pid(const struct list_match *match, const struct pt_task *task)
{
    const struct filter *filter = match->filter;
    uint32_t pid = filter->pid_count ? task->pid : 0;

    for (int i = 0; i < ANCESTORS && pid; i++) {
        if (has_number(filter->pids, filter->pid_count, pid))
            return true;
        pid = match->parent_of ? match->parent_of(pid) : 0;
    }
    return !filter->pid_count;
}

static bool match_comm(const struct filter *filter, const struct pt_task *task)
{
    for (unsigned int i = 0; i < filter->comm_count; i++)
        if (!strncmp(filter->comms[i], task->comm, sizeof(task->comm)))
            return true;
    return !filter->comm_count;
}

static bool match_user(const struct filter *filter, uint32_t uid)
{
    return !filter->uid_count || has_number(filter->uids, filter->uid_count, uid);
}

static bool match_cgroup(const struct list_match *match, const struct process_facts *process)
{
    for (unsigned int i = 0; i < match->cgroup_count; i++)
        if (filter_is_at_or_below(&process->cgroup, match->cgroups[i]))
            return true;
    return !match->cgroup_count;
}

static bool match_process(const struct list_match *match, const struct process_facts *process)
{
    return match_comm(match->filter, &process->task) &&
           match_user(match->filter, process->task.uid) && match_cgroup(match, process) &&
           match_pid(match, &process->task);
}

/* A socket of nobody has a user at most. */
static bool match_owner(const struct list_match *match, const struct holder *holder)
{
    const struct filter *filter = match->filter;
    const struct pt_holder *seen = &holder->seen;

    if (!filter->pid_count && !filter->comm_count && !filter->uid_count && !match->cgroup_count)
        return true;
    for (unsigned int i = 0; i < holder->process_count; i++)
        if (match_process(match, holder->processes[i].process))
            return true;
    if (holder->process_count || filter->pid_count || filter->comm_count || match->cgroup_count)
        return false;
    return seen->flags & PT_HOLDER_UID_KNOWN && match_user(filter, seen->uid);
}

bool list_matches(const struct list_match *match, const struct holder *holder,
                  const struct role_context *context)
{
    const struct pt_holder *seen = &holder->seen;

    if (!match->all && !names_port(match) && !role_is_server(role_of(seen, context)))
        return false;
    return match_port(match, seen) && match_socket(match->filter, seen) &&
           match_owner(match, holder);
}

unsigned int list_pids(const struct list_match *match, const struct holder *holder,
                       const struct role_context *context, uint32_t *pids, unsigned int count,
                       unsigned int capacity)
{
    enum role role = role_of(&holder->seen, context);
    bool is_holder = role_is_holder(&holder->seen, context) || (match->all && role == ROLE_SERVED);

    if (!is_holder || holder->seen.flags & PT_HOLDER_KERNEL || holder->seen.gone_ns)
        return count;
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;
        uint32_t pid = process->task.pid;

        if (pid > INIT_PID && count < capacity && match_process(match, process) &&
            !has_number(pids, count, pid))
            pids[count++] = pid;
    }
    return count;
}
