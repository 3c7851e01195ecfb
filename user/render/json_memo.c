// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_memo.h"

#include <string.h>

void json_memo_free(struct json_memo *memo)
{
    strbuf_free(&memo->host);
    strbuf_free(&memo->caller);
    strbuf_free(&memo->own);
}

static uint64_t wall_offset(const struct observation *seen)
{
    return seen->wall_ns - seen->time_ns;
}

bool json_memo_holds(const struct json_memo *memo, const struct observation *seen)
{
    if (!seen->process_known)
        return memo->filled;
    return memo->filled && memo->revision == seen->process.revision &&
           memo->wall_offset_ns == wall_offset(seen) &&
           !memcmp(&memo->task, &seen->process.task, sizeof(memo->task));
}

void json_memo_begin(struct json_memo *memo, const struct observation *seen)
{
    strbuf_reset(&memo->host);
    strbuf_reset(&memo->caller);
    strbuf_reset(&memo->own);
    memo->revision = seen->process.revision;
    memo->wall_offset_ns = wall_offset(seen);
    memcpy(&memo->task, &seen->process.task, sizeof(memo->task));
    memo->filled = true;
}

void json_memo_add(struct json *json, const struct strbuf *part)
{
    strbuf_add(json->out, part->text, part->length);
    json->out->failed |= part->failed;
    json->comma = true;
}
