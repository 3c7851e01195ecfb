// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include "user/model/losses.h"
#include "user/model/operations.h"

static void add_lost(struct json *json, const uint64_t lost[PT_LOSS_CAUSES])
{
    json_object(json, "lost");
    json_uint(json, "events", loss_events(lost));
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++)
        json_uint(json, loss_name(cause), lost[cause]);
    json_object_end(json);
}

static void add_event(struct json *json, const struct trace_facts *trace, const char *action,
                      uint64_t time_ns)
{
    json_object(json, "event");
    json_text(json, "kind", "event");
    json_event_types(json, "info", NULL);
    json_text(json, "action", action);
    json_event_id(json, trace, time_ns, action);
    json_object_end(json);
}

void render_json_start(const struct trace_facts *trace, uint64_t wall_ns, struct strbuf *out)
{
    struct json json = {.out = out};

    json_event_begin(&json, wall_ns);
    add_event(&json, trace, "trace-start", wall_ns);
    json_event_host(&json, trace);
    json_object(&json, "porttrace");
    json_text(&json, "plan", operation_plan_name(trace->plan));
    json_bool(&json, "with_holders", trace->holders);
    json_object_end(&json);
    json_event_end(&json);
}

void render_json_end(const struct trace_facts *trace, uint64_t wall_ns,
                     const struct trace_totals *totals, struct strbuf *out)
{
    struct json json = {.out = out};

    json_event_begin(&json, wall_ns);
    add_event(&json, trace, "trace-end", wall_ns);
    json_event_host(&json, trace);
    json_object(&json, "porttrace");
    json_text(&json, "plan", operation_plan_name(trace->plan));
    json_uint(&json, "observations", totals->observations);
    if (totals->repeated)
        json_uint(&json, "repeated", totals->repeated);
    add_lost(&json, totals->lost);
    json_object_end(&json);
    json_event_end(&json);
}

void render_json_loss(const struct trace_facts *trace, const struct loss *loss, struct strbuf *out)
{
    struct json json = {.out = out};

    json_event_begin(&json, loss->wall_ns);
    add_event(&json, trace, "loss", loss->time_ns);
    json_event_host(&json, trace);
    json_object(&json, "porttrace");
    json_text(&json, "plan", operation_plan_name(trace->plan));
    json_uint(&json, "next_sequence", loss->sequence);
    add_lost(&json, loss->lost);
    json_object_end(&json);
    json_event_end(&json);
}
