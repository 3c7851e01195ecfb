// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "user/cli/lookups.h"
#include "user/cli/trace_filters.h"
#include "user/cli/values.h"

#define COUNT(array)     (sizeof(array) / sizeof((array)[0]))
#define WIDTH_LEAST      40
#define WIDTH_GREATEST   10000
#define NS_PER_S         1000000000ull
#define INTERVAL_LEAST   100000000ull
#define INTERVAL_DEFAULT NS_PER_S

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct list_options *)target)->trace.colour, error);
}

static int take_width(void *target, const char *value, struct strbuf *error)
{
    uint64_t width;
    int result =
        value_number(value, "a number of columns", WIDTH_LEAST, WIDTH_GREATEST, &width, error);

    if (!result)
        ((struct list_options *)target)->trace.width = (uint32_t)width;
    return result;
}

static int take_interval(void *target, const char *value, struct strbuf *error)
{
    struct list_options *options = target;
    int result = value_duration_ns(value, &options->interval_ns, error);

    if (result || options->interval_ns >= INTERVAL_LEAST)
        return result;
    value_quote(error, value);
    strbuf_puts(error, " is too short; allowed: 100ms and more");
    return -EINVAL;
}

static int take_question(struct list_options *options, const char *item, struct strbuf *error)
{
    struct question *question = &options->wanted[options->wanted_count];

    if (options->wanted_count == LIST_WANTED_MAX) {
        strbuf_printf(error, "too many; allowed: %u", LIST_WANTED_MAX);
        return -EINVAL;
    }
    if (question_parse(item, question, error))
        return -EINVAL;
    if (!strchr(item, '/'))
        question->protocol = 0;
    options->wanted_count++;
    return lookup_question(question, error);
}

static int take_port(void *target, const char *item, struct strbuf *error)
{
    return strpbrk(item, "/:") ? take_question(target, item, error)
                               : trace_take_port(target, item, error);
}

static int take_ports(void *target, const char *value, struct strbuf *error)
{
    return value_list(value, take_port, target, error);
}

enum group {
    GROUP_FILTER,
    GROUP_OUTPUT,
};

static const char *const groups[] = {
    [GROUP_FILTER] = "Filters: all kinds that are given must hold, of one kind any value",
    [GROUP_OUTPUT] = "Output",
    NULL,
};

static const struct option_example examples[] = {
    {"sudo porttrace list", "who listens, or holds a port otherwise, in all net namespaces"},
    {"sudo porttrace list 8080", "all that is in the way of a server on port 8080"},
    {"sudo porttrace list http 8000-8100 -v", "by name and range; with command lines and options"},
    {"sudo porttrace list udp/53 127.0.0.1:8080", "of a protocol; of an address"},
    {"kill $(porttrace list -q 3000)", "the process ids alone; never those of clients"},
    {"sudo porttrace list --user www-data -t", "the TCP ports of one user"},
    {"sudo porttrace list --all --json", "connections and TIME_WAIT too, as JSON lines"},
    {"sudo porttrace list --watch 443", "again each second"},
};

#define SWITCH(field)     .target_offset = offsetof(struct list_options, field)
#define BITS(field, bits) SWITCH(field), .target_bits = (bits)

static const struct option_row rows[] = {
    {"port", 'P', "PORT[,...]",
     "as arguments: ports, ranges, names of services; with protocol and address", GROUP_FILTER,
     .take = take_ports},
    {"pid", 'p', "PID[,...]", "held by these processes and their children", GROUP_FILTER,
     .take = trace_take_pid},
    {"comm", 'c', "NAME", "held by processes of this name", GROUP_FILTER, .take = trace_take_comm},
    {"user", 0, "USER", "held by this user, by name or number", GROUP_FILTER,
     .take = trace_take_user},
    {"cgroup", 0, "PATH",
     "held by processes in this cgroup and those below; the path below the cgroup2 mount or "
     "absolute",
     GROUP_FILTER, .take = trace_take_cgroup},
    {"netns", 0, "NETNS",
     "in this net namespace: name of ip netns, path, process id, or inode number", GROUP_FILTER,
     .take = trace_take_netns},
    {"protocol", 0, "NAME[,...]", "tcp (not MPTCP), udp (UDP-Lite too), mptcp, sctp", GROUP_FILTER,
     .take = trace_take_protocol},
    {"tcp", 't', NULL, "as --protocol tcp,mptcp", GROUP_FILTER,
     BITS(trace.capture.filter.protocols, FILTER_TCP | FILTER_MPTCP)},
    {"udp", 'u', NULL, "as --protocol udp", GROUP_FILTER,
     BITS(trace.capture.filter.protocols, FILTER_UDP)},
    {"ipv4", '4', NULL, "only IPv4 sockets", GROUP_FILTER,
     BITS(trace.capture.filter.families, FILTER_IPV4)},
    {"ipv6", '6', NULL, "only IPv6 sockets", GROUP_FILTER,
     BITS(trace.capture.filter.families, FILTER_IPV6)},
    {"all", 'a', NULL, "connections, the accept queue and TIME_WAIT too", GROUP_FILTER,
     SWITCH(all)},
    {"quiet", 'q', NULL,
     "the process ids of holders in this net namespace, or in that of --netns, one a line, and "
     "nothing else",
     GROUP_OUTPUT, SWITCH(quiet)},
    {"json", 'j', NULL, "one JSON object for each socket", GROUP_OUTPUT, SWITCH(trace.json)},
    {"verbose", 'v', NULL, "all processes that have it, with command lines, and its options",
     GROUP_OUTPUT, SWITCH(trace.verbose)},
    {"watch", 'w', NULL, "again and again, until Ctrl-C", GROUP_OUTPUT, SWITCH(watch)},
    {"interval", 'i', "TIME", "between two times of --watch; 1s unless told", GROUP_OUTPUT,
     .take = take_interval},
    {"width", 0, "N", "columns of a line, instead of those of the terminal", GROUP_OUTPUT,
     .take = take_width},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     GROUP_OUTPUT, .take = take_colour},
    {"help", 'h', NULL, "this text", GROUP_OUTPUT, SWITCH(trace.help)},
};

const struct syntax list_syntax = {
    .command = "porttrace list",
    .usage = "porttrace list [OPTION...] [[PROTOCOL/][ADDRESS:]PORT...]",
    .brief = "who holds which port, on the whole host",
    .summary = "Shows who holds which port now: listeners, bound sockets and receivers of "
               "datagrams, on the whole host. Of a port that is named, all that is in its way.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_ports,
    .notes =
        "A time behind ~ is when the process started: when it took the port is not known.\n\n"
        "Exit status: 0 something was found, with -q also a socket whose process is not seen;\n"
        "1 nothing was, 2 wrong usage, 3 privileges are missing, with -q also to see whose it\n"
        "is; 4 /proc is not mounted, or of another pid namespace.\n",
};

static int check_rules(const struct list_options *options, struct strbuf *error)
{
    static const char never[] = "cannot be combined";

    if (options->quiet && options->trace.json)
        strbuf_printf(error, "--quiet and --json %s", never);
    else if (options->quiet && options->trace.verbose)
        strbuf_printf(error, "--quiet and --verbose %s", never);
    else if (options->quiet && options->watch)
        strbuf_printf(error, "--quiet and --watch %s", never);
    else if (options->trace.json && options->trace.verbose)
        strbuf_puts(error, "--json and --verbose cannot be combined: JSON has all that is known");
    else if (options->trace.json && options->watch)
        strbuf_printf(error, "--json and --watch %s; porttrace trace --json follows events", never);
    else if (options->interval_ns && !options->watch)
        strbuf_puts(error, "--interval needs --watch");
    else
        return 0;
    return -EINVAL;
}

int list_options_parse(int argc, char *const *argv, struct list_options *ret_options,
                       struct strbuf *error)
{
    struct list_options options = {0};
    int result = options_parse(&list_syntax, argc, argv, &options, error);

    if (!result && !options.trace.help)
        result = check_rules(&options, error);
    if (result)
        return result;
    if (!options.interval_ns)
        options.interval_ns = INTERVAL_DEFAULT;
    *ret_options = options;
    return 0;
}
