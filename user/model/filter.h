/* SPDX-License-Identifier: GPL-2.0 */
/* What the user wants to see. Options fill it in; the capture stage hands it to the kernel. */
#ifndef PORTTRACE_MODEL_FILTER_H
#define PORTTRACE_MODEL_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/ports.h"

#define FILTER_LIST_MAX    16
#define FILTER_RANGES_MAX  32
#define FILTER_ERROR_WORDS 3 /* errno 0 .. 191 */

enum filter_protocol {
    FILTER_TCP = 1 << 0,
    FILTER_UDP = 1 << 1, /* UDP-Lite too */
    FILTER_MPTCP = 1 << 2,
    FILTER_SCTP = 1 << 3,
    FILTER_RAW = 1 << 4,
    FILTER_PING = 1 << 5,
};

enum filter_family {
    FILTER_IPV4 = 1 << 0,
    FILTER_IPV6 = 1 << 1,
};

enum filter_outcome {
    FILTER_SUCCESS = 1 << 0,
    FILTER_FAILURE = 1 << 1,
};

/* A count or mask of 0 means: not filtered by this. All that are set must hold. */
struct filter {
    uint32_t pids[FILTER_LIST_MAX]; /* with their children */
    unsigned int pid_count;
    char comms[FILTER_LIST_MAX][16]; /* whole names of processes, NUL-padded */
    unsigned int comm_count;
    struct port_range ports[FILTER_RANGES_MAX];
    unsigned int port_count;
    uint32_t uids[FILTER_LIST_MAX];
    unsigned int uid_count;
    uint64_t cgroup_ids[FILTER_LIST_MAX]; /* with the cgroups below */
    unsigned int cgroup_count;
    uint32_t netns[FILTER_LIST_MAX]; /* inode numbers */
    unsigned int netns_count;
    uint32_t protocols;                  /* enum filter_protocol */
    uint32_t families;                   /* enum filter_family */
    uint32_t ops;                        /* 1 << enum pt_op */
    uint32_t outcomes;                   /* enum filter_outcome */
    uint64_t errors[FILTER_ERROR_WORDS]; /* bit n: errno n is wanted */
    bool by_error;
};

#endif
