/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of a line that are the same for each event of a trace, or of a process, as written last. */
#ifndef PORTTRACE_RENDER_JSON_MEMO_H
#define PORTTRACE_RENDER_JSON_MEMO_H

#include "user/model/observation.h"
#include "user/render/json.h"

struct json_memo {
    bool filled;
    uint64_t revision;
    uint64_t wall_offset_ns;
    struct pt_task task;
    struct strbuf host;   /* of the trace */
    struct strbuf caller; /* from "process" on, of the line */
    struct strbuf own;    /* from "process" on, of "porttrace" */
};

void json_memo_free(struct json_memo *memo);

/* What is kept is of this process, as it is described now. */
bool json_memo_holds(const struct json_memo *memo, const struct observation *seen);

/* Nothing is kept any more; both parts are to be written anew. */
void json_memo_begin(struct json_memo *memo, const struct observation *seen);

/* A part of the line that stands behind another member. */
void json_memo_add(struct json *json, const struct strbuf *part);

#endif
