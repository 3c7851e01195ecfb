// SPDX-License-Identifier: GPL-2.0
#include "user/render/line.h"

#include <string.h>

#include "user/model/sanitize.h"

#define INDENT_PART 4 /* the indent takes at most a fourth of a narrow terminal */

static unsigned int indent_of(const struct line *line)
{
    unsigned int wanted = line->indent ? line->indent : LINE_INDENT;
    unsigned int most = line->width / INDENT_PART;

    return line->width && most < wanted ? most : wanted;
}

static void add_spaces(struct line *line, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        strbuf_putc(line->out, ' ');
    line->column += count;
}

static bool fits(const struct line *line, unsigned int columns)
{
    return !line->width || line->column + line->gap + columns <= line->width;
}

static unsigned int columns_of(const struct strbuf *piece)
{
    return sanitize_columns(piece->text, piece->length);
}

static void colour_start(struct line *line, enum line_colour colour)
{
    static const char *const starts[] = {
        [LINE_PLAIN] = "",          [LINE_DIM] = "\033[2m",      [LINE_RED] = "\033[1;31m",
        [LINE_YELLOW] = "\033[33m", [LINE_BOLD] = "\033[1m",     [LINE_BLUE] = "\033[1;34m",
        [LINE_CYAN] = "\033[1;36m", [LINE_GREEN] = "\033[1;32m",
    };

    if (line->colour)
        strbuf_puts(line->out, starts[colour]);
}

static void colour_end(struct line *line, enum line_colour colour)
{
    if (line->colour && colour != LINE_PLAIN)
        strbuf_puts(line->out, "\033[0m");
}

static void take_piece(struct line *line, enum line_colour colour)
{
    add_spaces(line, line->gap);
    line->column += columns_of(&line->piece);
    line->gap = 1;
    colour_start(line, colour);
    strbuf_add(line->out, line->piece.text, line->piece.length);
    colour_end(line, colour);
}

static void forget_piece(struct line *line)
{
    if (line->piece.failed)
        line->out->failed = true;
    strbuf_reset(&line->piece);
}

void line_put(struct line *line, enum line_colour colour)
{
    if (line->piece.length) {
        if (!fits(line, columns_of(&line->piece)) && line->column > indent_of(line))
            line_continue(line);
        take_piece(line, colour);
    }
    forget_piece(line);
}

void line_hint(struct line *line, enum line_colour colour)
{
    if (line->piece.length && fits(line, columns_of(&line->piece)))
        take_piece(line, colour);
    forget_piece(line);
}

void line_cell(struct line *line, enum line_colour colour, unsigned int columns)
{
    unsigned int used = columns_of(&line->piece);

    line_put(line, colour);
    line->gap = used < columns ? columns - used + 1 : 1;
}

/* Past the quote that ends what is quoted here; NULL: it has no end. */
static const char *quote_end(const char *at)
{
    bool escapes = *at == '$';

    for (at += escapes ? 2 : 1; *at && *at != '\''; at++)
        if (escapes && at[0] == '\\' && at[1])
            at++;
    return *at ? at + 1 : NULL;
}

static size_t word_length(const char *words)
{
    const char *end = NULL;

    if (words[0] == '\'' || (words[0] == '$' && words[1] == '\''))
        end = quote_end(words);
    if (!end)
        end = words;
    return (size_t)(end - words) + strcspn(end, " ");
}

void line_words(struct line *line, enum line_colour colour, const char *words)
{
    colour_start(line, colour);
    while (*words) {
        size_t length = word_length(words);

        strbuf_add(&line->piece, words, length);
        line_put(line, LINE_PLAIN);
        words += length;
        words += strspn(words, " ");
    }
    colour_end(line, colour);
}

void line_continue(struct line *line)
{
    strbuf_putc(line->out, '\n');
    line->column = 0;
    line->gap = 0;
    add_spaces(line, indent_of(line));
}

void line_end(struct line *line)
{
    strbuf_putc(line->out, '\n');
    line->column = 0;
    line->gap = 0;
}

void line_free(struct line *line)
{
    strbuf_free(&line->piece);
}

unsigned int line_room(const struct line *line)
{
    return line->width ? line->width - indent_of(line) : 0;
}
