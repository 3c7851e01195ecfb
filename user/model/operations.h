/* SPDX-License-Identifier: GPL-2.0 */
/* What operations are for and how they ended, and the words for them. Never NULL. */
#ifndef PORTTRACE_MODEL_OPERATIONS_H
#define PORTTRACE_MODEL_OPERATIONS_H

#include "user/model/observation.h"

enum outcome {
    OUTCOME_SUCCESS,
    OUTCOME_FAILURE,
    OUTCOME_UNKNOWN, /* the call ended, what it began goes on: a connect under way */
};

enum outcome operation_outcome(const struct observation *seen);

/* A connect to no address (AF_UNSPEC), which has taken the socket's connection or peer back. */
bool operation_is_disconnect(const struct observation *seen);

/* What the caller asked for; of a listen, which names nothing, what its socket has. */
const struct pt_endpoint *operation_wanted(const struct observation *seen);

const char *operation_name(enum pt_op op);                        /* "bind" */
const char *operation_entry_name(enum pt_entry entry);            /* "io_uring" */
const char *operation_plan_name(enum pt_plan plan);               /* "fexit" */
const char *operation_stage_name(enum pt_stage stage);            /* "security" */
const char *operation_source_name(enum pt_address_source source); /* "kernel" */
const char *operation_outcome_name(enum outcome outcome);         /* "failure" */

#endif
