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

void json_event_moment(struct json *json, const char *key, uint64_t wall_ns);

/* "error"; nothing where there is none. */
void json_event_error(struct json *json, int error);

/* "network"; socket NULL: not known. */
void json_event_network(struct json *json, const struct pt_socket *socket, unsigned int family,
                        const struct pt_endpoint *local);

/* wall_offset_ns: CLOCK_REALTIME minus CLOCK_BOOTTIME. */
void json_event_process(struct json *json, const struct trace_facts *trace,
                        const struct process_facts *process, uint64_t wall_offset_ns);

/* "name"; "args" and "args_count", nothing where they are not known. */
void json_event_comm(struct json *json, const struct pt_task *task);
void json_event_args(struct json *json, const struct process_facts *process);

void json_event_user(struct json *json, const struct render_names *names, uint32_t uid);
void json_event_group(struct json *json, uint32_t gid);
void json_event_container(struct json *json, const struct cgroup_facts *facts);

void json_event_options(struct json *json, uint32_t options);
void json_event_device(struct json *json, const struct pt_socket *socket);

/* "process", "cgroup" and "unit" of "porttrace". */
void json_event_own_process(struct json *json, const struct process_facts *process);

/* One that holds a port, as an object. */
void json_event_holder(struct json *json, const char *key, const struct json_instant *now,
                       const struct holder *holder);

/* "reason", "holders", "notes", "advice" and "refusal", as far as they are known. */
void json_event_refused(struct json *json, const struct json_instant *now,
                        const struct observation *seen, const struct explanation *explanation);

/* "porttrace": all that ECS has no place for. The memo is filled, or NULL. */
void json_event_own(struct json *json, const struct json_instant *now, const struct json_memo *memo,
                    const struct observation *seen, const struct explanation *explanation);

#endif
