// SPDX-License-Identifier: GPL-2.0
#include "user/render/text.h"

#include <inttypes.h>
#include <string.h>

#include "user/model/containers.h"
#include "user/model/operations.h"
#include "user/render/moment.h"
#include "user/model/sanitize.h"

#define LONG_ID  64 /* a SHA-256 in hexadecimal */
#define SHORT_ID 12 /* as much of it as container tools show */

static void put_number(struct line *line, const char *key, uint64_t value)
{
    strbuf_printf(&line->piece, "%s=%" PRIu64, key, value);
    line_put(line, LINE_PLAIN);
}

static void put_bytes(struct line *line, const char *key, struct bytes value, const char *suffix)
{
    if (!value.at)
        return;
    strbuf_printf(&line->piece, "%s=", key);
    sanitize_add_quoted(&line->piece, value.at, value.size);
    strbuf_puts(&line->piece, suffix);
    line_put(line, LINE_PLAIN);
}

static void put_user(struct line *line, const struct text_style *style, const struct pt_task *task)
{
    const char *name = NULL;

    if (style->names.user)
        name = style->names.user(style->names.context, task->uid);
    strbuf_printf(&line->piece, "uid=%u", task->uid);
    if (name) {
        strbuf_putc(&line->piece, '(');
        sanitize_add(&line->piece, name, strlen(name));
        strbuf_putc(&line->piece, ')');
    }
    line_put(line, LINE_PLAIN);
    put_number(line, "gid", task->gid);
}

static void put_container(struct line *line, const struct cgroup_facts *facts)
{
    const char *runtime = container_runtime_name(facts->runtime);
    struct bytes id = facts->container_id;

    if (facts->runtime == RUNTIME_NONE && !id.at)
        return;
    strbuf_printf(&line->piece, "container=%s", runtime ? runtime : "unknown");
    if (id.at) {
        strbuf_putc(&line->piece, ':');
        sanitize_add_quoted(&line->piece, id.at, id.size == LONG_ID ? SHORT_ID : id.size);
    }
    line_put(line, LINE_PLAIN);
}

static void put_place(struct line *line, const struct process_facts *process)
{
    const struct cgroup_facts *facts = &process->cgroup_facts;

    put_bytes(line, "unit", facts->unit, "");
    put_container(line, facts);
    put_bytes(line, "pod", facts->pod_id, "");
    if (!facts->unit.at && !facts->container_id.at)
        put_bytes(line, "cgroup", process->cgroup, "");
}

static void put_args(struct line *line, const struct process_facts *process)
{
    struct strbuf *piece = &line->piece;

    if (!process->args.at)
        return;
    strbuf_puts(piece, "args=");
    sanitize_add_words(piece, process->args.at, process->args.size);
    if (process->args.truncated)
        strbuf_printf(piece, " (%u of %u bytes)", process->args.size, process->args_size);
    if (line->width)
        sanitize_cut_words(piece, 0, line_room(line));
    line_put(line, LINE_PLAIN);
}

static void put_process(struct line *line, const struct text_style *style,
                        const struct process_facts *process)
{
    const struct pt_task *task = &process->task;

    put_bytes(line, "exe", process->exe, process->exe_deleted ? "(deleted)" : "");
    put_user(line, style, task);
    put_number(line, "parent", task->parent_pid);
    if (task->tid != task->pid)
        put_number(line, "tid", task->tid);
    put_place(line, process);
}

static void put_latency(struct line *line, const struct observation *seen)
{
    if (!seen->latency_ns)
        return;
    strbuf_printf(&line->piece, "latency%s", seen->latency_partial ? ">=" : "=");
    moment_add_length(&line->piece, seen->latency_ns);
    line_put(line, LINE_PLAIN);
}

static void put_socket(struct line *line, const struct text_style *style,
                       const struct pt_socket *socket)
{
    if (!text_is_wide(style) && socket->options) {
        strbuf_puts(&line->piece, "opts=");
        text_add_options(&line->piece, socket->options);
        line_put(line, LINE_PLAIN);
    }
    if (socket->range_low || socket->range_high) {
        strbuf_printf(&line->piece, "range=%u-%u", socket->range_low, socket->range_high);
        line_put(line, LINE_PLAIN);
    }
    if (socket->inode)
        put_number(line, "ino", socket->inode);
    if (socket->cookie) {
        strbuf_printf(&line->piece, "sk=%" PRIx64, (uint64_t)socket->cookie);
        line_put(line, LINE_PLAIN);
    }
}

static void put_call(struct line *line, const struct observation *seen)
{
    put_number(line, "netns", seen->process.task.netns);
    if (seen->fd >= 0)
        put_number(line, "fd", (uint64_t)seen->fd);
    put_latency(line, seen);
    if (seen->op == PT_OP_LISTEN) {
        strbuf_printf(&line->piece, "backlog=%d", seen->backlog);
        line_put(line, LINE_PLAIN);
    }
    if (operation_outcome(seen) == OUTCOME_FAILURE && seen->stage != PT_STAGE_UNKNOWN) {
        strbuf_printf(&line->piece, "stage=%s", operation_stage_name(seen->stage));
        line_put(line, LINE_PLAIN);
    }
    if (seen->address_source == PT_ADDRESS_USER) {
        strbuf_puts(&line->piece, "requested-from=user-memory");
        line_put(line, LINE_PLAIN);
    }
    if (seen->taken_by) {
        strbuf_printf(&line->piece, "taken-by=%s", operation_name(seen->taken_by));
        line_put(line, LINE_PLAIN);
    }
}

void text_put_details(struct line *line, const struct text_style *style,
                      const struct observation *seen)
{
    line_continue(line);
    if (seen->process_known)
        put_process(line, style, &seen->process);
    put_call(line, seen);
    if (seen->socket_known)
        put_socket(line, style, &seen->socket);
    if (!seen->process_known)
        line_words(line, LINE_DIM, "(port taken before the trace began)");
    else if (!seen->process.described)
        line_words(line, LINE_DIM, "(description of the process lost)");
    else
        put_args(line, &seen->process);
}
