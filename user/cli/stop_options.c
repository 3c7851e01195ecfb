// SPDX-License-Identifier: GPL-2.0
#include "user/cli/stop_options.h"

#include <errno.h>
#include <stddef.h>

#include "user/cli/values.h"

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define GRACE_DEFAULT 5000000000ull

static int take_question(void *target, const char *value, struct strbuf *error)
{
    struct stop_options *options = target;

    if (options->asked) {
        value_quote(error, value);
        strbuf_puts(error, " is one port too many: name one");
        return -EINVAL;
    }
    options->asked = true;
    return question_parse(value, &options->question, error);
}

static int take_netns(void *target, const char *value, struct strbuf *error)
{
    struct stop_options *options = target;

    if (options->netns || !*value) {
        strbuf_puts(error, *value ? "can be given only once" : "is empty");
        return -EINVAL;
    }
    options->netns = value;
    return 0;
}

static int take_grace(void *target, const char *value, struct strbuf *error)
{
    return value_duration_ns(value, &((struct stop_options *)target)->grace_ns, error);
}

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct stop_options *)target)->colour, error);
}

static const struct option_example examples[] = {
    {"porttrace stop 3000", "shows who holds port 3000 and asks before it ends that"},
    {"sudo porttrace stop 8080 --dry-run", "what would be done, and does nothing"},
    {"sudo porttrace stop udp/53 --yes", "without asking, for scripts"},
    {"sudo porttrace stop [::1]:443 --yes --force --grace 10s",
     "what does not end within ten seconds is killed"},
};

static const char *const groups[] = {"Options", NULL};

#define SWITCH(field) .target_offset = offsetof(struct stop_options, field)

static const struct option_row rows[] = {
    {"yes", 'y', NULL, "do not ask", SWITCH(yes)},
    {"dry-run", 'n', NULL, "say what would be done, and do nothing", SWITCH(dry_run)},
    {"force", 'f', NULL, "SIGKILL for what does not end by SIGTERM", SWITCH(force)},
    {"grace", 0, "TIME", "how long that is waited for; 5s unless told", .take = take_grace},
    {"ancestors", 0, NULL, "also what porttrace was started from: shells, sshd, ...",
     SWITCH(ancestors)},
    {"netns", 0, "NETNS",
     "in this net namespace instead of that of porttrace: name of ip netns, path, process id, or "
     "inode number",
     .take = take_netns},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     .take = take_colour},
    {"help", 'h', NULL, "this text", SWITCH(help)},
};

const struct syntax stop_syntax = {
    .command = "porttrace stop",
    .usage = "porttrace stop [OPTION...] [PROTOCOL/][ADDRESS:]PORT",
    .brief = "ends who holds a port, the right way",
    .summary = "Ends who holds a port: a service through systemd, a container through its "
               "runtime, any other process by a signal. Then says whether the port is free. The "
               "kernel's sockets, process 1 and clients are left alone.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_question,
    .notes = "Exit status: 0 the port is free now, 1 it is not, 2 wrong usage, or nobody could be\n"
             "asked, 3 it is not, or it cannot be known, without more privileges,\n"
             "4 /proc is not mounted, or of another pid namespace.\n",
};

int stop_options_parse(int argc, char *const *argv, struct stop_options *ret_options,
                       struct strbuf *error)
{
    struct stop_options options = {0};
    int result = options_parse(&stop_syntax, argc, argv, &options, error);

    if (result)
        return result;
    if (!options.help && !options.asked) {
        strbuf_puts(error, "which port? such as 8080, udp/53, 127.0.0.1:80, [::1]:443");
        return -EINVAL;
    }
    if (!options.grace_ns)
        options.grace_ns = GRACE_DEFAULT;
    *ret_options = options;
    return 0;
}
