// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_filters.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "user/cli/lookups.h"
#include "user/cli/trace_options.h"
#include "user/cli/values.h"

#define PID_GREATEST   4194304
#define ERRNO_GREATEST (FILTER_ERROR_WORDS * 64 - 1)

static int full(struct strbuf *error, unsigned int most)
{
    strbuf_printf(error, "too many; allowed: %u", most);
    return -EINVAL;
}

static int add_name(struct name_list *list, const char *value, struct strbuf *error)
{
    if (!*value) {
        strbuf_puts(error, "is empty");
        return -EINVAL;
    }
    if (list->count == FILTER_LIST_MAX)
        return full(error, FILTER_LIST_MAX);
    list->at[list->count++] = value;
    return 0;
}

static int add_pid(void *context, const char *item, struct strbuf *error)
{
    struct filter *filter = context;
    uint64_t pid;
    int result = value_number(item, "a process id", 1, PID_GREATEST, &pid, error);

    if (result)
        return result;
    if (filter->pid_count == FILTER_LIST_MAX)
        return full(error, FILTER_LIST_MAX);
    filter->pids[filter->pid_count++] = (uint32_t)pid;
    return 0;
}

int trace_take_pid(void *target, const char *value, struct strbuf *error)
{
    struct trace_options *options = target;

    return value_list(value, add_pid, &options->capture.filter, error);
}

int trace_take_comm(void *target, const char *value, struct strbuf *error)
{
    struct filter *filter = &((struct trace_options *)target)->capture.filter;
    size_t length = strlen(value);

    if (!length || length >= sizeof(filter->comms[0])) {
        value_quote(error, value);
        strbuf_puts(error, " is not a process name; allowed: 1 to 15 bytes, the kernel cuts "
                           "longer names");
        return -EINVAL;
    }
    if (filter->comm_count == FILTER_LIST_MAX)
        return full(error, FILTER_LIST_MAX);
    memcpy(filter->comms[filter->comm_count++], value, length);
    return 0;
}

static int take_service(const char *name, struct port_range *ret_range, struct strbuf *error)
{
    uint16_t port = lookup_service(name, NULL);

    *ret_range = (struct port_range){port, port};
    if (port)
        return 0;
    value_quote(error, name);
    strbuf_puts(error, " is neither a port nor the name of a service; allowed: 1 to 65535, a "
                       "range such as 8000-8100, or a name such as http");
    return -EINVAL;
}

static int add_ports(void *context, const char *item, struct strbuf *error)
{
    struct filter *filter = context;
    struct port_range range;
    int result = isdigit((unsigned char)item[0]) ? value_ports(item, &range, error)
                                                 : take_service(item, &range, error);

    if (result)
        return result;
    if (filter->port_count == FILTER_RANGES_MAX)
        return full(error, FILTER_RANGES_MAX);
    filter->ports[filter->port_count++] = range;
    return 0;
}

int trace_take_port(void *target, const char *value, struct strbuf *error)
{
    struct trace_options *options = target;

    return value_list(value, add_ports, &options->capture.filter, error);
}

static int add_protocol(void *context, const char *item, struct strbuf *error)
{
    static const struct word words[] = {{"tcp", FILTER_TCP},
                                        {"udp", FILTER_UDP},
                                        {"mptcp", FILTER_MPTCP},
                                        {"sctp", FILTER_SCTP},
                                        {"raw", FILTER_RAW},
                                        {"ping", FILTER_PING},
                                        {0}};
    struct filter *filter = context;
    uint32_t protocol;
    int result = value_word(item, "a protocol", words, &protocol, error);

    if (!result)
        filter->protocols |= protocol;
    return result;
}

int trace_take_protocol(void *target, const char *value, struct strbuf *error)
{
    struct trace_options *options = target;

    return value_list(value, add_protocol, &options->capture.filter, error);
}

int trace_take_user(void *target, const char *value, struct strbuf *error)
{
    return add_name(&((struct trace_options *)target)->users, value, error);
}

int trace_take_cgroup(void *target, const char *value, struct strbuf *error)
{
    return add_name(&((struct trace_options *)target)->cgroups, value, error);
}

int trace_take_netns(void *target, const char *value, struct strbuf *error)
{
    return add_name(&((struct trace_options *)target)->netns, value, error);
}

static int add_op(void *context, const char *item, struct strbuf *error)
{
    static const struct word words[] = {{"bind", PT_OP_BIND},       {"listen", PT_OP_LISTEN},
                                        {"connect", PT_OP_CONNECT}, {"autobind", PT_OP_AUTOBIND},
                                        {"release", PT_OP_RELEASE}, {0}};
    struct filter *filter = context;
    uint32_t op;
    int result = value_word(item, "an operation", words, &op, error);

    if (!result)
        filter->ops |= 1u << op;
    return result;
}

int trace_take_op(void *target, const char *value, struct strbuf *error)
{
    struct trace_options *options = target;

    return value_list(value, add_op, &options->capture.filter, error);
}

static int add_errno(void *context, const char *item, struct strbuf *error)
{
    struct filter *filter = context;
    int number;
    int result = value_errno(item, ERRNO_GREATEST, &number, error);

    if (result)
        return result;
    filter->errors[number / 64] |= 1ull << number % 64;
    filter->by_error = true;
    return 0;
}

int trace_take_errno(void *target, const char *value, struct strbuf *error)
{
    struct trace_options *options = target;

    return value_list(value, add_errno, &options->capture.filter, error);
}
