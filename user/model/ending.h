/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How whoever holds a port is ended without harm to others: what started it is asked to, as that
 * would otherwise start it again; who gets a signal is for the caller to say. Pure.
 */
#ifndef PORTTRACE_MODEL_ENDING_H
#define PORTTRACE_MODEL_ENDING_H

#include "user/model/holder.h"
#include "user/model/strbuf.h"

#define ENDING_NAME_SIZE 256

enum ending_way {
    ENDING_UNIT,      /* the service that was started for it */
    ENDING_SOCKET,    /* systemd listens for the service: it and its socket units */
    ENDING_CONTAINER, /* by its runtime */
};

struct ending {
    enum ending_way way;
    char name[ENDING_NAME_SIZE]; /* of the unit, or the container */
    struct bytes sockets;        /* borrowed: the socket units, a blank between them */
    enum runtime runtime;
    bool of_user; /* the unit is one of the service manager of .uid, the container that user's */
    bool is_own;  /* who is the reader */
    uint32_t uid;
};

/* What a runtime is asked to stop a container by: PROGRAM VERB NAME. */
struct ending_tool {
    const char *program; /* NULL: nothing is known for that runtime */
    const char *verb;
    bool returns_early; /* the container may run on for a while */
};

struct ending_tool ending_tool_of(enum runtime runtime);

/*
 * The container behind a published port; that, or the service, of a process; the service that is
 * started for a socket of a service manager. False: it cannot, or must not, be ended that way.
 */
bool ending_of_published(const struct holder_published *published, struct ending *ret_ending);
bool ending_of_container(const struct process_facts *process, uint32_t reader_uid,
                         struct ending *ret_ending);
bool ending_of_unit(const struct process_facts *process, uint32_t reader_uid,
                    struct ending *ret_ending);
bool ending_of_socket(const struct holder_published *published, const struct process_facts *manager,
                      uint32_t reader_uid, struct ending *ret_ending);

/* The unit that a process is in, of the manager that would be asked. */
struct bytes ending_unit(const struct process_facts *process);

/* The service that a process is in, be it for that process or for others. */
bool ending_service_around(const struct process_facts *process, uint32_t reader_uid,
                           struct ending *ret_ending);

/* Of a user who is not the reader. */
bool ending_is_of_other(const struct ending *ending);

bool ending_has_same_manager(const struct ending *a, const struct ending *b);
bool ending_is_same(const struct ending *a, const struct ending *b);

/* Takes the first off those that are left. */
struct bytes ending_next_socket(struct bytes *left);

/* "systemctl --user stop web.service": as a shell takes it. */
void ending_add_command(struct strbuf *out, const struct ending *ending);

/* Process 1, or the service manager of a user: who ends it ends all that it has started. */
bool ending_is_manager(const struct process_facts *process);

#endif
