/* SPDX-License-Identifier: GPL-2.0 */
/* Records as a kernel sends them, into an event file. What fails ends the program. */
#ifndef PORTTRACE_TESTS_GOLDEN_WRITE_EVENTS_H
#define PORTTRACE_TESTS_GOLDEN_WRITE_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bpf/event.h"

#define WALL_OFFSET_NS    1763683200000000000ull
#define START_NS          3600000000000ull
#define STATE_ESTABLISHED 1
#define STATE_CLOSE       7
#define STATE_LISTEN      10

struct process {
    uint32_t pid;
    uint32_t parent_pid;
    uint32_t uid;
    const char *comm;
    const char *exe; /* components, leaf first; each ended by NUL */
    size_t exe_size;
    const char *args;
    size_t args_size;
    const char *cgroup;
    size_t cgroup_size;
};

struct writer {
    FILE *file;
    uint64_t time_ns;
    uint64_t lost;
    uint64_t next_socket;
    enum pt_plan plan;
    long sealed;  /* what is before this byte of the file */
    uint64_t sum; /* of the last seal */
};

void events_put(struct writer *writer, const void *record, size_t size);
struct pt_header events_header(struct writer *writer, enum pt_kind kind, size_t size);
struct writer events_begin_flagged(const char *directory, const char *name, const char *host,
                                   uint32_t flags);
struct writer events_begin(const char *directory, const char *name, const char *host);
void events_seal(struct writer *writer, enum pt_kind kind);
void events_alter(struct writer *writer, long back); /* one bit, so many bytes back */
void events_end(struct writer *writer);
struct pt_task task_of(const struct process *process);
void put_process(struct writer *writer, const struct process *process);
struct pt_endpoint endpoint(const char *address, uint16_t port);
struct pt_socket socket_of(struct writer *writer, uint16_t family, uint16_t type, uint16_t protocol,
                           uint8_t state);
struct pt_call call_of(const struct process *process, enum pt_op op, int error,
                       struct pt_socket socket);
void put_call(struct writer *writer, struct pt_call call);
void put_bind(struct writer *writer, const struct process *process, int error,
              struct pt_socket socket, struct pt_endpoint requested);
void put_release(struct writer *writer, const struct process *process, struct pt_socket socket,
                 struct pt_endpoint local, enum pt_op taken_by);
struct pt_holder holder_of(struct writer *writer, const struct process *process,
                           struct pt_endpoint local);
void put_held(struct writer *writer, const struct pt_holder *holder);
void put_refused(struct writer *writer, struct pt_call call, const struct pt_holder *hit);

#endif
