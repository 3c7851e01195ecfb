// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include <string.h>

#include "user/model/endpoint.h"
#include "user/model/operations.h"
#include "user/model/sockets.h"
#include "user/render/json_memo.h"

static void add_requested(struct json *json, const struct observation *seen)
{
    const struct pt_endpoint *requested = &seen->requested;

    if (!requested->family && !operation_is_disconnect(seen))
        return;
    json_object(json, "requested");
    json_uint(json, "family", requested->family);
    json_event_endpoint(json, requested);
    json_text(json, "source", operation_source_name(seen->address_source));
    json_object_end(json);
}

void json_event_options(struct json *json, uint32_t options)
{
    json_array(json, "options");
    for (int i = 0; i < SOCKET_OPTIONS; i++) {
        if (options & socket_options[i].bit)
            json_text(json, NULL, socket_options[i].name);
    }
    json_array_end(json);
}

void json_event_device(struct json *json, const struct pt_socket *socket)
{
    size_t length = strnlen(socket->device, sizeof(socket->device));

    if (length)
        json_bytes(json, "device", socket->device, length);
    if (socket->device_ifindex)
        json_int(json, "device_ifindex", socket->device_ifindex);
}

static void add_port_range(struct json *json, const struct pt_socket *socket)
{
    if (!socket->range_low && !socket->range_high)
        return;
    json_object(json, "local_port_range");
    json_uint(json, "low", socket->range_low);
    json_uint(json, "high", socket->range_high);
    json_object_end(json);
}

static void add_socket(struct json *json, const struct pt_socket *socket)
{
    json_object(json, "socket");
    if (socket->cookie)
        json_id(json, "cookie", socket->cookie);
    if (socket->inode)
        json_id(json, "inode", socket->inode);
    json_uint(json, "family", socket->family);
    json_text_if(json, "type", socket_type_name(socket->type));
    json_uint(json, "protocol", socket->protocol);
    json_text_if(json, "state", socket_state_name(socket->state));
    json_event_options(json, socket->options);
    json_event_device(json, socket);
    add_port_range(json, socket);
    json_object_end(json);
}

static void add_cgroup(struct json *json, const struct process_facts *process)
{
    if (process->task.cgroup_id || process->cgroup.at) {
        json_object(json, "cgroup");
        if (process->task.cgroup_id)
            json_id(json, "id", process->task.cgroup_id);
        json_bytes_if(json, "path", process->cgroup);
        if (process->cgroup.truncated)
            json_bool(json, "path_truncated", true);
        json_object_end(json);
    }
    json_bytes_if(json, "unit", process->cgroup_facts.unit);
}

void json_event_own_process(struct json *json, const struct process_facts *process)
{
    json_object(json, "process");
    json_bool(json, "described", process->described);
    if (process->exe.at) {
        json_bool(json, "exe_deleted", process->exe_deleted);
        json_bool(json, "exe_truncated", process->exe.truncated);
    }
    if (process->args.at) {
        json_bool(json, "args_truncated", process->args.truncated);
        json_uint(json, "args_size", process->args_size);
    }
    json_object_end(json);
    add_cgroup(json, process);
}

static void add_repeated(struct json *json, const struct observation *seen)
{
    if (!seen->repeated)
        return;
    json_object(json, "repeated");
    json_uint(json, "times", seen->repeated);
    json_event_moment(json, "since", seen->wall_ns - (seen->time_ns - seen->since_ns));
    json_object_end(json);
}

static void add_call(struct json *json, const struct observation *seen)
{
    add_repeated(json, seen);
    json_text(json, "entry", operation_entry_name(seen->entry));
    json_text(json, "stage", operation_stage_name(seen->stage));
    add_requested(json, seen);
    if (seen->op == PT_OP_BIND || seen->op == PT_OP_CONNECT)
        json_int(json, "address_size", (int32_t)seen->address_size);
    if (seen->fd >= 0)
        json_int(json, "fd", seen->fd);
    if (seen->op == PT_OP_LISTEN)
        json_int(json, "backlog", seen->backlog);
    if (!seen->entry_unseen)
        json_bool(json, "implies_autobind", seen->implies_autobind);
    if (seen->latency_ns)
        json_bool(json, "duration_partial", seen->latency_partial);
}

static void add_release(struct json *json, const struct observation *seen)
{
    if (seen->held_ns)
        json_uint(json, "held_ns", seen->held_ns);
    if (seen->taken_by)
        json_text(json, "taken_by", operation_name(seen->taken_by));
}

void json_event_own(struct json *json, const struct json_instant *now, const struct json_memo *memo,
                    const struct observation *seen, const struct explanation *explanation)
{
    json_object(json, "porttrace");
    json_text(json, "plan", operation_plan_name(seen->plan));
    json_uint(json, "lost_before", seen->lost_before);
    if (seen->op == PT_OP_RELEASE)
        add_release(json, seen);
    else
        add_call(json, seen);
    if (seen->socket_known)
        add_socket(json, &seen->socket);
    if (seen->process.task.netns)
        json_uint(json, "netns", seen->process.task.netns);
    if (seen->process_known && memo)
        json_memo_add(json, &memo->own);
    else if (seen->process_known)
        json_event_own_process(json, &seen->process);
    if (operation_outcome(seen) == OUTCOME_FAILURE)
        json_event_refused(json, now, seen, explanation);
    json_object_end(json);
}
