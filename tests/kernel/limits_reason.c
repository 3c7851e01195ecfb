// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/kernel/limits.h"
#include "tests/kernel/limits_reason.h"

static const char no_hook[] =
    "no hook sees who refused; what is left over is told, if one thing is";

static const struct reason_limit limits[] = {
    {REASON_LIMIT_REASON, "restricted", 0, 0, PT_OP_CONNECT, REASON_LANDLOCK, REASON_UNKNOWN, true,
     no_hook, 0, 0, 0},
    {REASON_LIMIT_REASON, "restricted", 0, 0, 0, REASON_LANDLOCK, REASON_LSM, true, no_hook, 0, 0,
     0},
    {REASON_LIMIT_REASON, "restricted", 0, 0, 0, REASON_SECCOMP, REASON_UNKNOWN, true, no_hook, 0,
     0, 0},
    {REASON_LIMIT_REASON, "restricted", 0, 0, 0, REASON_LSM, REASON_UNKNOWN, false, no_hook, 0, 0,
     EAFNOSUPPORT},
    {REASON_LIMIT_REASON, "restricted", 0, 0, 0, REASON_LSM, REASON_BOUND, false,
     "where no hook saw the call begin, one is more likely to have been skipped than a module to "
     "say that the port is taken",
     0, 0, EADDRINUSE},
    {REASON_LIMIT_REASON, "restricted", 0, 0, PT_OP_BIND, REASON_LISTENER, REASON_UNKNOWN, false,
     "cgroup programs see no SCTP, and io_uring's tracepoint no address", PROTOCOL_SCTP,
     PT_ENTRY_IO_URING, 0},
};

static bool holds(const struct reason_limit *limit, const char *plan, const struct call *call)
{
    int version = limits_kernel_version();

    return (!limit->plan || strcmp(limit->plan, plan) == 0) && version >= limit->kernel_from &&
           (!limit->kernel_to || version <= limit->kernel_to) &&
           (!limit->op || limit->op == call->op) &&
           (!limit->protocol || limit->protocol == call->protocol) &&
           (!limit->entry || limit->entry == call->entry) &&
           (!limit->error || limit->error == call->error) && limit->reason == call->expected.reason;
}

const struct reason_limit *limits_reason_of(enum reason_limit_of of, const char *plan,
                                            const struct call *call)
{
    size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (limits[i].of == of && holds(&limits[i], plan, call))
            return &limits[i];
    return NULL;
}
