// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_options.h"

#include <errno.h>
#include <stddef.h>

#include "user/cli/trace_filters.h"
#include "user/cli/trace_rules.h"
#include "user/cli/values.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define WIDTH_LEAST    40
#define WIDTH_GREATEST 10000
#define SOCKETS_LEAST  64
#define SOCKETS_MOST   4194304
#define COUNT_MOST     1000000000000ull
#define BUFFER_LEAST   (64ull << 10)
#define BUFFER_MOST    (1ull << 30)

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct trace_options *)target)->colour, error);
}

static int take_width(void *target, const char *value, struct strbuf *error)
{
    uint64_t width;
    int result =
        value_number(value, "a number of columns", WIDTH_LEAST, WIDTH_GREATEST, &width, error);

    if (!result)
        ((struct trace_options *)target)->width = (uint32_t)width;
    return result;
}

static int take_count(void *target, const char *value, struct strbuf *error)
{
    return value_number(value, "a number of events", 1, COUNT_MOST,
                        &((struct trace_options *)target)->count, error);
}

static int take_duration(void *target, const char *value, struct strbuf *error)
{
    return value_duration_ns(value, &((struct trace_options *)target)->duration_ns, error);
}

static int take_file(const char **ret_file, const char *value, struct strbuf *error)
{
    if (*ret_file || !*value) {
        strbuf_puts(error, *value ? "can be given only once" : "needs the name of a file");
        return -EINVAL;
    }
    *ret_file = value;
    return 0;
}

static int take_output(void *target, const char *value, struct strbuf *error)
{
    return take_file(&((struct trace_options *)target)->output, value, error);
}

static int take_write(void *target, const char *value, struct strbuf *error)
{
    return take_file(&((struct trace_options *)target)->write, value, error);
}

static int take_read(void *target, const char *value, struct strbuf *error)
{
    return take_file(&((struct trace_options *)target)->read, value, error);
}

static int take_plan(void *target, const char *value, struct strbuf *error)
{
    uint32_t plan;
    int result = value_plan(value, &plan, error);

    if (!result)
        ((struct trace_options *)target)->capture.plan = plan;
    return result;
}

static int take_buffer(void *target, const char *value, struct strbuf *error)
{
    uint64_t bytes;
    int result = value_size(value, &bytes, error);

    if (result)
        return result;
    if (bytes < BUFFER_LEAST || bytes > BUFFER_MOST || (bytes & (bytes - 1))) {
        value_quote(error, value);
        strbuf_puts(error, " is not a size that the kernel takes; allowed: a power of two from 64K "
                           "to 1G, such as 8M");
        return -EINVAL;
    }
    ((struct trace_options *)target)->capture.buffer_bytes = (uint32_t)bytes;
    return 0;
}

static int take_sockets(void *target, const char *value, struct strbuf *error)
{
    uint64_t sockets;
    int result =
        value_number(value, "a number of sockets", SOCKETS_LEAST, SOCKETS_MOST, &sockets, error);

    if (!result)
        ((struct trace_options *)target)->capture.sockets = (uint32_t)sockets;
    return result;
}

enum group {
    GROUP_FILTER,
    GROUP_OUTPUT,
    GROUP_FILE,
    GROUP_CAPTURE,
};

static const char *const groups[] = {
    [GROUP_FILTER] = "Filters: all kinds that are given must hold, of one kind any value",
    [GROUP_OUTPUT] = "Output",
    [GROUP_FILE] = "Event files",
    [GROUP_CAPTURE] = "Capture",
    NULL,
};

static const struct option_example examples[] = {
    {"porttrace", "everything that happens to ports, of all processes on this host"},
    {"porttrace --failed", "only what was refused, with the port that was asked for"},
    {"porttrace -P 8080,9000-9010 -v", "who does what with these ports, with command lines"},
    {"porttrace -t --op listen --json", "every new TCP listener, MPTCP too, as JSON lines"},
    {"porttrace -p 1234 --duration 30s", "what this process and its children do in half a minute"},
    {"porttrace --errno EADDRINUSE --count 1", "waits for the first port that is in use already"},
    {"porttrace -w night.events", "records; later: porttrace -r night.events -P 8080"},
};

#define SWITCH(field)     .target_offset = offsetof(struct trace_options, field)
#define BITS(field, bits) SWITCH(field), .target_bits = (bits)

static const struct option_row rows[] = {
    {"port", 'P', "PORT[,...]",
     "these ports, requested or bound; ranges as 8000-8100, names as http", GROUP_FILTER,
     .take = trace_take_port},
    {"pid", 'p', "PID[,...]", "these processes and their children", GROUP_FILTER,
     .take = trace_take_pid},
    {"comm", 'c', "NAME", "processes of this name", GROUP_FILTER, .take = trace_take_comm},
    {"user", 0, "USER", "calls of this user, by name or number", GROUP_FILTER,
     .take = trace_take_user},
    {"cgroup", 0, "PATH",
     "processes in this cgroup and those below; the path below the cgroup2 mount or absolute",
     GROUP_FILTER, .take = trace_take_cgroup},
    {"netns", 0, "NETNS",
     "sockets of this net namespace: name of ip netns, path, process id, or inode number",
     GROUP_FILTER, .take = trace_take_netns},
    {"op", 0, "OP[,...]", "bind, listen, connect, autobind (a port without a bind), release",
     GROUP_FILTER, .take = trace_take_op},
    {"failed", 'x', NULL, "only what failed", GROUP_FILTER,
     BITS(capture.filter.outcomes, FILTER_FAILURE)},
    {"ok", 0, NULL, "only what succeeded", GROUP_FILTER,
     BITS(capture.filter.outcomes, FILTER_SUCCESS)},
    {"errno", 0, "ERRNO[,...]", "only what failed with these errors, by name or number",
     GROUP_FILTER, .take = trace_take_errno},
    {"protocol", 0, "NAME[,...]", "tcp (not MPTCP), udp (UDP-Lite too), mptcp, sctp, raw, ping",
     GROUP_FILTER, .take = trace_take_protocol},
    {"tcp", 't', NULL, "as --protocol tcp,mptcp", GROUP_FILTER,
     BITS(capture.filter.protocols, FILTER_TCP | FILTER_MPTCP)},
    {"udp", 'u', NULL, "as --protocol udp", GROUP_FILTER,
     BITS(capture.filter.protocols, FILTER_UDP)},
    {"ipv4", '4', NULL, "only IPv4 sockets", GROUP_FILTER,
     BITS(capture.filter.families, FILTER_IPV4)},
    {"ipv6", '6', NULL, "only IPv6 sockets", GROUP_FILTER,
     BITS(capture.filter.families, FILTER_IPV6)},
    {"json", 'j', NULL, "one JSON object a line, with all that is known", GROUP_OUTPUT,
     SWITCH(json)},
    {"verbose", 'v', NULL, "a second line: command line, unit or container, options, latency",
     GROUP_OUTPUT, SWITCH(verbose)},
    {"output", 'o', "FILE", "into this file instead of standard output", GROUP_OUTPUT,
     .take = take_output},
    {"count", 'n', "N", "end after so many events", GROUP_OUTPUT, .take = take_count},
    {"duration", 'd', "TIME", "end after 5 (seconds), 500ms, 2m, 1h", GROUP_OUTPUT,
     .take = take_duration},
    {"width", 0, "N", "columns of a line, instead of those of the terminal", GROUP_OUTPUT,
     .take = take_width},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     GROUP_OUTPUT, .take = take_colour},
    {"help", 'h', NULL, "this text", GROUP_OUTPUT, SWITCH(help)},
    {"write", 'w', "FILE", "record the events into this file and print none", GROUP_FILE,
     .take = take_write},
    {"read", 'r', "FILE", "show a recorded file; needs no privileges", GROUP_FILE,
     .take = take_read},
    {"plan", 0, "NAME", "fexit, kprobe or restricted, instead of the best that works",
     GROUP_CAPTURE, .take = take_plan},
    {"buffer", 0, "SIZE", "buffer for events, 64K to 1G, a power of two; 8M unless told",
     GROUP_CAPTURE, .take = take_buffer},
    {"sockets", 0, "N", "sockets with a port followed at once; 32768 unless told", GROUP_CAPTURE,
     .take = take_sockets},
    {"no-holders", 0, NULL,
     "failures without the reason and who is in the way, which need not be looked for then",
     GROUP_CAPTURE, SWITCH(no_holders)},
    {"thorough", 0, NULL,
     "looks for who is in the way at each failure; else for a tenth of the time at most",
     GROUP_CAPTURE, SWITCH(thorough)},
    {"seccomp", 0, NULL, "also calls that a seccomp filter refuses; slows other system calls",
     GROUP_CAPTURE, SWITCH(capture.seccomp)},
};

const struct syntax trace_syntax = {
    .command = "porttrace trace",
    .usage = "porttrace [trace] [OPTION...]",
    .brief = "what binds, listens, connects, releases and fails, live",
    .summary = "Shows every bind, listen, connect and release of a port, and every failure, of any "
               "process on this host as it happens.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .notes = "Exit status: 0 the trace ended, 1 it broke off (output cannot be written, file\n"
             "damaged or without an end), 2 wrong usage, 3 privileges are missing, 4 the\n"
             "kernel lacks what is needed.\n",
};

int trace_options_parse(int argc, char *const *argv, struct trace_options *ret_options,
                        struct strbuf *error)
{
    struct trace_options options = {0};
    int result = options_parse(&trace_syntax, argc, argv, &options, error);

    if (!result && !options.help)
        result = trace_rules_check(&options, error);
    if (result)
        return result;
    if (!options.capture.buffer_bytes)
        options.capture.buffer_bytes = CAPTURE_BUFFER_DEFAULT;
    options.capture.holders = !options.no_holders;
    if (!options.capture.sockets)
        options.capture.sockets = CAPTURE_SOCKETS_DEFAULT;
    *ret_options = options;
    return 0;
}
