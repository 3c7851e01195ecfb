// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include <string.h>

#include "user/model/containers.h"
#include "user/model/sanitize.h"
#include "user/render/moment.h"

void json_event_moment(struct json *json, const char *key, uint64_t wall_ns)
{
    json_string(json, key);
    moment_add_utc(json->out, wall_ns);
    json_string_end(json);
}

void json_event_args(struct json *json, const struct process_facts *process)
{
    const char *at = process->args.at, *end;
    uint64_t count = 0;

    if (!at)
        return;
    end = at + process->args.size;
    json_array(json, "args");
    for (; at < end; count++) {
        size_t length = strnlen(at, (size_t)(end - at));

        json_bytes(json, NULL, at, length);
        at += length + 1;
    }
    json_array_end(json);
    json_uint(json, "args_count", count);
}

static void add_identity(struct json *json, const struct trace_facts *trace,
                         const struct pt_task *task, uint64_t wall_offset_ns)
{
    if (!task->start_ns)
        return;
    json_event_moment(json, "start", wall_offset_ns + task->start_ns);
    json_string(json, "entity_id");
    sanitize_add_json(json->out, trace->boot_id, strlen(trace->boot_id));
    strbuf_putc(json->out, ':');
    strbuf_uint(json->out, task->pid);
    strbuf_putc(json->out, ':');
    strbuf_uint(json->out, task->start_ns);
    json_string_end(json);
}

void json_event_comm(struct json *json, const struct pt_task *task)
{
    json_bytes(json, "name", task->comm, strnlen(task->comm, sizeof(task->comm)));
}

void json_event_process(struct json *json, const struct trace_facts *trace,
                        const struct process_facts *process, uint64_t wall_offset_ns)
{
    const struct pt_task *task = &process->task;

    json_object(json, "process");
    json_uint(json, "pid", task->pid);
    json_object(json, "thread");
    json_uint(json, "id", task->tid);
    json_object_end(json);
    json_object(json, "parent");
    json_uint(json, "pid", task->parent_pid);
    json_object_end(json);
    json_event_comm(json, task);
    add_identity(json, trace, task, wall_offset_ns);
    json_bytes_if(json, "executable", process->exe);
    json_event_args(json, process);
    json_object_end(json);
}

void json_event_user(struct json *json, const struct render_names *names, uint32_t uid)
{
    json_object(json, "user");
    json_id(json, "id", uid);
    if (names && names->user)
        json_text_if(json, "name", names->user(names->context, uid));
    json_object_end(json);
}

void json_event_group(struct json *json, uint32_t gid)
{
    json_object(json, "group");
    json_id(json, "id", gid);
    json_object_end(json);
}

static void add_pod(struct json *json, const struct cgroup_facts *facts)
{
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

void json_event_container(struct json *json, const struct cgroup_facts *facts)
{
    if (facts->runtime != RUNTIME_NONE || facts->container_id.at) {
        json_object(json, "container");
        json_bytes_if(json, "id", facts->container_id);
        json_text_if(json, "runtime", container_runtime_name(facts->runtime));
        json_object_end(json);
    }
    add_pod(json, facts);
}
