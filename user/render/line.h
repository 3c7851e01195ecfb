/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A line for a terminal, put together from pieces that are never broken: one that does not fit goes
 * to an indented line below, or is left out where it is only a hint. The text of a piece is made in
 * .piece, by sanitize_*() or harmless by itself, and taken from there.
 */
#ifndef PORTTRACE_RENDER_LINE_H
#define PORTTRACE_RENDER_LINE_H

#include <stdbool.h>

#include "user/model/strbuf.h"

#define LINE_INDENT 13

enum line_colour {
    LINE_PLAIN,
    LINE_DIM,
    LINE_RED,
    LINE_YELLOW,
    LINE_BOLD,
    LINE_BLUE,
    LINE_CYAN,
    LINE_GREEN,
};

struct line {
    struct strbuf *out;
    struct strbuf piece;
    unsigned int width;  /* 0: no limit */
    unsigned int indent; /* of the lines below the first one, 0: LINE_INDENT */
    bool colour;
    unsigned int column;
    unsigned int gap; /* columns to leave free before the next piece */
};

void line_put(struct line *line, enum line_colour colour);
void line_hint(struct line *line, enum line_colour colour);

/* The next piece stands at least so many columns behind the start of this one. */
void line_cell(struct line *line, enum line_colour colour, unsigned int columns);

/* Words with a space between, each a piece by itself; so is what a shell takes for one: 'a b'. */
void line_words(struct line *line, enum line_colour colour, const char *words);

/* A new line that belongs to the one above. */
void line_continue(struct line *line);

void line_end(struct line *line);
void line_free(struct line *line);

/* Columns that a piece on a line of its own can take; 0: no limit. */
unsigned int line_room(const struct line *line);

#endif
