/* SPDX-License-Identifier: GPL-2.0 */
/* A trace as the lines that the user asked for. */
#ifndef PORTTRACE_CLI_TRACE_VIEW_H
#define PORTTRACE_CLI_TRACE_VIEW_H

#include "user/cli/investigate.h"
#include "user/cli/output.h"
#include "user/cli/trace_options.h"
#include "user/enrich/names.h"
#include "user/render/json_memo.h"

struct trace_view {
    const struct trace_options *options;
    struct output output;
    struct name_tables *names;
    struct investigator *investigator; /* NULL: nothing is explained */
    struct text_style style;
    uint64_t offset_until_ns; /* the UTC offset of the style holds that long */
    struct pt_start start;
    struct trace_facts facts;
    struct json_memo memo;
};

enum lookups trace_lookups(const struct trace_options *options);

/* 0, or negative errno with the reason added to error. */
int trace_view_open(struct trace_view *view, const struct trace_options *options,
                    struct strbuf *error);
int trace_view_close(struct trace_view *view);

/* The rest returns 0 or what writing gave; the first and the last line are written at once. */
int trace_view_start(struct trace_view *view, const struct pt_start *start);
int trace_view_observation(struct trace_view *view, const struct observation *seen,
                           struct found *found);
int trace_view_loss(struct trace_view *view, const struct loss *loss);
int trace_view_end(struct trace_view *view, uint64_t wall_ns, const struct trace_totals *totals);
int trace_view_flush(struct trace_view *view);

void trace_view_resize(struct trace_view *view);

#endif
