// SPDX-License-Identifier: GPL-2.0
#include "user/cli/free_options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "user/cli/values.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PORT_MAX     65535

static int take_from(void *target, const char *value, struct strbuf *error)
{
    struct free_options *options = target;
    uint64_t port;

    if (options->from) {
        strbuf_puts(error, "one port to begin at is enough");
        return -EINVAL;
    }
    if (value_number(value, "a port", 1, PORT_MAX, &port, error))
        return -EINVAL;
    options->from = (uint16_t)port;
    return 0;
}

static int take_count(void *target, const char *value, struct strbuf *error)
{
    uint64_t count;

    if (value_number(value, "a number of ports", 1, FREE_COUNT_MAX, &count, error))
        return -EINVAL;
    ((struct free_options *)target)->count = (uint32_t)count;
    return 0;
}

static int take_address(void *target, const char *value, struct strbuf *error)
{
    return question_parse_address(value, &((struct free_options *)target)->address, error);
}

static int take_user(void *target, const char *value, struct strbuf *error)
{
    (void)error;
    ((struct free_options *)target)->user = value;
    return 0;
}

static int take_netns(void *target, const char *value, struct strbuf *error)
{
    (void)error;
    ((struct free_options *)target)->netns = value;
    return 0;
}

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct free_options *)target)->colour, error);
}

static const struct option_example examples[] = {
    {"porttrace free", "a TCP port that a server can have now"},
    {"porttrace free 8080", "8080, or the next one that can be had, and why those between cannot"},
    {"porttrace free -q -n 3 --tcp --udp 5000", "three numbers, free for TCP and UDP"},
    {"node server.js --port \"$(porttrace free -q 3000)\"", "in a script"},
};

static const char *const groups[] = {"Which ports", "Output", NULL};

#define SWITCH(bits)                                                                               \
    .target_offset = offsetof(struct free_options, protocols), .target_bits = (bits)

static const struct option_row rows[] = {
    {"count", 'n', "COUNT", "so many ports (1)", 0, .take = take_count},
    {"tcp", 't', NULL, "free for TCP (this is what is meant without --udp)", 0, SWITCH(FREE_TCP)},
    {"udp", 'u', NULL, "free for UDP", 0, SWITCH(FREE_UDP)},
    {"address", 0, "ADDRESS", "free at this address (all of IPv4 and IPv6)", 0,
     .take = take_address},
    {"as", 0, "USER", "for this user, a name or number (the one who runs this)", 0,
     .take = take_user},
    {"netns", 0, "NS", "in this net namespace: a name, path, process id or inode number", 0,
     .take = take_netns},
    {"quiet", 'q', NULL, "print only the numbers, one a line", 1,
     .target_offset = offsetof(struct free_options, quiet)},
    {"json", 'j', NULL, "one JSON object for each port", 1,
     .target_offset = offsetof(struct free_options, json)},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never", 1,
     .take = take_colour},
    {"help", 'h', NULL, "this text", 1, .target_offset = offsetof(struct free_options, help)},
};

const struct syntax free_syntax = {
    .command = "porttrace free",
    .usage = "porttrace free [OPTION...] [PORT]",
    .brief = "a port that can be bound now",
    .summary = "Names a port that can be bound now, the first from PORT on. Ports that the kernel "
               "may give to connections at any time, reserved ones, those of services that "
               "/etc/services names and privileged ones are left out; the one that was asked for "
               "may be that of a service.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_from,
    .notes = "A free port can be taken by others the moment after: bind it soon.\n\n"
             "Exit status: 0 so many were found, 1 fewer, 2 wrong usage, 3 it cannot be known\n"
             "without more privileges, 4 /proc is not mounted.\n",
};

int free_options_parse(int argc, char *const *argv, struct free_options *ret_options,
                       struct strbuf *error)
{
    int result;

    *ret_options = (struct free_options){.count = 1, .address = {.any_address = true}};
    result = options_parse(&free_syntax, argc, argv, ret_options, error);
    if (result || ret_options->help)
        return result;
    if (!ret_options->protocols)
        ret_options->protocols = FREE_TCP;
    if (ret_options->quiet && ret_options->json) {
        strbuf_puts(error, "--quiet and --json exclude each other");
        return -EINVAL;
    }
    return 0;
}
