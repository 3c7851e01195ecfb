// SPDX-License-Identifier: GPL-2.0
#include "user/cli/options.h"

#include <errno.h>
#include <string.h>

#include "user/cli/suggest.h"
#include "user/cli/values.h"

#define NAME_MAX_LENGTH 32
#define HELP_COLUMN     26
#define HELP_WIDTH      80

struct parse {
    const struct syntax *syntax;
    char *const *next;
    char *const *end;
    void *target;
    struct strbuf *error;
};

static const struct option_row *row_named(const struct syntax *syntax, const char *name,
                                          size_t length)
{
    for (size_t i = 0; i < syntax->row_count; i++)
        if (strlen(syntax->rows[i].name) == length && !memcmp(syntax->rows[i].name, name, length))
            return &syntax->rows[i];
    return NULL;
}

static const struct option_row *row_lettered(const struct syntax *syntax, char letter)
{
    for (size_t i = 0; i < syntax->row_count; i++)
        if (letter && syntax->rows[i].letter == letter)
            return &syntax->rows[i];
    return NULL;
}

static int refuse_unknown(struct parse *parse, const char *name, size_t length)
{
    char typed[NAME_MAX_LENGTH + 1];
    struct suggestion suggestion;
    size_t known = length > NAME_MAX_LENGTH ? NAME_MAX_LENGTH : length;

    memcpy(typed, name, known);
    typed[known] = '\0';
    suggestion = suggest_start(typed);
    for (size_t i = 0; length == known && i < parse->syntax->row_count; i++)
        suggest_consider(&suggestion, parse->syntax->rows[i].name);
    strbuf_puts(parse->error, "unknown option --");
    value_quote(parse->error, typed);
    if (suggestion.best)
        strbuf_printf(parse->error, " (did you mean --%s?)", suggestion.best);
    return -EINVAL;
}

static void flip(const struct option_row *row, void *target)
{
    char *at = (char *)target + row->target_offset;
    uint32_t bits;

    if (!row->target_bits) {
        *(bool *)at = true;
        return;
    }
    memcpy(&bits, at, sizeof(bits));
    bits |= row->target_bits;
    memcpy(at, &bits, sizeof(bits));
}

/* The row's own reason is put behind the name of the option. */
static int take(struct parse *parse, const struct option_row *row, const char *value)
{
    struct strbuf reason = {0};
    int result;

    if (!row->take) {
        flip(row, parse->target);
        return 0;
    }
    result = row->take(parse->target, value, &reason);
    if (result) {
        strbuf_printf(parse->error, "--%s: ", row->name);
        strbuf_puts(parse->error, reason.text ? reason.text : "no memory");
    }
    strbuf_free(&reason);
    return result;
}

static int take_with_value(struct parse *parse, const struct option_row *row, const char *value)
{
    if (row->argument && !value) {
        if (parse->next == parse->end) {
            strbuf_printf(parse->error, "--%s: needs %s", row->name, row->argument);
            return -EINVAL;
        }
        value = *parse->next++;
    }
    return take(parse, row, value);
}

static int take_long(struct parse *parse, const char *name)
{
    size_t length = strcspn(name, "=");
    const struct option_row *row = row_named(parse->syntax, name, length);

    if (!row)
        return refuse_unknown(parse, name, length);
    if (name[length] && !row->argument) {
        strbuf_printf(parse->error, "--%s: takes no value", row->name);
        return -EINVAL;
    }
    return take_with_value(parse, row, name[length] ? name + length + 1 : NULL);
}

/* "-jx" is -j -x, "-P80" and "-P 80" are the same. */
static int take_letters(struct parse *parse, const char *letters)
{
    for (; *letters; letters++) {
        const struct option_row *row = row_lettered(parse->syntax, *letters);
        int result;

        if (!row) {
            char typed[2] = {*letters, '\0'};

            strbuf_puts(parse->error, "unknown option -");
            value_quote(parse->error, typed);
            return -EINVAL;
        }
        if (row->argument)
            return take_with_value(parse, row, letters[1] ? letters + 1 : NULL);
        result = take(parse, row, NULL);
        if (result)
            return result;
    }
    return 0;
}

static int refuse_argument(struct parse *parse, const char *argument)
{
    strbuf_puts(parse->error, "unexpected argument ");
    value_quote(parse->error, argument);
    if (argument[0] >= '1' && argument[0] <= '9' && row_named(parse->syntax, "port", 4)) {
        strbuf_puts(parse->error, " (did you mean --port ");
        value_quote(parse->error, argument);
        strbuf_puts(parse->error, "?)");
    }
    return -EINVAL;
}

static int take_argument(struct parse *parse, const char *argument)
{
    if (!parse->syntax->take_argument)
        return refuse_argument(parse, argument);
    return parse->syntax->take_argument(parse->target, argument, parse->error);
}

/* Behind "--" nothing is an option, nor behind a command that is to be run. */
static int take_rest(struct parse *parse)
{
    int result = 0;

    while (!result && parse->next < parse->end)
        result = take_argument(parse, *parse->next++);
    return result;
}

int options_parse(const struct syntax *syntax, int argc, char *const *argv, void *target,
                  struct strbuf *error)
{
    struct parse parse = {syntax, argv, argv + argc, target, error};
    int result = 0;

    while (!result && parse.next < parse.end) {
        const char *argument = *parse.next++;

        if (argument[0] != '-' || !argument[1]) {
            result = take_argument(&parse, argument);
            if (!result && syntax->takes_command)
                result = take_rest(&parse);
        } else if (argument[1] != '-') {
            result = take_letters(&parse, argument + 1);
        } else if (argument[2]) {
            result = take_long(&parse, argument + 2);
        } else {
            result = take_rest(&parse);
        }
    }
    return result;
}

/* Words up to the last column, the lines after the first one indented. */
static void add_wrapped(struct strbuf *out, const char *text, size_t column, size_t indent)
{
    bool first = true;

    while (*text) {
        size_t length = strcspn(text, " ");

        if (!first && column + 1 + length > HELP_WIDTH) {
            strbuf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            strbuf_putc(out, ' ');
            column++;
        }
        strbuf_add(out, text, length);
        column += length;
        first = false;
        text += length;
        text += strspn(text, " ");
    }
    strbuf_putc(out, '\n');
}

static void add_row(struct strbuf *out, const struct option_row *row)
{
    size_t start = out->length, column;

    if (row->letter)
        strbuf_printf(out, "  -%c, --%s", row->letter, row->name);
    else
        strbuf_printf(out, "      --%s", row->name);
    if (row->argument)
        strbuf_printf(out, " %s", row->argument);
    column = out->length - start;
    if (column + 2 > HELP_COLUMN)
        strbuf_printf(out, "\n%*s", HELP_COLUMN, "");
    else
        strbuf_printf(out, "%*s", (int)(HELP_COLUMN - column), "");
    add_wrapped(out, row->help, HELP_COLUMN, HELP_COLUMN);
}

static void add_examples(const struct syntax *syntax, struct strbuf *out)
{
    strbuf_puts(out, "\nExamples:\n");
    for (size_t i = 0; i < syntax->example_count; i++) {
        strbuf_printf(out, "  %s\n      ", syntax->examples[i].command);
        add_wrapped(out, syntax->examples[i].meaning, 6, 6);
    }
}

void options_help(const struct syntax *syntax, struct strbuf *out)
{
    strbuf_printf(out, "Usage: %s\n", syntax->usage);
    add_wrapped(out, syntax->summary, 0, 0);
    if (syntax->example_count)
        add_examples(syntax, out);
    for (unsigned int group = 0; syntax->groups[group]; group++) {
        strbuf_printf(out, "\n%s:\n", syntax->groups[group]);
        for (size_t i = 0; i < syntax->row_count; i++)
            if (syntax->rows[i].group == group)
                add_row(out, &syntax->rows[i]);
    }
    if (syntax->notes)
        strbuf_printf(out, "\n%s", syntax->notes);
}
