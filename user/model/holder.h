/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket that holds a port, and every process that has it. All that is pointed to is borrowed
 * from whoever made it (a survey, a process cache), and strings are bytes from strangers.
 */
#ifndef PORTTRACE_MODEL_HOLDER_H
#define PORTTRACE_MODEL_HOLDER_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "user/model/observation.h"

struct holder_process {
    const struct process_facts *process; /* never NULL; sockets share it: its netns is of one */
    int fd;                              /* -1 not known */
};

/* What is behind a port that somebody holds, or that no socket holds, for another. */
struct holder_published {
    const char *by;         /* "docker-proxy", "nft DNAT", "systemd socket" */
    struct bytes container; /* name or id, .at NULL not known */
    struct bytes unit;      /* the service that is started for the socket, .at NULL not known */
    struct bytes sockets;   /* all socket units that start it, a blank between them */
    struct pt_endpoint to;  /* where it leads, .family 0 not known */
};

struct holder {
    struct pt_holder seen; /* .task is processes[0] if there is any */
    const struct holder_process *processes;
    unsigned int process_count;
    const struct holder_published *published; /* NULL: nothing */
};

/* All that is known to hold a port, in no order. */
struct holders {
    const struct holder *at;
    unsigned int count;
};

#endif
