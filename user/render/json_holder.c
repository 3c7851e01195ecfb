// SPDX-License-Identifier: GPL-2.0
#include "user/render/json_event.h"

#include "user/model/containers.h"
#include "user/model/endpoint.h"
#include "user/model/operations.h"
#include "user/model/sockets.h"

#define PROCESSES_MAX                                                                              \
    64 /* of one socket: a server with more workers than that is told by number                    \
        */

static uint64_t wall_of(const struct json_instant *now, uint64_t time_ns)
{
    return now->wall_ns - now->time_ns + time_ns;
}

static void add_process(struct json *json, const struct json_instant *now,
                        const struct process_facts *process, int fd)
{
    const struct pt_task *task = &process->task;
    const struct cgroup_facts *place = &process->cgroup_facts;

    json_uint(json, "pid", task->pid);
    json_event_comm(json, task);
    json_bytes_if(json, "executable", process->exe);
    json_event_args(json, process);
    json_event_user(json, now->names, task->uid);
    if (task->start_ns)
        json_event_moment(json, "start", wall_of(now, task->start_ns));
    json_bytes_if(json, "unit", place->unit);
    if (place->runtime != RUNTIME_NONE || place->container_id.at) {
        json_object(json, "container");
        json_bytes_if(json, "id", place->container_id);
        json_text_if(json, "runtime", container_runtime_name(place->runtime));
        json_object_end(json);
    }
    if (fd >= 0)
        json_int(json, "fd", fd);
}

/* The first one stands in the holder itself, and all of them in a list where there are more. */
static void add_processes(struct json *json, const struct json_instant *now,
                          const struct holder *holder)
{
    struct process_facts former = {.task = holder->seen.task};

    if (!holder->process_count) {
        if (holder->seen.flags & PT_HOLDER_OWNER_KNOWN)
            add_process(json, now, &former, holder->seen.fd);
        return;
    }
    add_process(json, now, holder->processes[0].process, holder->processes[0].fd);
    if (holder->process_count == 1)
        return;
    json_uint(json, "process_count", holder->process_count);
    json_array(json, "processes");
    for (unsigned int i = 0; i < holder->process_count && i < PROCESSES_MAX; i++) {
        json_object(json, NULL);
        add_process(json, now, holder->processes[i].process, holder->processes[i].fd);
        json_object_end(json);
    }
    json_array_end(json);
}

static void add_socket(struct json *json, const struct pt_holder *seen)
{
    const struct pt_socket *socket = &seen->socket;

    json_event_endpoint(json, &seen->local);
    if (endpoint_has_address(&seen->peer)) {
        json_object(json, "peer");
        json_event_endpoint(json, &seen->peer);
        json_object_end(json);
    }
    json_text_if(json, "protocol", socket_protocol_name(socket));
    json_text_if(json, "state", holder_state_name(seen));
    json_event_options(json, socket->options);
    if (socket->inode)
        json_id(json, "inode", socket->inode);
    if (socket->cookie)
        json_id(json, "cookie", socket->cookie);
    if (seen->task.netns)
        json_uint(json, "netns", seen->task.netns);
    json_event_device(json, socket);
    if (seen->flags & PT_HOLDER_UID_KNOWN)
        json_id(json, "socket_uid", seen->uid);
}

static void add_times(struct json *json, const struct json_instant *now,
                      const struct pt_holder *seen)
{
    uint64_t end_ns = seen->gone_ns ? seen->gone_ns : now->time_ns;

    if (seen->since_ns) {
        json_event_moment(json, "since", wall_of(now, seen->since_ns));
        if (end_ns >= seen->since_ns)
            json_uint(json, "held_ns", end_ns - seen->since_ns);
    }
    if (seen->gone_ns)
        json_event_moment(json, "gone", wall_of(now, seen->gone_ns));
    if (seen->expires_ns)
        json_uint(json, "expires_ns", seen->expires_ns);
}

/* What is not marked may be so all the same: false would be a claim. */
static void add_marks(struct json *json, const struct pt_holder *seen)
{
    if (seen->flags & PT_HOLDER_BOUND)
        json_bool(json, "bound", true);
    if (seen->flags & PT_HOLDER_KERNEL)
        json_bool(json, "kernel", true);
    if (seen->flags & PT_HOLDER_ORPHAN)
        json_bool(json, "orphan", true);
    if (seen->taken_by >= PT_OP_BIND && seen->taken_by < PT_OP_RELEASE)
        json_text(json, "taken_by", operation_name(seen->taken_by));
}

static void add_published(struct json *json, const struct holder_published *published)
{
    if (!published)
        return;
    json_object(json, "published");
    json_text(json, "by", published->by);
    json_bytes_if(json, "container", published->container);
    json_bytes_if(json, "unit", published->unit);
    json_event_endpoint(json, &published->to);
    json_object_end(json);
}

void json_event_holder(struct json *json, const char *key, const struct json_instant *now,
                       const struct holder *holder)
{
    static const char *const sources[] = {
        [PT_HOLDER_CHECK] = "check",
        [PT_HOLDER_TABLE] = "table",
        [PT_HOLDER_LOOKUP] = "lookup",
    };
    const struct pt_holder *seen = &holder->seen;

    json_object(json, key);
    if (seen->source > PT_HOLDER_NONE && seen->source <= PT_HOLDER_LOOKUP)
        json_text(json, "source", sources[seen->source]);
    add_processes(json, now, holder);
    add_socket(json, seen);
    add_times(json, now, seen);
    add_marks(json, seen);
    add_published(json, holder->published);
    json_object_end(json);
}
