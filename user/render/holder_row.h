/* SPDX-License-Identifier: GPL-2.0 */
/* The columns and lines of a holder in a table, for people. Pure. */
#ifndef PORTTRACE_RENDER_HOLDER_ROW_H
#define PORTTRACE_RENDER_HOLDER_ROW_H

#include "user/model/role.h"
#include "user/render/render.h"
#include "user/render/table.h"

struct holder_style {
    struct render_names names;
    const char *(*netns_name)(void *context, uint32_t netns); /* may be and return NULL */
    void *netns_context;
    uint64_t now_ns;      /* CLOCK_BOOTTIME */
    uint64_t wall_ns;     /* CLOCK_REALTIME of the same instant */
    int64_t utc_offset_s; /* local time minus UTC */
};

enum holder_column {
    HOLDER_PROTO,
    HOLDER_ENDPOINT,
    HOLDER_PEER,
    HOLDER_SERVICE,
    HOLDER_PROCESS,
    HOLDER_PID,
    HOLDER_USER,
    HOLDER_UNIT,
    HOLDER_STATE,
    HOLDER_SINCE,
    HOLDER_NETNS,
    HOLDER_COLUMNS,
};

extern const struct table_column holder_columns[HOLDER_COLUMNS];

/* One cell, fit to print; "-" where there is nothing. */
void holder_row_cell(const struct holder_style *style, const struct holder *holder,
                     const struct role_context *context, enum holder_column column,
                     struct strbuf *out);

/*
 * The process with the descriptor, its unit or container, the socket's user if that is another one,
 * options, and all who share it: lines.
 */
void holder_row_details(const struct holder_style *style, const struct holder *holder,
                        struct strbuf *out);

/* Local time of day, of another day the date; behind "~" the start of a process that has it. */
void holder_row_since(const struct holder_style *style, const struct holder *holder,
                      struct strbuf *out);

/* "web.service", "docker:0123456789ab"; nothing where neither is known. */
void holder_row_unit(const struct holder *holder, struct strbuf *out);

#endif
