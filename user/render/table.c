// SPDX-License-Identifier: GPL-2.0
#include "user/render/table.h"

#include <string.h>

#include "user/model/sanitize.h"

#define GAP 2

void table_start(struct table *table, const struct table_column *columns, unsigned int count)
{
    table->columns = columns;
    table->count = count;
    table->column = 0;
    table->gap = 0;
    memset(table->widths, 0, sizeof(table->widths));
}

void table_free(struct table *table)
{
    strbuf_free(&table->cell);
}

static bool is_nothing(const struct strbuf *cell)
{
    return !cell->length || (cell->length == 1 && cell->text[0] == '-');
}

static bool is_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

/* Most cells are of ASCII, and go faster. */
static unsigned int columns_of(const struct strbuf *cell)
{
    if (is_plain(cell->text, cell->length))
        return (unsigned int)cell->length;
    return sanitize_columns(cell->text, cell->length);
}

void table_measure(struct table *table, unsigned int column)
{
    unsigned int columns = 0;

    if (!is_nothing(&table->cell) || !table->columns[column].optional)
        columns = columns_of(&table->cell);
    if (columns > table->widths[column])
        table->widths[column] = columns;
    strbuf_reset(&table->cell);
}

static unsigned int total_of(const struct table *table)
{
    unsigned int total = 0;

    for (unsigned int i = 0; i < table->count; i++)
        if (table->widths[i])
            total += table->widths[i] + GAP;
    return total ? total - GAP : 0;
}

/* Of those that can be cut the widest gives a column, until it fits or all are at their least. */
static void cut_to(struct table *table, unsigned int width)
{
    for (unsigned int total = total_of(table); total > width; total--) {
        unsigned int widest = table->count;

        for (unsigned int i = 0; i < table->count; i++)
            if (table->columns[i].least && table->widths[i] > table->columns[i].least &&
                (widest == table->count || table->widths[i] > table->widths[widest]))
                widest = i;
        if (widest == table->count)
            return;
        table->widths[widest]--;
    }
}

/* With every column that can be cut at its least. */
static unsigned int least_total(const struct table *table)
{
    unsigned int total = total_of(table);

    for (unsigned int i = 0; i < table->count; i++)
        if (table->columns[i].least && table->widths[i] > table->columns[i].least)
            total -= table->widths[i] - table->columns[i].least;
    return total;
}

/* Of the column to leave out next; .count: none is left. */
static unsigned int next_spare(const struct table *table)
{
    unsigned int next = table->count;

    for (unsigned int i = 0; i < table->count; i++)
        if (table->widths[i] && table->columns[i].spare &&
            (next == table->count || table->columns[i].spare < table->columns[next].spare))
            next = i;
    return next;
}

void table_fit(struct table *table)
{
    for (unsigned int i = 0; i < table->count; i++) {
        unsigned int title = (unsigned int)strlen(table->columns[i].title);

        if (table->widths[i] && table->widths[i] < title)
            table->widths[i] = title;
    }
    if (!table->width)
        return;
    while (least_total(table) > table->width) {
        unsigned int spare = next_spare(table);

        if (spare == table->count)
            break;
        table->widths[spare] = 0;
    }
    cut_to(table, table->width);
}

static void add_spaces(struct strbuf *out, unsigned int count)
{
    static const char spaces[] = "                                ";

    for (unsigned int part; count; count -= part) {
        part = count < sizeof(spaces) - 1 ? count : (unsigned int)sizeof(spaces) - 1;
        strbuf_add(out, spaces, part);
    }
}

static void add_coloured(struct table *table, enum table_colour colour, struct strbuf *out)
{
    static const char *const starts[] = {
        [TABLE_PLAIN] = "",
        [TABLE_DIM] = "\033[2m",
        [TABLE_BOLD] = "\033[1m",
        [TABLE_YELLOW] = "\033[33m",
    };
    bool coloured = table->colour && colour != TABLE_PLAIN;

    if (coloured)
        strbuf_puts(out, starts[colour]);
    strbuf_add(out, table->cell.text, table->cell.length);
    if (coloured)
        strbuf_puts(out, "\033[0m");
}

bool table_shows(const struct table *table)
{
    return table->widths[table->column];
}

static void end_cell(struct table *table, struct strbuf *out)
{
    if (table->cell.failed)
        out->failed = true;
    strbuf_reset(&table->cell);
    if (++table->column < table->count)
        return;
    strbuf_putc(out, '\n');
    table->column = 0;
    table->gap = 0;
}

void table_cell(struct table *table, enum table_colour colour, struct strbuf *out)
{
    const struct table_column *column = &table->columns[table->column];
    unsigned int width = table->widths[table->column], used;

    if (width) {
        if (column->least && table->width)
            sanitize_cut(&table->cell, 0, width);
        used = columns_of(&table->cell);
        add_spaces(out, table->gap);
        if (column->right && used < width)
            add_spaces(out, width - used);
        add_coloured(table, colour, out);
        table->gap = GAP;
        if (!column->right && used < width)
            table->gap += width - used;
    }
    end_cell(table, out);
}

void table_titles(struct table *table, struct strbuf *out)
{
    for (unsigned int i = 0; i < table->count; i++) {
        strbuf_puts(&table->cell, table->columns[i].title);
        table_cell(table, TABLE_BOLD, out);
    }
}
