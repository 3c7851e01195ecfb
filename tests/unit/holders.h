/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that hold a port, made by hand. */
#ifndef PORTTRACE_TESTS_HOLDERS_H
#define PORTTRACE_TESTS_HOLDERS_H

#include <netinet/in.h>

#include "tests/unit/processes.h"
#include "tests/unit/sample.h"
#include "user/model/holder.h"

enum {
    HELD_ESTABLISHED = 1,
    HELD_SYN_SENT = 2,
    HELD_SYN_RECV = 3,
    HELD_FIN_WAIT2 = 5,
    HELD_TIME_WAIT = 6,
    HELD_CLOSE = 7,
    HELD_LISTEN = 10,
};

#define HELD_NETNS 4026531840u

/* A TCP listener that asked for its port, without a process. */
static inline struct holder held_listener(uint16_t port)
{
    return (struct holder){
        .seen = {.task = {.netns = HELD_NETNS},
                 .socket = {.inode = 1000u + port,
                            .family = AF_INET,
                            .type = SOCK_STREAM,
                            .protocol = IPPROTO_TCP,
                            .state = HELD_LISTEN},
                 .local = sample_ipv4("0.0.0.0", port),
                 .flags = PT_HOLDER_BOUND | PT_HOLDER_BUCKET_KNOWN | PT_HOLDER_UID_KNOWN,
                 .source = PT_HOLDER_LOOKUP,
                 .fd = -1},
    };
}

static inline struct holder held_datagram(uint16_t port)
{
    struct holder holder = held_listener(port);

    holder.seen.socket.type = SOCK_DGRAM;
    holder.seen.socket.protocol = IPPROTO_UDP;
    holder.seen.socket.state = HELD_CLOSE;
    return holder;
}

/* What accept() returned. */
static inline struct holder held_connection(uint16_t port)
{
    struct holder holder = held_listener(port);

    holder.seen.socket.state = HELD_ESTABLISHED;
    holder.seen.local = sample_ipv4("10.0.0.1", port);
    holder.seen.peer = sample_ipv4("10.0.0.2", 50000);
    holder.seen.flags &= ~(uint32_t)PT_HOLDER_BOUND;
    return holder;
}

/* What connect() made. */
static inline struct holder held_client(uint16_t port)
{
    struct holder holder = held_connection(port);

    holder.seen.peer = sample_ipv4("10.0.0.2", 443);
    holder.seen.fastreuse = -1;
    holder.seen.fastreuseport = -1;
    return holder;
}

static inline struct holder_process held_process(uint32_t pid, const char *comm)
{
    struct process_facts facts = sample_process();

    facts.task.pid = pid;
    memset(facts.task.comm, 0, sizeof(facts.task.comm));
    memcpy(facts.task.comm, comm, strlen(comm));
    return having(facts, 3);
}

static inline struct holder held_by(struct holder holder, const struct holder_process *processes,
                                    unsigned int count)
{
    uint32_t netns = holder.seen.task.netns;

    holder.processes = processes;
    holder.process_count = count;
    holder.seen.task = processes[0].process->task;
    holder.seen.task.netns = netns;
    holder.seen.flags |= PT_HOLDER_OWNER_KNOWN;
    return holder;
}

#endif
