// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "user/model/containers.h"
#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/model/operations.h"
#include "user/model/sockets.h"
#include "user/render/moment.h"
#include "user/model/sanitize.h"

#define GREATEST_PROTOCOL 255 /* numbers of IANA end here; MPTCP's 262 is Linux's own */

static void add_types(struct json *json, const struct observation *seen)
{
    bool denied = seen->error == EACCES || seen->error == EPERM;
    bool failed = operation_outcome(seen) == OUTCOME_FAILURE;

    if (seen->op == PT_OP_RELEASE)
        json_event_types(json, "end", NULL);
    else if (failed)
        json_event_types(json, seen->op == PT_OP_CONNECT ? "connection" : "info",
                         denied ? "denied" : NULL);
    else
        json_event_types(json, "start", seen->op == PT_OP_CONNECT ? "connection" : NULL);
}

static void add_event(struct json *json, const struct trace_facts *trace,
                      const struct observation *seen)
{
    char sequence[24];

    snprintf(sequence, sizeof(sequence), "%" PRIu64, seen->sequence);
    json_object(json, "event");
    json_text(json, "kind", "event");
    add_types(json, seen);
    json_text(json, "action", operation_name(seen->op));
    json_text(json, "outcome", operation_outcome_name(operation_outcome(seen)));
    json_event_id(json, trace, seen->time_ns, sequence);
    json_uint(json, "sequence", seen->sequence);
    if (seen->latency_ns)
        json_uint(json, "duration", seen->latency_ns);
    json_object_end(json);
}

static void add_error(struct json *json, int error)
{
    if (!error)
        return;
    json_object(json, "error");
    json_string(json, "type");
    error_add_name(json->out, error);
    json_string_end(json);
    json_int(json, "code", error);
    json_text(json, "message", error_message(error));
    json_object_end(json);
}

static void add_args(struct json *json, const struct process_facts *process)
{
    const char *at = process->args.at;
    const char *end = at + process->args.size;
    uint64_t count = 0;

    json_array(json, "args");
    for (; at < end; count++) {
        size_t length = strnlen(at, (size_t)(end - at));

        json_bytes(json, NULL, at, length);
        at += length + 1;
    }
    json_array_end(json);
    json_uint(json, "args_count", count);
}

static void add_process_identity(struct json *json, const struct trace_facts *trace,
                                 const struct observation *seen)
{
    const struct pt_task *task = &seen->process.task;

    if (!task->start_ns)
        return;
    json_string(json, "start");
    moment_add_utc(json->out, seen->wall_ns - seen->time_ns + task->start_ns);
    json_string_end(json);
    json_string(json, "entity_id");
    sanitize_add_json(json->out, trace->boot_id, strlen(trace->boot_id));
    strbuf_printf(json->out, ":%u:%" PRIu64, task->pid, (uint64_t)task->start_ns);
    json_string_end(json);
}

static void add_process(struct json *json, const struct trace_facts *trace,
                        const struct observation *seen)
{
    const struct process_facts *process = &seen->process;
    const struct pt_task *task = &process->task;

    json_object(json, "process");
    json_uint(json, "pid", task->pid);
    json_object(json, "thread");
    json_uint(json, "id", task->tid);
    json_object_end(json);
    json_object(json, "parent");
    json_uint(json, "pid", task->parent_pid);
    json_object_end(json);
    json_bytes(json, "name", task->comm, strnlen(task->comm, sizeof(task->comm)));
    add_process_identity(json, trace, seen);
    json_bytes_if(json, "executable", process->exe);
    if (process->args.at)
        add_args(json, process);
    json_object_end(json);
}

static void add_user(struct json *json, const struct render_names *names,
                     const struct pt_task *task)
{
    json_object(json, "user");
    json_id(json, "id", task->uid);
    if (names && names->user)
        json_text_if(json, "name", names->user(names->context, task->uid));
    json_object_end(json);
    json_object(json, "group");
    json_id(json, "id", task->gid);
    json_object_end(json);
}

static void add_network(struct json *json, const struct observation *seen)
{
    const struct pt_socket *socket = &seen->socket;
    unsigned int family = seen->socket_known ? socket->family : seen->requested.family;

    json_object(json, "network");
    if (seen->socket_known) {
        json_text_if(json, "transport", socket_protocol_name(socket));
        if (socket->protocol <= GREATEST_PROTOCOL)
            json_id(json, "iana_number", socket->protocol);
    }
    json_text_if(json, "type", socket_family_name(family));
    if (seen->local.family) {
        json_object(json, "local");
        json_event_endpoint(json, &seen->local);
        json_object_end(json);
    }
    json_object_end(json);
}

static void add_destination(struct json *json, const struct observation *seen)
{
    const struct pt_endpoint *peer = &seen->requested;

    if (seen->op != PT_OP_CONNECT || !endpoint_has_address(peer))
        return;
    json_object(json, "destination");
    json_string(json, "address");
    endpoint_add_address(json->out, peer);
    json_string_end(json);
    json_string(json, "ip");
    endpoint_add_address(json->out, peer);
    json_string_end(json);
    json_uint(json, "port", peer->port);
    json_object_end(json);
}

static void add_container(struct json *json, const struct cgroup_facts *facts)
{
    if (facts->runtime != RUNTIME_NONE || facts->container_id.at) {
        json_object(json, "container");
        json_bytes_if(json, "id", facts->container_id);
        json_text_if(json, "runtime", container_runtime_name(facts->runtime));
        json_object_end(json);
    }
    if (!facts->pod_id.at)
        return;
    json_object(json, "orchestrator");
    json_text(json, "type", "kubernetes");
    json_object(json, "resource");
    json_text(json, "type", "pod");
    json_bytes_if(json, "id", facts->pod_id);
    json_object_end(json);
    json_object_end(json);
}

void render_json_observation(const struct trace_facts *trace, const struct render_names *names,
                             const struct observation *seen, struct strbuf *out)
{
    struct json json = {.out = out};

    json_event_begin(&json, seen->wall_ns);
    add_event(&json, trace, seen);
    add_error(&json, seen->error);
    if (seen->process_known) {
        add_process(&json, trace, seen);
        add_user(&json, names, &seen->process.task);
        add_container(&json, &seen->process.cgroup_facts);
    }
    add_network(&json, seen);
    add_destination(&json, seen);
    json_event_host(&json, trace);
    json_event_own(&json, seen);
    json_event_end(&json);
}
