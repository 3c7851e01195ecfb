// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include <string.h>

#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"

#define GREATEST_PROTOCOL 255 /* numbers of IANA end here; MPTCP's 262 is Linux's own */

void json_event_begin(struct json *json, uint64_t wall_ns)
{
    json_object(json, NULL);
    json_event_moment(json, "@timestamp", wall_ns);
}

void json_event_end(struct json *json)
{
    json_object_end(json);
    strbuf_putc(json->out, '\n');
}

void json_event_types(struct json *json, const char *type, const char *second_type)
{
    json_array(json, "category");
    json_text(json, NULL, "network");
    json_array_end(json);
    json_array(json, "type");
    json_text(json, NULL, type);
    json_text_if(json, NULL, second_type);
    json_array_end(json);
}

void json_event_id(struct json *json, const struct trace_facts *trace, uint64_t time_ns,
                   const char *discriminator)
{
    json_string(json, "id");
    sanitize_add_json(json->out, trace->boot_id, strlen(trace->boot_id));
    strbuf_putc(json->out, ':');
    strbuf_uint(json->out, time_ns);
    strbuf_putc(json->out, ':');
    strbuf_puts(json->out, discriminator);
    json_string_end(json);
}

void json_event_host(struct json *json, const struct trace_facts *trace)
{
    json_object(json, "host");
    json_text(json, "name", trace->host);
    json_object(json, "boot");
    json_text(json, "id", trace->boot_id);
    json_object_end(json);
    json_object(json, "os");
    json_text(json, "kernel", trace->kernel);
    json_object_end(json);
    json_object_end(json);
}

void json_event_endpoint(struct json *json, const struct pt_endpoint *end)
{
    if (endpoint_has_address(end)) {
        json_string(json, "address");
        endpoint_add_address(json->out, end);
        json_string_end(json);
        json_uint(json, "port", end->port);
    }
    if (end->scope_id)
        json_uint(json, "scope_id", end->scope_id);
}

void json_event_error(struct json *json, int error)
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

void json_event_network(struct json *json, const struct pt_socket *socket, unsigned int family,
                        const struct pt_endpoint *local)
{
    json_object(json, "network");
    if (socket) {
        json_text_if(json, "transport", socket_protocol_name(socket));
        if (socket->protocol <= GREATEST_PROTOCOL)
            json_id(json, "iana_number", socket->protocol);
    }
    json_text_if(json, "type", socket_family_name(family));
    if (local->family) {
        json_object(json, "local");
        json_event_endpoint(json, local);
        json_object_end(json);
    }
    json_object_end(json);
}
