/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines of cells below their titles. Every cell is made twice: first to be measured, then to be
 * printed, so that a table takes no memory however long it is. Pure.
 */
#ifndef PORTTRACE_RENDER_TABLE_H
#define PORTTRACE_RENDER_TABLE_H

#include <stdbool.h>

#include "user/model/strbuf.h"

#define TABLE_COLUMNS_MAX 16

enum table_colour {
    TABLE_PLAIN,
    TABLE_DIM,
    TABLE_BOLD,
    TABLE_YELLOW,
};

struct table_column {
    const char *title;
    unsigned int least; /* columns of the terminal that it can be cut to; 0: is never cut */
    bool right;         /* numbers */
    bool optional;      /* is left out where nothing but "-" is in it */
    unsigned int spare; /* left out on a narrow terminal, those of 1 first; 0: never */
};

struct table {
    const struct table_column *columns;
    unsigned int count;
    unsigned int width; /* of the terminal; 0: no limit */
    bool colour;
    struct strbuf cell;                     /* the caller makes the text of a cell here */
    unsigned int widths[TABLE_COLUMNS_MAX]; /* 0: left out */
    unsigned int column;                    /* the next one of the line */
    unsigned int gap;                       /* columns to leave free before the next cell */
};

void table_start(struct table *table, const struct table_column *columns, unsigned int count);
void table_free(struct table *table);

/* Takes note of how wide .cell is. */
void table_measure(struct table *table, unsigned int column);

/* When all cells are measured: how wide each column is to be. */
void table_fit(struct table *table);

void table_titles(struct table *table, struct strbuf *out);

/* Whether the next cell is shown at all: the text of one that is not need not be made. */
bool table_shows(const struct table *table);

/* Takes .cell for the next column; ends the line behind the last one. */
void table_cell(struct table *table, enum table_colour colour, struct strbuf *out);

#endif
