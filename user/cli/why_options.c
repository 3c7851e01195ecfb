// SPDX-License-Identifier: GPL-2.0
#include "user/cli/why_options.h"

#include <errno.h>
#include <string.h>

#include "bpf/event.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int take_question(void *target, const char *value, struct strbuf *error)
{
    struct why_options *options = target;

    if (options->question_count == WHY_QUESTIONS_MAX) {
        strbuf_printf(error, "more than %d questions at once", WHY_QUESTIONS_MAX);
        return -EINVAL;
    }
    return question_parse(value, &options->questions[options->question_count++], error);
}

static int take_user(void *target, const char *value, struct strbuf *error)
{
    (void)error;
    ((struct why_options *)target)->user = value;
    return 0;
}

static int take_device(void *target, const char *value, struct strbuf *error)
{
    (void)error;
    ((struct why_options *)target)->socket.device = value;
    return 0;
}

static int take_netns(void *target, const char *value, struct strbuf *error)
{
    (void)error;
    ((struct why_options *)target)->netns = value;
    return 0;
}

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct why_options *)target)->colour, error);
}

static const struct option_example examples[] = {
    {"porttrace why 8080", "would a server get TCP port 8080, and who is in its way?"},
    {"porttrace why udp/53 [::1]:443 127.0.0.1:http", "several, with protocol and address"},
    {"porttrace why 80 --as www-data", "the same for another user"},
    {"porttrace why 5432 --netns 4711", "in the net namespace of process 4711"},
    {"porttrace why -q 8080 || port=$(porttrace free -q)", "in a script"},
};

static const char *const groups[] = {"Who asks", "Options of the socket", "Output", NULL};

#define SWITCH(bits)                                                                               \
    .target_offset = offsetof(struct why_options, socket.options), .target_bits = (bits)

static const struct option_row rows[] = {
    {"as", 0, "USER", "ask as this user, a name or number (the one who runs this)", 0,
     .take = take_user},
    {"netns", 0, "NS", "in this net namespace: a name, path, process id or inode number", 0,
     .take = take_netns},
    {"device", 0, "DEV", "with a socket bound to this device or VRF", 1, .take = take_device},
    {"reuseaddr", 0, NULL, "with SO_REUSEADDR, as most servers set it", 1,
     SWITCH(PT_OPTION_REUSEADDR)},
    {"reuseport", 0, NULL, "with SO_REUSEPORT", 1, SWITCH(PT_OPTION_REUSEPORT)},
    {"v6only", 0, NULL, "with IPV6_V6ONLY: [::] leaves IPv4 alone", 1, SWITCH(PT_OPTION_V6ONLY)},
    {"freebind", 0, NULL, "with IP_FREEBIND: any address will do", 1, SWITCH(PT_OPTION_FREEBIND)},
    {"bind-only", 0, NULL, "bind, but do not listen", 1,
     .target_offset = offsetof(struct why_options, socket.bind_only)},
    {"quiet", 'q', NULL, "print nothing: the exit status is the answer", 2,
     .target_offset = offsetof(struct why_options, quiet)},
    {"json", 'j', NULL, "one JSON object for each question", 2,
     .target_offset = offsetof(struct why_options, json)},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never", 2,
     .take = take_colour},
    {"help", 'h', NULL, "this text", 2, .target_offset = offsetof(struct why_options, help)},
};

const struct syntax why_syntax = {
    .command = "porttrace why",
    .usage = "porttrace why [OPTION...] [PROTO/][ADDRESS:]PORT...",
    .brief = "whether a port can be bound now, and if not, why",
    .summary = "Says whether a bind, and for TCP the listen after it, would succeed now, and if "
               "not, why, who is in the way and what to do. Nothing is bound for that. Without an "
               "address both 0.0.0.0 and [::] are asked about, as servers do.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_question,
    .notes = "Without root not all that can be in the way is seen; what then would be a guess is\n"
             "told as unknown. What security modules, cgroup programs and seccomp filters would\n"
             "say to the server is not asked.\n\n"
             "Exit status: 0 all can be bound, 1 some cannot, 2 wrong usage, 3 it cannot be\n"
             "known, most often without privileges, 4 /proc is not mounted.\n",
};

int why_options_parse(int argc, char *const *argv, struct why_options *ret_options,
                      struct strbuf *error)
{
    int result;

    memset(ret_options, 0, sizeof(*ret_options));
    result = options_parse(&why_syntax, argc, argv, ret_options, error);
    if (result || ret_options->help)
        return result;
    if (!ret_options->question_count) {
        strbuf_puts(error, "which port? such as 8080, udp/53, 127.0.0.1:80, [::1]:443");
        return -EINVAL;
    }
    if (ret_options->quiet && ret_options->json) {
        strbuf_puts(error, "--quiet and --json exclude each other");
        return -EINVAL;
    }
    return 0;
}
