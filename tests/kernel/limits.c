// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "tests/kernel/limits.h"

#define VERSION(major, minor) ((major)*1000 + (minor))
#define ANY                   0

struct limit {
    const char *plan;
    int kernel_from; /* ANY, or the first that has the limit */
    int kernel_to;   /* ANY, or the last */
    enum pt_op op;
    enum protocol protocol;
    enum pt_entry entry;
    int error; /* ANY, or the errno of the call */
    const char *reason;
};

static const struct limit limits[] = {
    {NULL, ANY, ANY, ANY, ANY, ANY, ANY, NULL},
};

static int kernel_version(void)
{
    static int version;
    int major = 0, minor = 0;
    struct utsname name;

    if (!version && uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2)
        version = VERSION(major, minor);
    return version;
}

static bool holds(const struct limit *limit, const char *plan, const struct call *call)
{
    int version = kernel_version();

    return strcmp(limit->plan, plan) == 0 && version >= limit->kernel_from &&
           (!limit->kernel_to || version <= limit->kernel_to) &&
           (!limit->op || limit->op == call->op) &&
           (!limit->protocol || limit->protocol == call->protocol) &&
           (!limit->entry || limit->entry == call->entry) &&
           (!limit->error || limit->error == call->error);
}

const char *limits_reason(const char *plan, const struct call *call)
{
    const struct limit *limit;

    for (limit = limits; limit->plan; limit++)
        if (holds(limit, plan, call))
            return limit->reason;
    return NULL;
}
