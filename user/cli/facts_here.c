// SPDX-License-Identifier: GPL-2.0
#include "user/cli/facts_here.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/capture/cgroup_programs.h"
#include "user/cli/clock.h"
#include "user/cli/free_ports.h"
#include "user/cli/netns_entry.h"
#include "user/enrich/names.h"
#include "user/explain/asker.h"
#include "user/explain/ephemeral.h"
#include "user/explain/other_end.h"
#include "user/host/address.h"
#include "user/host/links.h"
#include "user/host/netns.h"
#include "user/host/own_units.h"
#include "user/host/process.h"
#include "user/host/process_cgroup.h"
#include "user/host/published.h"
#include "user/host/security.h"
#include "user/host/sysctl.h"
#include "user/model/operations.h"

struct facts_gatherer {
    struct surveyor *surveyor;
    struct survey survey;
    struct holder *sorted; /* of the survey: sockets first, then rules */
    struct holders sockets, rules;
    struct name_tables *names;
    struct netns_entry entry;
    char *lsms;
    char *profile;
    char cgroup[PATH_MAX];
    struct sysctl_net net;
    struct host_links links; /* empty where not known */
    unsigned int kernel_major, kernel_minor;
    bool pids_elsewhere; /* the kernel's numbers of processes are not those of here */
};

/* What is asked in the net namespace, and the answers. */
struct visit {
    struct sysctl_net *net;
    struct host_links *links;
    bool net_known;
    bool address_wanted;
    struct address_question question;
    struct address_answer answer;
    int address_result;
};

struct facts_gatherer *facts_gatherer_new(struct surveyor *surveyor)
{
    struct facts_gatherer *gatherer = calloc(1, sizeof(*gatherer));
    struct utsname kernel;

    if (!gatherer)
        return NULL;
    gatherer->surveyor = surveyor;
    gatherer->pids_elsewhere = !process_all_visible("/proc");
    gatherer->names = name_tables_new();
    if (!gatherer->names) {
        free(gatherer);
        return NULL;
    }
    if (security_read_modules(&gatherer->lsms))
        gatherer->lsms = NULL;
    if (uname(&kernel) ||
        sscanf(kernel.release, "%u.%u", &gatherer->kernel_major, &gatherer->kernel_minor) != 2)
        gatherer->kernel_major = gatherer->kernel_minor = 0;
    return gatherer;
}

void facts_gatherer_free(struct facts_gatherer *gatherer)
{
    if (!gatherer)
        return;
    name_tables_free(gatherer->names);
    free(gatherer->lsms);
    free(gatherer->profile);
    free(gatherer->sorted);
    links_free(&gatherer->links);
    free(gatherer);
}

struct facts_question facts_question_of(const struct observation *seen)
{
    struct facts_question question;

    memset(&question, 0, sizeof(question));
    question.wanted = *operation_wanted(seen);
    question.netns = seen->process.task.netns;
    question.pid = seen->process.task.pid;
    question.uid = seen->process.task.uid;
    question.error = seen->error;
    question.op = (uint16_t)seen->op;
    question.capable = seen->refusal.flags & PT_REFUSAL_CAPABLE;
    if (seen->socket_known) {
        question.device_ifindex = seen->socket.device_ifindex;
        question.options = seen->socket.options;
        question.family = seen->socket.family;
        question.type = seen->socket.type;
        question.protocol = seen->socket.protocol;
    }
    return question;
}

struct holders facts_rules(const struct facts_gatherer *gatherer)
{
    return gatherer->rules;
}

bool facts_saw_sockets(const struct facts_gatherer *gatherer)
{
    return gatherer->survey.sockets_complete;
}

const char *facts_missing(const struct facts_gatherer *gatherer)
{
    return gatherer->survey.missing;
}

static bool is_for_own_port(const struct observation *seen)
{
    return seen->op == PT_OP_BIND || seen->op == PT_OP_LISTEN;
}

/* Of a peer, whether it is this host, or an address of many. */
static bool is_about_address(const struct observation *seen)
{
    return is_for_own_port(seen) ||
           (seen->op == PT_OP_CONNECT &&
            (seen->error == ETIMEDOUT || seen->error == ENETUNREACH || seen->error == EINVAL));
}

/*
 * Whoever has the port that is asked for is in the way, or, of a peer that refused or did not
 * answer, elsewhere or too busy.
 */
static bool is_about_port(const struct observation *seen, const struct facts *facts)
{
    return is_for_own_port(seen) ||
           (seen->op == PT_OP_CONNECT &&
            (seen->error == ECONNREFUSED || seen->error == ETIMEDOUT) && peer_is_here(seen, facts));
}

static int look_around(void *context)
{
    struct visit *visit = context;

    visit->net_known = !sysctl_read_net(visit->net);
    links_free(visit->links);
    links_read_here(visit->links);
    if (visit->address_wanted)
        visit->address_result = address_look_up(&visit->question, &visit->answer);
    return 0;
}

static void take_net(const struct sysctl_net *net, struct facts *facts)
{
    facts->netns_known = true;
    facts->range_low = net->range_low;
    facts->range_high = net->range_high;
    facts->unprivileged_start = net->unprivileged_start;
    facts->nonlocal4 = net->nonlocal4;
    facts->nonlocal6 = net->nonlocal6;
    facts->disabled6 = net->disabled6;
    facts->lo_disabled6 = net->lo_disabled6;
    facts->tcp_tw_reuse = net->tcp_tw_reuse;
    facts->reserved = net->reserved_known ? net->reserved : NULL;
}

static void take_device(const struct host_links *links, struct facts *facts)
{
    const struct host_link *link = links_named(links, facts->address_device);

    facts->address_device_down = link && link->down;
    facts->address_device_no_carrier = link && link->no_carrier;
}

static int visit_netns(struct facts_gatherer *gatherer, const struct observation *seen,
                       int netns_fd, struct facts *facts)
{
    const struct pt_task *task = &seen->process.task;
    int fd = netns_fd >= 0 ? netns_fd : netns_open(task->netns, (pid_t)task->pid);
    struct visit visit = {
        .net = &gatherer->net,
        .links = &gatherer->links,
        .address_wanted = is_about_address(seen) && seen->requested.family,
        .question = {.wanted = seen->requested, .device_ifindex = seen->socket.device_ifindex},
    };

    if (fd < 0)
        return 0;
    if (!netns_run(fd, look_around, &visit)) {
        if (visit.net_known)
            take_net(&gatherer->net, facts);
        facts->lo_down = links_loopback_down(&gatherer->links);
        facts->address = visit.answer.state;
        memcpy(facts->address_device, visit.answer.device, sizeof(facts->address_device));
        take_device(&gatherer->links, facts);
    }
    if (fd != netns_fd)
        close(fd);
    return visit.address_result == -ENODEV ? -ENODEV : 0;
}

int facts_gather_address(struct facts_gatherer *gatherer, const struct observation *seen,
                         int netns_fd, struct facts *facts)
{
    return visit_netns(gatherer, seen, netns_fd, facts);
}

static void take_confinement(struct facts_gatherer *gatherer, const struct observation *seen,
                             struct facts *facts)
{
    pid_t pid = (pid_t)seen->process.task.pid;

    free(gatherer->profile);
    gatherer->profile = NULL;
    facts->caller_in_userns = pid && security_in_other_userns(pid);
    if (!pid || security_read_confinement(pid, &gatherer->profile, &facts->caller_confined)) {
        gatherer->profile = NULL;
        return;
    }
    if (gatherer->profile[0])
        facts->profile =
            (struct bytes){.at = gatherer->profile, .size = (uint32_t)strlen(gatherer->profile)};
}

/* As the kernel described the caller, else as /proc does now. */
static int caller_cgroup(const struct observation *seen, char *ret_path, size_t size)
{
    const struct bytes *cgroup = &seen->process.cgroup;

    if (!cgroup->at || cgroup->truncated || memchr(cgroup->at, '\0', cgroup->size))
        return process_cgroup_read((pid_t)seen->process.task.pid, ret_path, size);
    if (cgroup->size >= size)
        return -ENAMETOOLONG;
    memcpy(ret_path, cgroup->at, cgroup->size);
    ret_path[cgroup->size] = '\0';
    return 0;
}

/* Systemd is asked only where its service would be changed. */
static void take_unit(const struct observation *seen, struct facts *facts)
{
    struct process_facts caller = seen->process;

    if (seen->error != EACCES || !seen->process_known)
        return;
    own_units_tell(&caller, 1);
    facts->caller_unit_is_own = caller.unit_is_own;
}

static void take_cgroup(struct facts_gatherer *gatherer, const struct observation *seen,
                        struct facts *facts)
{
    char path[PATH_MAX];
    enum pt_op op = seen->op == PT_OP_CONNECT ? PT_OP_CONNECT : PT_OP_BIND;

    if (!seen->process.task.pid || caller_cgroup(seen, path, sizeof(path)) ||
        cgroup_programs_find(path, op, seen->socket.family, gatherer->cgroup,
                             sizeof(gatherer->cgroup)))
        return;
    facts->cgroup_program =
        (struct bytes){.at = gatherer->cgroup, .size = (uint32_t)strlen(gatherer->cgroup)};
}

static void copy_if(const struct holder_list *from, bool rules, struct holder **to)
{
    for (unsigned int i = 0; i < from->count; i++) {
        const struct holder holder = holder_list_at(from, i);

        if (published_is_rule(&holder) == rules)
            *(*to)++ = holder;
    }
}

/* Each in the order that they have in the survey. */
static int part_rules(struct facts_gatherer *gatherer)
{
    const struct holder_list *all = &gatherer->survey.holders;
    struct holder *sorted = calloc(all->count + 1u, sizeof(*sorted)), *end = sorted;

    if (!sorted)
        return -ENOMEM;
    free(gatherer->sorted);
    gatherer->sorted = sorted;
    copy_if(all, false, &end);
    gatherer->sockets = (struct holders){.at = sorted, .count = (unsigned int)(end - sorted)};
    gatherer->rules = (struct holders){.at = end, .count = all->count - gatherer->sockets.count};
    copy_if(all, true, &end);
    return 0;
}

/*
 * Where a port is refused, others are proposed: for that all that are held must be known. Among
 * these may be the other end of what is left of a connection.
 */
static int take_free_ports(struct facts_gatherer *gatherer, const struct observation *seen,
                           uint16_t port, struct facts *facts)
{
    struct survey_query query = {.netns = seen->process.task.netns};
    struct free_search search = {
        .askers = {asker_of(seen, facts)},
        .asker_count = 1,
        .holders = &gatherer->survey.holders,
        .facts = facts,
        .capable = seen->refusal.flags & PT_REFUSAL_CAPABLE,
        .names = name_tables_render(gatherer->names),
    };
    int result;

    if (!facts->netns_known || port == UINT16_MAX ||
        (seen->error != EADDRINUSE && seen->error != EACCES))
        return 0;
    result = surveyor_take(gatherer->surveyor, &query, &gatherer->survey);
    if (result)
        return result;
    free_find(&search, (uint16_t)(port + 1), FACTS_FREE_PORTS, facts->free_ports);
    other_end_find(&gatherer->survey.holders, port, &facts->other_end);
    return 0;
}

/* No port is left to choose: who has them all. */
static int take_users(struct facts_gatherer *gatherer, const struct observation *seen,
                      struct facts *facts)
{
    struct survey_query query = {.netns = seen->process.task.netns};
    int result;

    if (!gatherer->surveyor || !query.netns || !ephemeral_may_be_short(seen))
        return 0;
    result = surveyor_take(gatherer->surveyor, &query, &gatherer->survey);
    if (result)
        return result;
    ephemeral_count(seen, facts, &gatherer->survey.holders, &facts->used);
    surveyor_drop_list(gatherer->surveyor);
    gatherer->survey.holders = (struct holder_list){0};
    return 0;
}

/* Unless tcp_l3mdev_accept is set, TCP has the ports of each VRF apart. UDP does not. */
static bool is_of_other_vrf(const struct facts_gatherer *gatherer, const struct observation *seen,
                            const struct pt_holder *holder)
{
    const struct address_question question = {.wanted = *operation_wanted(seen),
                                              .device_ifindex = seen->socket.device_ifindex};

    return seen->socket.type == SOCK_STREAM && holder->socket.type == SOCK_STREAM &&
           !gatherer->net.tcp_l3mdev_accept &&
           links_vrf_of(&gatherer->links, address_device(&question)) !=
               links_vrf_of(&gatherer->links, holder->socket.device_ifindex);
}

/* Those of another VRF are in nobody's way here. */
static void drop_other_vrfs(struct facts_gatherer *gatherer, const struct observation *seen)
{
    unsigned int kept = 0;

    for (unsigned int i = 0; i < gatherer->sockets.count; i++)
        if (!is_of_other_vrf(gatherer, seen, &gatherer->sorted[i].seen))
            gatherer->sorted[kept++] = gatherer->sorted[i];
    gatherer->sockets.count = kept;
}

static int take_holders(struct facts_gatherer *gatherer, const struct observation *seen,
                        struct facts *facts)
{
    struct survey_query query = {
        .port = operation_wanted(seen)->port,
        .netns = seen->process.task.netns,
        .described = true,
        .published = true,
        .units = true,
        .rules = !seen->error, /* they refuse nobody; who asks beforehand wants to know */
    };
    int result;

    if (!gatherer->surveyor || !is_about_port(seen, facts) || !query.port || !query.netns)
        return 0;
    result = take_free_ports(gatherer, seen, query.port, facts);
    if (!result)
        result = surveyor_take(gatherer->surveyor, &query, &gatherer->survey);
    if (!result)
        result = part_rules(gatherer);
    if (result)
        return result;
    if (facts->netns_known)
        drop_other_vrfs(gatherer, seen);
    facts->holders = gatherer->sockets;
    facts->holders_complete = gatherer->survey.complete;
    facts->pids_elsewhere |= !gatherer->survey.own_numbers;
    if (seen->time_ns)
        facts->looked_at_ns = clock_boot_ns();
    return 0;
}

static void take_times(struct facts *facts)
{
    facts->now_ns = clock_boot_ns();
    facts->wall_offset_ns = (int64_t)clock_wall_offset_ns();
    facts->utc_offset_s = clock_utc_offset_s(facts->now_ns + (uint64_t)facts->wall_offset_ns);
}

int facts_gather(struct facts_gatherer *gatherer, const struct observation *seen, int netns_fd,
                 struct facts *ret_facts)
{
    struct render_names names = name_tables_render(gatherer->names);
    int result, device;

    *ret_facts = (struct facts){
        .lsms = gatherer->lsms,
        .kernel_major = gatherer->kernel_major,
        .kernel_minor = gatherer->kernel_minor,
        .reader_uid = getuid(),
        .pids_elsewhere = seen->process_known && gatherer->pids_elsewhere,
        .user_name = names.user,
        .names = names.context,
    };
    gatherer->survey = (struct survey){0};
    gatherer->sockets = gatherer->rules = (struct holders){0};
    netns_entry_find(&gatherer->entry, seen, true, ret_facts);
    device = visit_netns(gatherer, seen, netns_fd, ret_facts);
    take_confinement(gatherer, seen, ret_facts);
    take_unit(seen, ret_facts);
    take_cgroup(gatherer, seen, ret_facts);
    /* The holders last: what is looked up for other facts does not make them older. */
    result = take_users(gatherer, seen, ret_facts);
    if (!result)
        result = take_holders(gatherer, seen, ret_facts);
    take_times(ret_facts);
    return result ? result : device;
}
