/* SPDX-License-Identifier: GPL-2.0 */
/* Which events the user wants. Bits are those of user/model/filter.h. */
#ifndef PORTTRACE_BPF_FILTER_H
#define PORTTRACE_BPF_FILTER_H

#include "bpf/socket.h"
#include "bpf/state.h"

#define CGROUP_LEVELS_MAX 16
#define ERRNO_EBADF       9
#define ERRNO_EAGAIN      11
#define ERRNO_ENOTSOCK    88
#define ERRNO_EADDRINUSE  98

enum {
    FILTER_TCP = 1,
    FILTER_UDP = 2,
    FILTER_MPTCP = 4,
    FILTER_SCTP = 8,
    FILTER_RAW = 16,
    FILTER_PING = 32
};
enum { FILTER_IPV4 = 1, FILTER_IPV6 = 2 };
enum { FILTER_SUCCESS = 1, FILTER_FAILURE = 2 };

static __always_inline bool port_listed(__u16 port)
{
    __u32 word = port >> 6;
    __u64 *bits = bpf_map_lookup_elem(&filter_ports, &word);

    return bits && *bits >> (port & 63) & 1;
}

static __always_inline bool port_wanted(__u16 port)
{
    return !config.by_port || port_listed(port);
}

__noinline int is_listed(__u64 place, __u64 first, __u64 second)
{
    struct pt_listed_value key = {.place = place, .value = {first, second}};

    return bpf_map_lookup_elem(&filter_lists, &key) ? 1 : 0;
}

static __always_inline bool comm_wanted(const char *comm)
{
    __u64 name[2];

    __builtin_memcpy(name, comm, sizeof(name));
    return is_listed(PT_LISTED_COMM, name[0], name[1]);
}

static __always_inline bool netns_wanted(__u32 netns)
{
    return !config.by_netns || is_listed(PT_LISTED_NETNS, netns, 0);
}

/* Takes a cgroup for its parent; 1 when it is wanted. */
__noinline int cgroup_step_up(THE_CALL)
{
    TAKE_THE_CALL();
    struct kernfs_node *node = (struct kernfs_node *)call->at;

    if (!node)
        return 0;
    call->at = (__u64)kernfs_parent(node);
    return is_listed(PT_LISTED_CGROUP, READ(node, id), 0);
}

/* A cgroup is meant with all below it. */
static __always_inline bool cgroup_wanted(struct call_state *call, struct task_struct *task)
{
    call->at = (__u64)READ(task, cgroups, dfl_cgrp, kn);
    for (int level = 0; level < CGROUP_LEVELS_MAX; level++)
        if (cgroup_step_up(GIVE(call)))
            return true;
    return false;
}

static __always_inline __u8 protocol_bit(__u16 type, __u16 protocol)
{
    if (type == SOCK_RAW)
        return FILTER_RAW;
    switch (protocol) {
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
    }
    return 0;
}

static __always_inline bool socket_wanted(__u16 type, __u16 protocol, __u16 family)
{
    if (config.protocols && !(config.protocols & protocol_bit(type, protocol)))
        return false;
    if (config.families && !(config.families & (family == AF_INET6 ? FILTER_IPV6 : FILTER_IPV4)))
        return false;
    return true;
}

/* The index must be the very number that was checked, or the verifier does not trust it. */
static __always_inline bool error_wanted(__u64 error)
{
    barrier_var(error);
    return error < 64 * sizeof(config.errors) / sizeof(config.errors[0]) &&
           config.errors[error >> 6] >> (error & 63) & 1;
}

__noinline int outcome_listed(__u32 op, __s32 error)
{
    bool failed = pt_call_failed(op, error);

    if (config.ops && !(config.ops >> (op & 15) & 1))
        return 0;
    if (config.outcomes && !(config.outcomes & (failed ? FILTER_FAILURE : FILTER_SUCCESS)))
        return 0;
    return !config.by_error || error_wanted((__u32)error);
}

static __always_inline int outcome_wanted(__u8 op, __s32 error)
{
    return config.filters & PT_BY_OUTCOME ? outcome_listed(op, error) : 1;
}

__noinline int ports_listed(__u32 one, __u32 other)
{
    return port_listed(one) || port_listed(other);
}

static __always_inline int ports_wanted(__u16 one, __u16 other)
{
    return config.by_port ? ports_listed(one, other) : 1;
}

/* By its caller, in .end.task, and by its socket. */
static __always_inline bool call_is_wanted(struct call_state *call, struct task_struct *task)
{
    const struct pt_task *caller = &call->end.task;
    __u16 family = call->socket ? call->end.socket.family : call->requested.family;

    if (config.by_pid && !bpf_map_lookup_elem(&filter_pids, &caller->pid))
        return false;
    if (config.by_comm && !comm_wanted(caller->comm))
        return false;
    if (config.by_uid && !is_listed(PT_LISTED_UID, caller->uid, 0))
        return false;
    if (!netns_wanted(caller->netns))
        return false;
    if (!socket_wanted(call->end.socket.type, call->end.socket.protocol, family))
        return false;
    return !config.by_cgroup || cgroup_wanted(call, task);
}

/* Else call_wanted() need not be asked. */
static __always_inline bool callers_filtered(void)
{
    return config.filters & (PT_BY_PROCESS | PT_BY_SOCKET);
}

/* The call of the thread that runs. */
__noinline int call_wanted(THE_CALL)
{
    TAKE_THE_CALL();

    return call_is_wanted(call, (void *)bpf_get_current_task());
}

#endif
