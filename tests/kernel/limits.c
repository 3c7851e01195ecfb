// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "tests/kernel/limits.h"

#define ANY         0
#define ANY_FAILURE (-1)

struct limit {
    enum limit_of of;
    const char *plan;
    int kernel_from;    /* ANY, or the first that has the limit */
    int kernel_to;      /* ANY, or the last */
    bool unbound_32bit; /* only of 32-bit calls that take a port without a bind */
    enum pt_op op;
    enum protocol protocol;
    enum pt_entry entry; /* of a release: by which the port was taken */
    int error;           /* ANY, ANY_FAILURE, or the errno of the call */
    const char *reason;
};

#define FEXIT                       "fexit", ANY, ANY, false
#define KPROBE                      "kprobe", ANY, ANY, false
#define RESTRICTED                  "restricted", ANY, ANY, false
#define RESTRICTED_TO(major, minor) "restricted", ANY, VERSION(major, minor), false
#define RESTRICTED_UNBOUND_32BIT    "restricted", ANY, ANY, true

static const char no_address[] = "the request is seen when it is complete, without its arguments";
static const char cancelled[] = "no function of connect runs when io_uring gives up waiting for it";
static const char no_request[] = "before 5.19 io_uring_complete does not tell which request it was";
static const char no_ping[] = "before 6.1 the kernel runs no cgroup program when ping connects";
static const char no_program[] = "the kernel runs no cgroup program for this protocol";

static const struct limit limits[] = {
    {LIMIT_EVENT, FEXIT, PT_OP_CONNECT, ANY, PT_ENTRY_IO_URING, ECANCELED, cancelled},
    {LIMIT_EVENT, KPROBE, PT_OP_CONNECT, ANY, PT_ENTRY_IO_URING, ECANCELED, cancelled},
    {LIMIT_EVENT, RESTRICTED, PT_OP_BIND, ANY, PT_ENTRY_KERNEL, ANY_FAILURE,
     "a refusal shows at the end of a system call only, and here there is none"},
    {LIMIT_EVENT, RESTRICTED, PT_OP_RELEASE, ANY, PT_ENTRY_KERNEL, ANY,
     "the kernel runs no cgroup program when it closes a socket of its own"},
    {LIMIT_EVENT, RESTRICTED_UNBOUND_32BIT, ANY, ANY, PT_ENTRY_SYSCALL, ANY,
     "the port is chosen behind the last hook, and nobody tells the end of a 32-bit call"},
    {LIMIT_EVENT, RESTRICTED, PT_OP_AUTOBIND, PROTOCOL_UDPLITE, PT_ENTRY_SYSCALL, ANY, no_program},
    {LIMIT_IMPLIES_AUTOBIND, RESTRICTED, PT_OP_CONNECT, PROTOCOL_UDPLITE, ANY, ANY, no_program},
    {LIMIT_IMPLIES_AUTOBIND, RESTRICTED, PT_OP_CONNECT, PROTOCOL_SCTP, ANY, ANY, no_program},
    {LIMIT_IMPLIES_AUTOBIND, RESTRICTED, PT_OP_CONNECT, PROTOCOL_SCTP_MANY, ANY, ANY, no_program},
    {LIMIT_EVENT, RESTRICTED_TO(6, 0), PT_OP_AUTOBIND, PROTOCOL_PING, PT_ENTRY_SYSCALL, ANY,
     no_ping},
    {LIMIT_IMPLIES_AUTOBIND, RESTRICTED_TO(6, 0), PT_OP_CONNECT, PROTOCOL_PING, ANY, ANY, no_ping},
    {LIMIT_EVENT, RESTRICTED_TO(5, 18), PT_OP_CONNECT, ANY, PT_ENTRY_IO_URING, ANY, no_request},
    {LIMIT_EVENT, RESTRICTED_TO(5, 18), PT_OP_AUTOBIND, ANY, PT_ENTRY_IO_URING, ANY, no_request},
    {LIMIT_EVENT, RESTRICTED_TO(5, 18), PT_OP_RELEASE, ANY, PT_ENTRY_IO_URING, ANY,
     "the io_uring request that took the port was not seen"},
    {LIMIT_REQUESTED, RESTRICTED, PT_OP_BIND, PROTOCOL_SCTP, PT_ENTRY_IO_URING, ANY, no_address},
    {LIMIT_REQUESTED, RESTRICTED, PT_OP_BIND, PROTOCOL_RAW, PT_ENTRY_IO_URING, ANY, no_address},
    {LIMIT_REQUESTED, RESTRICTED, PT_OP_BIND, PROTOCOL_PING, PT_ENTRY_IO_URING, ANY, no_address},
};

int limits_kernel_version(void)
{
    static int version;
    int major = 0, minor = 0;
    struct utsname name;

    if (!version && uname(&name) == 0 && sscanf(name.release, "%d.%d", &major, &minor) == 2)
        version = VERSION(major, minor);
    return version;
}

static bool is_error(const struct limit *limit, const struct call *call)
{
    if (limit->error == ANY_FAILURE)
        return call->error != 0;
    return limit->error == ANY || limit->error == call->error;
}

static bool holds(const struct limit *limit, const char *plan, const struct call *call)
{
    int version = limits_kernel_version();

    return strcmp(limit->plan, plan) == 0 && version >= limit->kernel_from &&
           (!limit->kernel_to || version <= limit->kernel_to) &&
           (!limit->unbound_32bit || (call->as_32bit && call->implies_autobind)) &&
           (!limit->op || limit->op == call->op) &&
           (!limit->protocol || limit->protocol == call->protocol) &&
           (!limit->entry || limit->entry == call->entry) && is_error(limit, call);
}

const char *limits_reason(enum limit_of of, const char *plan, const struct call *call)
{
    size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        if (limits[i].of == of && holds(&limits[i], plan, call))
            return limits[i].reason;
    return NULL;
}
