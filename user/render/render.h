/* SPDX-License-Identifier: GPL-2.0 */
/* Observations as text and as JSON lines. Pure: each call adds whole lines to a string. */
#ifndef PORTTRACE_RENDER_RENDER_H
#define PORTTRACE_RENDER_RENDER_H

#include <stdbool.h>

#include "user/model/holder.h"
#include "user/model/strbuf.h"

struct explanation; /* user/explain/explain.h */

/* How names of users and services are looked up; both may return NULL. */
struct render_names {
    const char *(*user)(void *context, uint32_t uid);
    const char *(*service)(void *context, uint16_t port, uint16_t protocol);
    void *context;
};

struct text_style {
    unsigned int width; /* columns of the terminal; 0: no limit, nothing is cut */
    bool colour;
    bool verbose; /* a second line with exe, command line, unit or container, options, latency */
    int64_t utc_offset_s; /* local time minus UTC, for the TIME column */
    struct render_names names;
};

struct trace_totals {
    uint64_t observations;
    uint64_t repeated; /* calls that some of those stand for beside their own */
    uint64_t lost[PT_LOSS_CAUSES];
};

void render_text_header(const struct text_style *style, struct strbuf *out);

/* A failure with an explanation gets a second line. The explanation may be NULL. */
void render_text_observation(const struct text_style *style, const struct observation *seen,
                             const struct explanation *explanation, struct strbuf *out);
void render_text_loss(const struct text_style *style, const struct loss *loss, struct strbuf *out);

/* Nothing was lost: nothing is added. */
void render_text_end(const struct text_style *style, const struct trace_totals *totals,
                     struct strbuf *out);

/* The first line of a trace: the hooks are in place, what happens from now on is seen. */
void render_json_start(const struct trace_facts *trace, uint64_t wall_ns, struct strbuf *out);
void render_json_end(const struct trace_facts *trace, uint64_t wall_ns,
                     const struct trace_totals *totals, struct strbuf *out);

/* Events of the same process are written faster with a memo, kept from line to line. NULL: none. */
struct json_memo;
void render_json_observation(const struct trace_facts *trace, const struct render_names *names,
                             struct json_memo *memo, const struct observation *seen,
                             const struct explanation *explanation, struct strbuf *out);
void render_json_loss(const struct trace_facts *trace, const struct loss *loss, struct strbuf *out);

/*
 * Of lines that tell no event but how things are now. Of .trace the plan is not used.
 * .wall_ns and .time_ns are of one instant.
 */
struct json_instant {
    const struct trace_facts *trace;
    const struct render_names *names; /* may be NULL */
    uint64_t time_ns;                 /* CLOCK_BOOTTIME */
    uint64_t wall_ns;
};

/*
 * Whether what was asked would succeed: .error of the observation says it, as explain_predict().
 * unseen: what could not be looked at although the answer depends on it; NULL otherwise.
 */
void render_json_verdict(const struct json_instant *now, const struct observation *asked,
                         const struct explanation *explanation, const char *unseen,
                         struct strbuf *out);

/* A line of list: row is its number, from 1. */
void render_json_holder_row(const struct json_instant *now, uint64_t row,
                            const struct holder *holder, struct strbuf *out);

#endif
