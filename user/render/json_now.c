// SPDX-License-Identifier: GPL-2.0
/* Lines that tell how things are, where no event has happened. */
#include "user/render/json_event.h"

#include <inttypes.h>
#include <stdio.h>

#include "user/explain/explain.h"
#include "user/model/endpoint.h"
#include "user/model/operations.h"
#include "user/model/sockets.h"

static void begin(struct json *json, const struct json_instant *now, const char *action,
                  const char *discriminator)
{
    json_event_begin(json, now->wall_ns);
    json_object(json, "event");
    json_text(json, "kind", "state");
    json_event_types(json, "info", NULL);
    json_text(json, "action", action);
    json_event_id(json, now->trace, now->time_ns, discriminator);
    json_object_end(json);
}

static void add_question(struct json *json, const struct observation *asked)
{
    const struct pt_socket *socket = &asked->socket;

    json_object(json, "question");
    json_text(json, "op", operation_name(asked->op));
    json_text_if(json, "protocol", socket_protocol_name(socket));
    json_event_endpoint(json, &asked->requested);
    json_event_options(json, socket->options);
    json_event_device(json, socket);
    if (asked->process.task.netns)
        json_uint(json, "netns", asked->process.task.netns);
    json_object_end(json);
}

/* Notes stand beside both answers: "nobody holds it, but it is reserved". */
static void add_remarks(struct json *json, const struct json_instant *now,
                        const struct observation *asked, const struct explanation *explanation)
{
    if (asked->error) {
        json_event_refused(json, now, asked, explanation);
    } else if (explanation && explanation->note_count) {
        json_array(json, "notes");
        for (unsigned int i = 0; i < explanation->note_count; i++)
            json_bytes(json, NULL, explanation->notes[i].text, explanation->notes[i].length);
        json_array_end(json);
    }
}

void render_json_verdict(const struct json_instant *now, const struct observation *asked,
                         const struct explanation *explanation, const char *unseen,
                         struct strbuf *out)
{
    const char *protocol = socket_protocol_name(&asked->socket);
    struct strbuf question = {0};
    struct json json = {.out = out};

    strbuf_printf(&question, "%s:%s:", operation_name(asked->op), protocol ? protocol : "-");
    endpoint_add(&question, &asked->requested, NULL);
    if (question.failed) {
        out->failed = true;
        strbuf_free(&question);
        return;
    }
    begin(&json, now, "verdict", question.text);
    strbuf_free(&question);
    json_event_error(&json, asked->error);
    if (asked->process_known)
        json_event_user(&json, now->names, asked->process.task.uid);
    json_event_network(&json, &asked->socket, asked->socket.family, &asked->requested);
    json_event_host(&json, now->trace);
    json_object(&json, "porttrace");
    add_question(&json, asked);
    if (unseen)
        json_text(&json, "unseen", unseen);
    else
        json_bool(&json, "would_succeed", !asked->error);
    add_remarks(&json, now, asked, explanation);
    json_object_end(&json);
    json_event_end(&json);
}

void render_json_holder_row(const struct json_instant *now, uint64_t row,
                            const struct holder *holder, struct strbuf *out)
{
    const struct pt_socket *socket = &holder->seen.socket;
    struct json json = {.out = out};
    char number[32];

    snprintf(number, sizeof(number), "holder-%" PRIu64, row);
    begin(&json, now, "holder", number);
    if (holder->process_count) {
        const struct process_facts *process = holder->processes[0].process;

        json_event_process(&json, now->trace, process, now->wall_ns - now->time_ns);
        json_event_user(&json, now->names, process->task.uid);
        json_event_group(&json, process->task.gid);
        json_event_container(&json, &process->cgroup_facts);
    }
    json_event_network(&json, socket, holder->seen.local.family, &holder->seen.local);
    json_event_host(&json, now->trace);
    json_object(&json, "porttrace");
    json_event_holder(&json, "holder", now, holder);
    if (holder->process_count)
        json_event_own_process(&json, holder->processes[0].process);
    json_object_end(&json);
    json_event_end(&json);
}
