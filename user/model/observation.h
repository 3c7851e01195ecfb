/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the program knows of one thing that happened: decoded, with the process described. Every
 * renderer, filter and store takes this and nothing else. Strings are borrowed from whoever made
 * the observation and hold until the next one; they are bytes from strangers, never trusted text.
 */
#ifndef PORTTRACE_MODEL_OBSERVATION_H
#define PORTTRACE_MODEL_OBSERVATION_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

struct bytes {
    const char *at; /* NULL: not known */
    uint32_t size;
    bool truncated;
};

enum runtime {
    RUNTIME_NONE = 0,
    RUNTIME_DOCKER,
    RUNTIME_PODMAN,
    RUNTIME_CONTAINERD,     /* by which of its clients is not known */
    RUNTIME_CONTAINERD_CRI, /* for Kubernetes, or crictl */
    RUNTIME_CONTAINERD_NERDCTL,
    RUNTIME_CRIO,
    RUNTIME_LXC,
    RUNTIME_SYSTEMD_NSPAWN,
    RUNTIME_UNKNOWN, /* certainly a container, but whose */
};

/* What the path of a cgroup tells; all borrowed from that path, at == NULL where it tells nothing.
 */
struct cgroup_facts {
    struct bytes unit;         /* web.service, user@1000.service, run-1234.scope */
    struct bytes unit_of_user; /* of a container below user@1000.service: that manager's unit */
    enum runtime runtime;
    struct bytes container_id; /* as the runtime writes it */
    bool container_is_trusted; /* nobody but managers of root could have named it */
    bool container_is_of_user; /* or nobody but the user of .unit_of_user */
    struct bytes pod_id;       /* Kubernetes pod uid, dashes as in the API */
};

/* What becomes of a process that is sent SIGTERM. */
enum term_effect {
    TERM_ENDS,    /* as far as is known */
    TERM_IGNORED, /* nothing */
    TERM_WAITS,   /* it ends when it goes on: it is stopped */
};

struct process_facts {
    struct pt_task task;
    struct bytes exe; /* absolute path */
    bool exe_deleted;
    struct bytes args;   /* arguments, each ended by NUL; .truncated past PT_ARGS_MAX */
    uint32_t args_size;  /* in the process */
    struct bytes cgroup; /* absolute path in the hierarchy */
    struct cgroup_facts cgroup_facts;
    enum term_effect term; /* where that was looked up */
    bool unit_is_own;      /* systemd was asked: it is what that service was started for */
    bool described;        /* false: the description was lost, only .task is known */
    uint64_t revision;     /* another one whenever anything but .task is another */
};

struct observation {
    uint64_t sequence;    /* 1 is the first; lost records take numbers too */
    uint64_t lost_before; /* records lost between the one before and this */
    uint64_t time_ns;     /* CLOCK_BOOTTIME */
    uint64_t wall_ns;     /* CLOCK_REALTIME */
    uint64_t repeated;    /* the last of so many calls, of which the others are not told; else 0 */
    uint64_t since_ns;    /* when the first of those was */
    enum pt_op op;
    enum pt_entry entry;
    enum pt_plan plan;
    enum pt_stage stage;
    enum pt_address_source address_source;
    int error;   /* 0 or a positive errno */
    int fd;      /* -1 none */
    int backlog; /* of a listen */
    uint32_t address_size;
    bool implies_autobind;
    bool entry_unseen; /* whether it does is not known, and options are those after the call */
    struct process_facts process; /* of the caller; of a release: of who took the port */
    bool process_known;           /* false: a release of a socket taken before the trace began */
    struct pt_socket socket;
    bool socket_known;
    struct pt_endpoint requested; /* .family 0: none */
    struct pt_endpoint local;     /* .family 0: none */
    uint64_t latency_ns;          /* 0 unknown */
    bool latency_partial;
    struct pt_refusal refusal; /* of a failure */
    bool refusal_known;
    uint64_t held_ns;    /* of a release, 0 unknown */
    enum pt_op taken_by; /* of a release, 0 unknown */
};

/* Records that are missing from the stream at this place. */
struct loss {
    uint64_t time_ns;
    uint64_t wall_ns;
    uint64_t sequence;             /* of the next record */
    uint64_t lost[PT_LOSS_CAUSES]; /* since the loss before; enum pt_loss_cause */
};

/* What is the same for every observation of a trace. */
struct trace_facts {
    const char *host;
    const char *kernel;
    const char *boot_id;
    enum pt_plan plan;
    bool holders; /* were looked for */
};

#endif
