/* SPDX-License-Identifier: GPL-2.0 */
/* Which events the user wants. Bits are those of user/model/filter.h. */
#ifndef PORTTRACE_BPF_FILTER_H
#define PORTTRACE_BPF_FILTER_H

#include "bpf/socket.h"

#define CGROUP_LEVELS_MAX 16
#define ERRNO_EBADF       9
#define ERRNO_EAGAIN      11
#define ERRNO_ENOTSOCK    88
#define ERRNO_EADDRINUSE  98
#define ERRNO_EINPROGRESS 115

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

static __always_inline bool port_wanted(__u16 port)
{
    __u32 word = port >> 6;
    __u64 *bits = bpf_map_lookup_elem(&filter_ports, &word);

    return bits && *bits >> (port & 63) & 1;
}

static __always_inline bool comm_wanted(const char *comm)
{
    __u64 name[2];

    __builtin_memcpy(name, comm, sizeof(name));
    for (int i = 0; i < PT_FILTER_LIST && i < config.comm_count; i++)
        if (config.comms[i][0] == name[0] && config.comms[i][1] == name[1])
            return true;
    return false;
}

static __always_inline bool uid_wanted(__u32 uid)
{
    for (int i = 0; i < PT_FILTER_LIST && i < config.uid_count; i++)
        if (config.uids[i] == uid)
            return true;
    return false;
}

static __always_inline bool netns_wanted(__u32 netns)
{
    for (int i = 0; i < PT_FILTER_LIST && i < config.netns_count; i++)
        if (config.netns[i] == netns)
            return true;
    return false;
}

/* A cgroup is meant with all below it. */
static __always_inline bool cgroup_wanted(struct task_struct *task)
{
    struct kernfs_node *node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn);
    __u64 id;

    for (int level = 0; level < CGROUP_LEVELS_MAX && node; level++) {
        id = BPF_CORE_READ(node, id);
        for (int i = 0; i < PT_FILTER_LIST && i < config.cgroup_count; i++)
            if (config.cgroup_ids[i] == id)
                return true;
        node = kernfs_parent(node);
    }
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

static __always_inline bool task_wanted(const struct pt_task *caller, struct task_struct *task)
{
    if (config.by_pid && !bpf_map_lookup_elem(&filter_pids, &caller->pid))
        return false;
    if (config.comm_count && !comm_wanted(caller->comm))
        return false;
    if (config.uid_count && !uid_wanted(caller->uid))
        return false;
    if (config.cgroup_count && !cgroup_wanted(task))
        return false;
    return true;
}

static __always_inline bool socket_wanted(const struct pt_socket *socket, __u16 family)
{
    if (config.protocols && !(config.protocols & protocol_bit(socket->type, socket->protocol)))
        return false;
    if (config.families && !(config.families & (family == AF_INET6 ? FILTER_IPV6 : FILTER_IPV4)))
        return false;
    return true;
}

/* A connect that goes on after the call has not failed. */
static __always_inline bool is_failure(__s32 error)
{
    return error && error != ERRNO_EINPROGRESS;
}

/* The index must be the very number that was checked, or the verifier does not trust it. */
static __always_inline bool error_wanted(__u64 error)
{
    barrier_var(error);
    return error < 64 * sizeof(config.errors) / sizeof(config.errors[0]) &&
           config.errors[error >> 6] >> (error & 63) & 1;
}

static __always_inline bool outcome_wanted(__u8 op, __s32 error)
{
    bool failed = is_failure(error);

    if (config.ops && !(config.ops >> op & 1))
        return false;
    if (config.outcomes && !(config.outcomes & (failed ? FILTER_FAILURE : FILTER_SUCCESS)))
        return false;
    return !config.by_error || error_wanted((__u32)error);
}

#endif
