// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/cli/suggest.h"
#include "user/cli/terminal.h"
#include "user/cli/values.h"
#include "user/explain/explain.h"
#include "user/render/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct explain_options {
    enum reason wanted[REASONS]; /* in the order in which they were named, each once */
    unsigned int count;
    enum colour_choice colour;
    bool json;
    bool help;
};

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct explain_options *)target)->colour, error);
}

static enum reason reason_named(const char *word)
{
    enum reason reason = reason_find(word);

    for (unsigned int i = 0; reason == REASONS && i < REASONS; i++)
        if (!strcasecmp(reason_words(i)->name, word))
            reason = i;
    return reason;
}

/* Of a number that there is none of, no other one is meant. */
static bool is_number(const char *word)
{
    word += *word == 'P' || *word == 'p';
    return !word[strspn(word, "0123456789")];
}

static int refuse_code(const char *word, struct strbuf *error)
{
    struct suggestion suggestion = suggest_start(word);

    for (unsigned int i = 0; i < REASONS && !is_number(word); i++) {
        suggest_consider(&suggestion, reason_words(i)->name);
        suggest_consider(&suggestion, reason_words(i)->code);
    }
    strbuf_puts(error, "there is no reason ");
    value_quote(error, word);
    if (suggestion.best)
        strbuf_printf(error, " (did you mean %s?)", suggestion.best);
    else
        strbuf_printf(error, "; they go from P000 to %s, and porttrace explain lists them",
                      reason_words(REASONS - 1)->code);
    return -EINVAL;
}

static int take_code(void *target, const char *word, struct strbuf *error)
{
    struct explain_options *options = target;
    enum reason reason = reason_named(word);

    if (reason == REASONS)
        return refuse_code(word, error);
    for (unsigned int i = 0; i < options->count; i++)
        if (options->wanted[i] == reason)
            return 0;
    options->wanted[options->count++] = reason;
    return 0;
}

static const struct option_example examples[] = {
    {"porttrace explain P004", "what a report with error[P004] means, and what to do"},
    {"porttrace explain 1 9 | less", "several, without the P and the zeros"},
    {"porttrace explain", "all of them, a line each"},
};

static const char *const groups[] = {"Options", NULL};

static const struct option_row rows[] = {
    {"json", 'j', NULL, "one JSON object a reason",
     .target_offset = offsetof(struct explain_options, json)},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     .take = take_colour},
    {"help", 'h', NULL, "this text", .target_offset = offsetof(struct explain_options, help)},
};

const struct syntax explain_syntax = {
    .command = "porttrace explain",
    .usage = "porttrace explain [OPTION...] [CODE...]",
    .brief = "what a reason like P004 means, with examples and fixes",
    .summary = "Explains the reasons for which the kernel refuses a port: what it means, an "
               "example, the kernel's rule, how to see it, and what to do. A CODE is that of a "
               "report (P004, p4, 4) or a name (time-wait). Without one, lists them all.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .take_argument = take_code,
    .notes = "Exit status: 0 explained, 2 wrong usage or no such reason.\n",
};

static void add_line(struct strbuf *out, const char *line, size_t length, bool bold)
{
    if (bold)
        strbuf_puts(out, BOLD);
    strbuf_add(out, line, length);
    if (bold)
        strbuf_puts(out, PLAIN);
    strbuf_putc(out, '\n');
}

/* Behind the first paragraph, what is not indented is a heading. */
static void add_page(struct strbuf *out, enum reason reason, bool colour)
{
    const struct reason_words *words = reason_words(reason);
    const char *line = explain_page(reason);
    bool behind_first = false;

    strbuf_printf(out, "%s%s %s%s\n%s\n\n", colour ? BOLD : "", words->code, words->name,
                  colour ? PLAIN : "", words->brief);
    while (*line) {
        size_t length = strcspn(line, "\n");

        behind_first = behind_first || !length;
        add_line(out, line, length, colour && behind_first && length && *line != ' ');
        line += length + 1;
    }
}

static void add_pages(struct strbuf *out, const struct explain_options *options)
{
    bool colour = terminal_colour(STDOUT_FILENO, options->colour);

    for (unsigned int i = 0; i < options->count; i++) {
        if (i)
            strbuf_puts(out, "\n\n");
        add_page(out, options->wanted[i], colour);
    }
    for (unsigned int i = 0; !options->count && i < REASONS; i++)
        strbuf_printf(out, "%s  %s\n", reason_words(i)->code, reason_words(i)->brief);
}

static void add_object(struct strbuf *out, enum reason reason)
{
    const struct reason_words *words = reason_words(reason);
    struct json json = {.out = out};

    json_object(&json, NULL);
    json_text(&json, "code", words->code);
    json_text(&json, "name", words->name);
    json_text(&json, "brief", words->brief);
    json_text(&json, "page", explain_page(reason));
    json_object_end(&json);
    strbuf_putc(out, '\n');
}

static void add_objects(struct strbuf *out, const struct explain_options *options)
{
    for (unsigned int i = 0; i < options->count; i++)
        add_object(out, options->wanted[i]);
    for (unsigned int i = 0; !options->count && i < REASONS; i++)
        add_object(out, i);
}

int cmd_explain(int argc, char *const *argv)
{
    struct explain_options options = {0};
    struct strbuf text = {0};
    int status;

    if (options_parse(&explain_syntax, argc, argv, &options, &text))
        return complain_usage(explain_syntax.command, &text);
    if (options.help)
        return print_help(&explain_syntax);
    if (options.json)
        add_objects(&text, &options);
    else
        add_pages(&text, &options);
    status = print_text(&text);
    strbuf_free(&text);
    return status;
}
