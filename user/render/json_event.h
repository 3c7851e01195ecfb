/* SPDX-License-Identifier: GPL-2.0 */
/* The members that every line of JSON has. */
#ifndef PORTTRACE_RENDER_JSON_EVENT_H
#define PORTTRACE_RENDER_JSON_EVENT_H

#include "user/render/json.h"
#include "user/render/render.h"

/* From the opening brace to "@timestamp". */
void json_event_begin(struct json *json, uint64_t wall_ns);
void json_event_end(struct json *json);

/* "category" and "type"; the second type may be NULL. */
void json_event_types(struct json *json, const char *type, const char *second_type);

/* "id": boot, time, and what tells apart events of one time. */
void json_event_id(struct json *json, const struct trace_facts *trace, uint64_t time_ns,
                   const char *discriminator);

void json_event_host(struct json *json, const struct trace_facts *trace);

/* "address", "port" and "scope_id", as far as there are such. */
void json_event_endpoint(struct json *json, const struct pt_endpoint *endpoint);

/* "porttrace": all that ECS has no place for. */
void json_event_own(struct json *json, const struct observation *seen);

#endif
