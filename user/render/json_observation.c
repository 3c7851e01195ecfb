// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "user/model/endpoint.h"
#include "user/model/operations.h"
#include "user/render/json_memo.h"

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

static void add_network(struct json *json, const struct observation *seen)
{
    const struct pt_socket *socket = &seen->socket;
    unsigned int family = seen->socket_known ? socket->family : seen->requested.family;

    json_event_network(json, seen->socket_known ? socket : NULL, family, &seen->local);
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

static void add_caller(struct json *json, const struct trace_facts *trace,
                       const struct render_names *names, const struct observation *seen)
{
    json_event_process(json, trace, &seen->process, seen->wall_ns - seen->time_ns);
    json_event_user(json, names, seen->process.task.uid);
    json_event_group(json, seen->process.task.gid);
    json_event_container(json, &seen->process.cgroup_facts);
}

/* The parts as they are written behind other members. */
static void fill_memo(struct json_memo *memo, const struct trace_facts *trace,
                      const struct render_names *names, const struct observation *seen)
{
    struct json host = {.out = &memo->host, .comma = true};
    struct json caller = {.out = &memo->caller, .comma = true};
    struct json own = {.out = &memo->own, .comma = true};

    json_memo_begin(memo, seen);
    json_event_host(&host, trace);
    add_caller(&caller, trace, names, seen);
    json_event_own_process(&own, &seen->process);
    memo->filled = !memo->host.failed && !memo->caller.failed && !memo->own.failed;
}

void render_json_observation(const struct trace_facts *trace, const struct render_names *names,
                             struct json_memo *memo, const struct observation *seen,
                             const struct explanation *explanation, struct strbuf *out)
{
    const struct json_instant now = {trace, names, seen->time_ns, seen->wall_ns};
    struct json json = {.out = out};

    if (memo && !json_memo_holds(memo, seen))
        fill_memo(memo, trace, names, seen);
    json_event_begin(&json, seen->wall_ns);
    add_event(&json, trace, seen);
    json_event_error(&json, seen->error);
    if (seen->process_known && memo)
        json_memo_add(&json, &memo->caller);
    else if (seen->process_known)
        add_caller(&json, trace, names, seen);
    add_network(&json, seen);
    add_destination(&json, seen);
    if (memo)
        json_memo_add(&json, &memo->host);
    else
        json_event_host(&json, trace);
    json_event_own(&json, &now, memo, seen, explanation);
    json_event_end(&json);
}
