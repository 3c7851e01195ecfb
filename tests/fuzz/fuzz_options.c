// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines: of each command, any arguments. They are taken or refused, and a refusal has a
 * reason that is fit to print.
 */
#include <errno.h>

#include "tests/fuzz/clean.h"
#include "tests/fuzz/input.h"
#include "user/cli/cmd.h"
#include "user/cli/list_options.h"
#include "user/cli/lookups.h"
#include "user/cli/question_match.h"
#include "user/cli/stop_options.h"
#include "user/cli/values.h"

#define ARGUMENTS_MAX 24

struct line {
    char *argv[ARGUMENTS_MAX + 1];
    int argc;
};

static void check_refusal(int result, struct strbuf *error)
{
    require(!result || result == -EINVAL);
    require(!result == !error->length);
    strbuf_putc(error, '\n');
    require(!error->failed && clean_text(error->text, error->length, false));
    strbuf_free(error);
}

static int parse_trace(const struct line *line, struct strbuf *error)
{
    struct trace_options options = {0};
    int result = trace_options_parse(line->argc, line->argv, &options, error);
    const struct filter *filter = &options.capture.filter;

    if (result || options.help)
        return result;
    require(options.capture.buffer_bytes && options.capture.sockets);
    require(filter->pid_count <= FILTER_LIST_MAX && filter->port_count <= FILTER_RANGES_MAX);
    return lookup_file_filter(&options, error);
}

static int parse_list(const struct line *line, struct strbuf *error)
{
    struct list_options options = {0};

    return list_options_parse(line->argc, line->argv, &options, error);
}

static int parse_run(const struct line *line, struct strbuf *error)
{
    struct run_options options = {0};
    int result = run_options_parse(line->argc, line->argv, &options, error);

    if (!result && !options.help)
        require(options.command_count && options.command[0]);
    return result;
}

static int parse_why(const struct line *line, struct strbuf *error)
{
    static struct why_options options;
    int result = why_options_parse(line->argc, line->argv, &options, error);

    if (!result && !options.help)
        require(options.question_count <= WHY_QUESTIONS_MAX);
    return result;
}

static int parse_free(const struct line *line, struct strbuf *error)
{
    struct free_options options = {0};
    int result = free_options_parse(line->argc, line->argv, &options, error);

    if (!result && !options.help)
        require(options.count && options.count <= FREE_COUNT_MAX);
    return result;
}

static int parse_stop(const struct line *line, struct strbuf *error)
{
    struct stop_options options = {0};
    struct pt_holder holder = {.local = {.family = 10, .port = 80}, .socket = {.protocol = 6}};
    int result = stop_options_parse(line->argc, line->argv, &options, error);

    if (!result && !options.help)
        question_means(&options.question, &holder);
    return result;
}

/* The values alone, where the names of options would be in the way. */
static int parse_values(const struct line *line, struct strbuf *error)
{
    const char *text = line->argc ? line->argv[0] : "";
    struct strbuf reasons[5] = {0};
    struct question question;
    struct port_range range;
    uint64_t number;
    uint32_t plan;
    int code;

    if (!value_size(text, &number, &reasons[0]) && !value_ports(text, &range, &reasons[1]))
        require(range.low && range.low <= range.high);
    if (!value_duration_ns(text, &number, &reasons[2]))
        require(number && number <= 31536000000000000ull);
    value_plan(text, &plan, &reasons[3]);
    if (!value_errno(text, 191, &code, &reasons[4]))
        require(code > 0 && code <= 191);
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        strbuf_putc(&reasons[i], '\n');
        require(clean_text(reasons[i].text, reasons[i].length, false));
        strbuf_free(&reasons[i]);
    }
    question = (struct question){0};
    if (question_parse(text, &question, error))
        return -EINVAL;
    require(!question.endpoint.port == !!question.service[0] && question.protocol);
    return 0;
}

static void split(struct input *input, struct line *line)
{
    while (input->left && line->argc < ARGUMENTS_MAX)
        line->argv[line->argc++] = input_text(input, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static int (*const parse[])(const struct line *, struct strbuf *) = {
        parse_trace, parse_list, parse_run, parse_why, parse_free, parse_stop, parse_values};
    struct input input = {bytes, size};
    struct line line = {0};
    struct strbuf error = {0};
    unsigned int command = input_below(&input, sizeof(parse) / sizeof(parse[0]));

    split(&input, &line);
    check_refusal(parse[command](&line, &error), &error);
    for (int i = 0; i < line.argc; i++)
        free(line.argv[i]);
    return 0;
}
