// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_options.h"

#include <errno.h>
#include <stddef.h>

#include "user/cli/values.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct run_options *)target)->colour, error);
}

static int take_name(const char **ret_name, const char *value, const char *noun,
                     struct strbuf *error)
{
    if (*ret_name)
        strbuf_puts(error, "can be given only once");
    else if (!*value)
        strbuf_printf(error, "needs the name of a %s", noun);
    else
        *ret_name = value;
    return *ret_name == value ? 0 : -EINVAL;
}

static int take_output(void *target, const char *value, struct strbuf *error)
{
    return take_name(&((struct run_options *)target)->output, value, "file", error);
}

static int take_user(void *target, const char *value, struct strbuf *error)
{
    return take_name(&((struct run_options *)target)->user, value, "user", error);
}

static int take_plan(void *target, const char *value, struct strbuf *error)
{
    uint32_t plan;
    int result = value_plan(value, &plan, error);

    if (!result)
        ((struct run_options *)target)->capture.plan = plan;
    return result;
}

/* The words of the command are the last ones of all. */
static int take_word(void *target, const char *value, struct strbuf *error)
{
    (void)value;
    (void)error;
    ((struct run_options *)target)->command_count++;
    return 0;
}

enum group {
    GROUP_COMMAND,
    GROUP_REPORTS,
    GROUP_CAPTURE,
};

static const char *const groups[] = {
    [GROUP_COMMAND] = "The command",
    [GROUP_REPORTS] = "Reports",
    [GROUP_CAPTURE] = "Capture",
    NULL,
};

static const struct option_example examples[] = {
    {"porttrace run -- node server.js", "why this server cannot have its port"},
    {"porttrace run -- npm start", "the same behind any wrapper: npm, make, a shell, a script"},
    {"sudo -E porttrace run -u \"$USER\" -- ./server",
     "the hooks need root, the server does not: it runs as you"},
    {"porttrace run -o why.txt -- ./configure",
     "into a file, where the output of the command must stay as it is"},
    {"porttrace run --all -- wget http://localhost:8080/",
     "also connects that the other side refused"},
    {"porttrace run --json -o why.jsonl --wait -- /etc/init.d/nginx start",
     "each failure as a JSON line, until the daemon that was started has ended"},
};

#define SWITCH(field) .target_offset = offsetof(struct run_options, field)

static const struct option_row rows[] = {
    {"user", 'u', "USER", "run the command as this user, with his groups and without privileges",
     GROUP_COMMAND, .take = take_user},
    {"wait", 0, NULL, "trace until all that the command leaves running has ended too",
     GROUP_COMMAND, SWITCH(wait)},
    {"all", 'a', NULL, "also connects that failed for a reason that is not on this host",
     GROUP_REPORTS, SWITCH(all)},
    {"json", 'j', NULL, "one JSON object a line for each failure, none left out as a repetition",
     GROUP_REPORTS, SWITCH(json)},
    {"output", 'o', "FILE", "into this file instead of standard error", GROUP_REPORTS,
     .take = take_output},
    {"quiet", 'q', NULL, "nothing but reports: not which plan is used", GROUP_REPORTS,
     SWITCH(quiet)},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     GROUP_REPORTS, .take = take_colour},
    {"help", 'h', NULL, "this text", GROUP_REPORTS, SWITCH(help)},
    {"plan", 0, "NAME", "fexit, kprobe or restricted, instead of the best that works",
     GROUP_CAPTURE, .take = take_plan},
    {"seccomp", 0, NULL, "also calls that a seccomp filter refuses; slows other system calls",
     GROUP_CAPTURE, SWITCH(capture.seccomp)},
};

const struct syntax run_syntax = {
    .command = "porttrace run",
    .usage = "porttrace run [OPTION...] [--] COMMAND [ARGUMENT...]",
    .brief = "runs a command, and tells why it cannot have its port",
    .summary =
        "Runs a command unchanged and, each time that it or any process it starts fails to bind, "
        "to listen or to connect, reports at once why, who is in the way and what to do.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_word,
    .takes_command = true,
    .notes = "A refused connect is reported when this host refused it: no local port or\n"
             "address, one that does not fit the socket, a policy, a firewall rule; --all adds\n"
             "the others, as refused by the peer or without a route, but for EALREADY and\n"
             "EISCONN, by which programs ask how a connect gets on. A connect that does not\n"
             "wait, as curl and Node.js make it, is told only if it fails at once: what\n"
             "becomes of it after EINPROGRESS is not seen. What fails again in the same way\n"
             "is reported once and then counted.\n"
             "\n"
             "Exit status: that of the command; it dies of the signal that the command died\n"
             "of, which shells show as 128 + N. 127 there is no such command, 126 it cannot\n"
             "be run, 2 wrong usage, 3 privileges are missing, 4 the kernel lacks what is\n"
             "needed, 1 another failure before it was started. It is never run untraced.\n",
};

int run_options_parse(int argc, char *const *argv, struct run_options *ret_options,
                      struct strbuf *error)
{
    struct run_options options = {0};
    int result = options_parse(&run_syntax, argc, argv, &options, error);

    if (result)
        return result;
    if (!options.help && !options.command_count) {
        strbuf_puts(error, "a command is missing, such as: porttrace run -- node server.js");
        return -EINVAL;
    }
    options.command = argv + argc - options.command_count;
    options.capture.buffer_bytes = CAPTURE_BUFFER_DEFAULT;
    options.capture.sockets = CAPTURE_SOCKETS_DEFAULT;
    options.capture.holders = true;
    options.capture.filter.outcomes = FILTER_FAILURE;
    *ret_options = options;
    return 0;
}
