/* SPDX-License-Identifier: GPL-2.0 */
/* How each holder of a port is to be ended, or why it is left alone. Pure. */
#ifndef PORTTRACE_CLI_STOP_PLAN_H
#define PORTTRACE_CLI_STOP_PLAN_H

#include "user/model/ending.h"
#include "user/model/holder.h"
#include "user/model/role.h"
#include "user/model/strbuf.h"

#define STOP_ENDS_MAX 256
#define STOP_LEFT_MAX 64 /* processes that are left alone */

enum stop_way {
    STOP_SIGNAL,  /* one process */
    STOP_MANAGED, /* by its service manager or runtime: .ending says how */
    STOP_AWAITED, /* ended by another step, which is done before the process is gone */
    STOP_LEAVE,   /* .leave says why */
};

enum stop_leave {
    STOP_LEAVE_NOT,
    STOP_LEAVE_KERNEL,
    STOP_LEAVE_INIT,     /* process 1, or the service manager of a user */
    STOP_LEAVE_SELF,     /* porttrace */
    STOP_LEAVE_ANCESTOR, /* what porttrace was started from, or the service that this is in */
    STOP_LEAVE_CLIENT,   /* its own connections, or datagrams, from a port that was chosen for it */
    STOP_LEAVE_SERVED,   /* connections that a listener has accepted */
    STOP_LEAVE_TIME_WAIT,
    STOP_LEAVE_NOBODY, /* no process has the socket any more, or not yet */
    STOP_LEAVE_UNSEEN, /* its process is not known */
    STOP_LEAVE_PROXY,  /* it is the way into a container that is not known */
    STOP_LEAVE_RULE,   /* no socket, and the container behind it is not known */
    STOP_LEAVE_FULL,   /* more to be ended than fit the plan */
    STOP_LEAVE_MORE,   /* more processes to be left alone than fit it */
    STOP_LEAVE_REASONS,
};

/* What has no process stands there once for each reason. */
#define STOP_STEPS_MAX (STOP_ENDS_MAX + STOP_LEFT_MAX + STOP_LEAVE_REASONS)

struct stop_step {
    enum stop_way way;
    enum stop_leave leave;
    const struct holder *holder; /* the first that it is for; of TIME_WAIT the last to be over */
    const struct holder_process *process; /* NULL: none */
    struct ending ending;
};

struct stop_plan {
    struct stop_step steps[STOP_STEPS_MAX];
    unsigned int count;
};

struct stop_facts {
    uint16_t range_low; /* ip_local_port_range */
    uint16_t range_high;
    const uint32_t *lineage; /* porttrace itself, then its parents */
    unsigned int lineage_count;
    struct bytes own_cgroup; /* .at NULL not known */
    uint32_t reader_uid;     /* of who runs porttrace */
    bool ancestors_too;      /* the user asked for that explicitly */
    bool services;           /* a service manager runs, and is to be asked */
    bool containers;         /* so are the runtimes of containers */
};

/* Holders of one port, sorted as a survey does. All that is ended stands first. */
void stop_plan_make(const struct holders *holders, const struct stop_facts *facts,
                    struct stop_plan *ret_plan);

/* Whether it ends the process, or all of the service that the process is in. */
bool stop_plan_has_process(const struct stop_plan *plan, const struct process_facts *process);

/* Steps that end something. */
unsigned int stop_plan_ends(const struct stop_plan *plan);

bool stop_plan_leaves(const struct stop_plan *plan, enum stop_leave reason);

/*
 * "stop the service web.service (systemctl stop web.service)"; of what is left alone, what it is
 * and why.
 */
void stop_plan_add_step(struct strbuf *out, const struct stop_step *step);

#endif
