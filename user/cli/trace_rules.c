// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_rules.h"

#include <errno.h>
#include <stddef.h>

struct rule {
    bool broken;
    const char *reason;
};

static int check_rules(const struct rule *rules, size_t count, struct strbuf *error)
{
    for (size_t i = 0; i < count; i++) {
        if (!rules[i].broken)
            continue;
        strbuf_puts(error, rules[i].reason);
        return -EINVAL;
    }
    return 0;
}

static int check_filter(const struct filter *filter, struct strbuf *error)
{
    bool success_only = filter->outcomes == FILTER_SUCCESS;
    bool failure_only = filter->outcomes == FILTER_FAILURE || filter->by_error;
    const struct rule rules[] = {
        {filter->outcomes == (FILTER_SUCCESS | FILTER_FAILURE),
         "--failed and --ok together leave nothing out; give one, or neither for both"},
        {success_only && filter->by_error,
         "--ok and --errno exclude each other: what succeeded has no error"},
        {failure_only && filter->ops == 1u << PT_OP_RELEASE,
         "a release never fails, so --op release with --failed or --errno would show nothing"},
    };

    return check_rules(rules, sizeof(rules) / sizeof(rules[0]), error);
}

static int check_files(const struct trace_options *options, struct strbuf *error)
{
    bool reads = options->read, writes = options->write;
    const struct rule rules[] = {
        {reads && writes, "--read and --write exclude each other: copy the file instead"},
        {reads && options->capture.plan,
         "--read and --plan exclude each other: the events of a file were seen already"},
        {reads && options->capture.buffer_bytes,
         "--read and --buffer exclude each other: a file needs no buffer in the kernel"},
        {reads && options->capture.sockets,
         "--read and --sockets exclude each other: the sockets of a file were followed already"},
        {reads && options->capture.seccomp,
         "--read and --seccomp exclude each other: the events of a file were seen already"},
        {reads && options->thorough,
         "--read and --thorough exclude each other: who was in the way stands in the file"},
        {options->no_holders && options->thorough,
         "--no-holders and --thorough exclude each other"},
        {reads && options->duration_ns,
         "--read and --duration exclude each other: a file is shown at once"},
        {writes && options->json,
         "--write prints no events, so --json has no use; show the file with --read and --json"},
        {writes && options->verbose, "--write prints no events, so --verbose has no use; show the "
                                     "file with --read and --verbose"},
        {writes && options->output,
         "--write prints no events, so --output has no use; show the file with --read"},
        {writes && options->width,
         "--write prints no events, so --width has no use; show the file with --read"},
    };

    return check_rules(rules, sizeof(rules) / sizeof(rules[0]), error);
}

static int check_output(const struct trace_options *options, struct strbuf *error)
{
    const struct rule rules[] = {
        {options->json && options->verbose,
         "--json and --verbose exclude each other: JSON always holds everything"},
        {options->json && options->width,
         "--json and --width exclude each other: a JSON line is never cut"},
    };

    return check_rules(rules, sizeof(rules) / sizeof(rules[0]), error);
}

int trace_rules_check(const struct trace_options *options, struct strbuf *error)
{
    int result = check_filter(&options->capture.filter, error);

    if (!result)
        result = check_files(options, error);
    if (!result)
        result = check_output(options, error);
    return result;
}
