// SPDX-License-Identifier: GPL-2.0
#include "user/render/text.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/model/losses.h"
#include "user/model/operations.h"
#include "user/model/ports.h"
#include "user/model/sockets.h"
#include "user/render/moment.h"
#include "user/model/sanitize.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum columns {
    TIME_COLUMNS = 12,
    PID_COLUMNS = 7,
    COMM_COLUMNS = 15,
    COMM_COLUMNS_NARROW = 10,
    OP_COLUMNS = 8,
    RESULT_COLUMNS = 13,
    PROTO_COLUMNS = 5,
    OPTIONS_COLUMNS = SOCKET_OPTIONS,
};

static struct line line_of(const struct text_style *style, struct strbuf *out)
{
    return (struct line){.out = out, .width = style->width, .colour = style->colour};
}

bool text_is_wide(const struct text_style *style)
{
    return !style->width || style->width >= TEXT_WIDE_COLUMNS;
}

static unsigned int comm_columns(const struct text_style *style)
{
    return text_is_wide(style) ? COMM_COLUMNS : COMM_COLUMNS_NARROW;
}

void text_add_options(struct strbuf *out, uint32_t options)
{
    for (int i = 0; i < SOCKET_OPTIONS; i++)
        strbuf_putc(out, (options & socket_options[i].bit) ? socket_options[i].letter : '.');
}

static void put_title(struct line *line, const char *title, unsigned int columns)
{
    strbuf_puts(&line->piece, title);
    line_cell(line, LINE_PLAIN, columns);
}

void render_text_header(const struct text_style *style, struct strbuf *out)
{
    struct line line = line_of(style, out);

    put_title(&line, "TIME", TIME_COLUMNS);
    put_title(&line, "PID", PID_COLUMNS);
    put_title(&line, "COMM", comm_columns(style));
    put_title(&line, "OP", OP_COLUMNS);
    put_title(&line, "RESULT", RESULT_COLUMNS);
    put_title(&line, "PROTO", PROTO_COLUMNS);
    if (text_is_wide(style))
        put_title(&line, "OPTS", OPTIONS_COLUMNS);
    put_title(&line, "ENDPOINT", 0);
    line_end(&line);
    line_free(&line);
}

static void put_process(struct line *line, const struct text_style *style,
                        const struct observation *seen)
{
    const struct pt_task *task = &seen->process.task;

    if (!seen->process_known) {
        put_title(line, "-", PID_COLUMNS);
        put_title(line, "-", comm_columns(style));
        return;
    }
    strbuf_printf(&line->piece, "%u", task->pid);
    line_cell(line, LINE_PLAIN, PID_COLUMNS);
    sanitize_add(&line->piece, task->comm, strnlen(task->comm, sizeof(task->comm)));
    if (!line->piece.length)
        strbuf_puts(&line->piece, "''");
    if (style->width)
        sanitize_cut(&line->piece, 0, comm_columns(style));
    line_cell(line, LINE_PLAIN, comm_columns(style));
}

static void put_result(struct line *line, const struct observation *seen)
{
    static const enum line_colour colours[] = {
        [OUTCOME_SUCCESS] = LINE_PLAIN,
        [OUTCOME_FAILURE] = LINE_RED,
        [OUTCOME_UNKNOWN] = LINE_YELLOW,
    };

    if (seen->error)
        error_add_name(&line->piece, seen->error);
    else
        strbuf_puts(&line->piece, "ok");
    line_cell(line, colours[operation_outcome(seen)], RESULT_COLUMNS);
}

static void put_socket(struct line *line, const struct text_style *style,
                       const struct observation *seen)
{
    const char *name = socket_protocol_name(&seen->socket);

    if (!seen->socket_known)
        strbuf_puts(&line->piece, "-");
    else if (name)
        strbuf_puts(&line->piece, name);
    else
        strbuf_printf(&line->piece, "%u", seen->socket.protocol);
    line_cell(line, LINE_PLAIN, PROTO_COLUMNS);
    if (!text_is_wide(style))
        return;
    if (seen->socket_known)
        text_add_options(&line->piece, seen->socket.options);
    else
        strbuf_puts(&line->piece, "-");
    line_cell(line, LINE_PLAIN, OPTIONS_COLUMNS);
}

/* The end that the socket has, or for a failure the one that it was to have. */
static const struct pt_endpoint *own_end(const struct observation *seen)
{
    bool failed = operation_outcome(seen) == OUTCOME_FAILURE;

    if (seen->op == PT_OP_CONNECT || seen->op == PT_OP_RELEASE)
        return &seen->local;
    if (failed)
        return operation_wanted(seen);
    return seen->local.family ? &seen->local : &seen->requested;
}

static void add_own_end(struct strbuf *out, const struct observation *seen)
{
    const char *name = seen->socket.device;
    struct strbuf device = {0};

    if (seen->socket_known)
        sanitize_add(&device, name, strnlen(name, sizeof(seen->socket.device)));
    endpoint_add(out, own_end(seen), device.length ? device.text : NULL);
    if (device.failed)
        out->failed = true;
    strbuf_free(&device);
}

static void put_endpoints(struct line *line, const struct observation *seen)
{
    if (seen->op != PT_OP_CONNECT) {
        add_own_end(&line->piece, seen);
        line_put(line, LINE_PLAIN);
        return;
    }
    if (seen->local.family) {
        add_own_end(&line->piece, seen);
        strbuf_putc(&line->piece, ' ');
    }
    strbuf_puts(&line->piece, "->");
    line_put(line, LINE_PLAIN);
    endpoint_add(&line->piece, &seen->requested, NULL);
    line_put(line, LINE_PLAIN);
}

static void put_marks(struct line *line, const struct observation *seen)
{
    if (seen->op == PT_OP_AUTOBIND) {
        strbuf_puts(&line->piece, "[implicit]");
        line_put(line, LINE_PLAIN);
    }
    if (seen->entry == PT_ENTRY_IO_URING || seen->entry == PT_ENTRY_KERNEL ||
        seen->entry == PT_ENTRY_SEND) {
        strbuf_printf(&line->piece, "[%s]", operation_entry_name(seen->entry));
        line_put(line, LINE_PLAIN);
    }
    if (operation_is_disconnect(seen)) {
        strbuf_puts(&line->piece, "[disconnect]");
        line_put(line, LINE_PLAIN);
    }
    if (seen->implies_autobind) {
        strbuf_puts(&line->piece, "[+autobind]");
        line_put(line, LINE_PLAIN);
    }
    if (seen->repeated) {
        strbuf_printf(&line->piece, "[%" PRIu64 " times in ", seen->repeated);
        moment_add_length(&line->piece, seen->time_ns - seen->since_ns);
        strbuf_putc(&line->piece, ']');
        line_put(line, LINE_YELLOW);
    }
    if (seen->op == PT_OP_RELEASE && seen->held_ns) {
        strbuf_puts(&line->piece, "held ");
        moment_add_length(&line->piece, seen->held_ns);
        line_put(line, LINE_PLAIN);
    }
}

static bool has_ports(const struct observation *seen)
{
    const char *protocol = socket_protocol_name(&seen->socket);

    return !seen->socket_known || !protocol ||
           (strcmp(protocol, "raw") != 0 && strcmp(protocol, "ping") != 0);
}

static const char *service_of(const struct text_style *style, const struct observation *seen,
                              uint16_t port)
{
    uint16_t protocol = seen->socket.protocol;

    if (!style->names.service || !seen->socket_known)
        return NULL;
    if (protocol == IPPROTO_MPTCP)
        protocol = IPPROTO_TCP;
    return style->names.service(style->names.context, port, protocol);
}

static void hint_port(struct line *line, const struct text_style *style,
                      const struct observation *seen)
{
    const struct pt_endpoint *end = seen->op == PT_OP_CONNECT ? &seen->requested : own_end(seen);
    const char *service;

    if (!endpoint_has_address(end) || !end->port || !has_ports(seen))
        return;
    service = service_of(style, seen, end->port);
    strbuf_putc(&line->piece, '(');
    if (service) {
        sanitize_add(&line->piece, service, strlen(service));
        strbuf_puts(&line->piece, ", ");
    }
    strbuf_puts(&line->piece, port_class_name(port_class(end->port)));
    strbuf_putc(&line->piece, ')');
    line_hint(line, LINE_DIM);
}

static void put_hints(struct line *line, const struct text_style *style,
                      const struct observation *seen)
{
    if (seen->op == PT_OP_BIND && !seen->error && seen->requested.family && seen->local.family &&
        seen->requested.port != seen->local.port) {
        strbuf_printf(&line->piece, "asked for :%u", seen->requested.port);
        line_hint(line, LINE_DIM);
    }
    if (seen->op == PT_OP_LISTEN && !seen->error) {
        strbuf_printf(&line->piece, "backlog %d", seen->backlog);
        line_hint(line, LINE_DIM);
    }
    hint_port(line, style, seen);
}

void render_text_observation(const struct text_style *style, const struct observation *seen,
                             const struct explanation *explanation, struct strbuf *out)
{
    struct line line = line_of(style, out);

    moment_add_clock(&line.piece, seen->wall_ns, style->utc_offset_s);
    line_cell(&line, LINE_PLAIN, TIME_COLUMNS);
    put_process(&line, style, seen);
    strbuf_puts(&line.piece, operation_name(seen->op));
    line_cell(&line, LINE_PLAIN, OP_COLUMNS);
    put_result(&line, seen);
    put_socket(&line, style, seen);
    put_endpoints(&line, seen);
    put_marks(&line, seen);
    put_hints(&line, style, seen);
    if (explanation && operation_outcome(seen) == OUTCOME_FAILURE)
        text_put_reason(&line, style, explanation);
    if (style->verbose)
        text_put_details(&line, style, seen);
    line_end(&line);
    line_free(&line);
}

static void put_lost_events(struct line *line, const uint64_t lost[PT_LOSS_CAUSES],
                            const char *where)
{
    uint64_t events = loss_events(lost);
    struct strbuf text = {0};
    const char *separator = "";

    if (!events)
        return;
    strbuf_printf(&text, "*** %" PRIu64 " %s %s: ", events, loss_what(PT_LOSS_RING_FULL, events),
                  where);
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        if (!lost[cause] || !loss_is_of_events(cause))
            continue;
        strbuf_printf(&text, "%s%" PRIu64 " because %s (%s)", separator, lost[cause],
                      loss_reason(cause), loss_advice(cause));
        separator = ", ";
    }
    line_words(line, LINE_RED, text.failed ? "*** events lost" : text.text);
    line_end(line);
    strbuf_free(&text);
}

static void put_other_loss(struct line *line, enum pt_loss_cause cause, uint64_t count,
                           const char *where)
{
    struct strbuf text = {0};

    strbuf_printf(&text, "*** %" PRIu64 " %s %s because %s (%s)", count, loss_what(cause, count),
                  where, loss_reason(cause), loss_advice(cause));
    line_words(line, LINE_RED, text.failed ? loss_what(cause, count) : text.text);
    line_end(line);
    strbuf_free(&text);
}

static void add_losses(const struct text_style *style, const uint64_t lost[PT_LOSS_CAUSES],
                       const char *where, struct strbuf *out)
{
    struct line line = line_of(style, out);

    put_lost_events(&line, lost, where);
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++)
        if (lost[cause] && !loss_is_of_events(cause))
            put_other_loss(&line, cause, lost[cause], where);
    line_free(&line);
}

void render_text_loss(const struct text_style *style, const struct loss *loss, struct strbuf *out)
{
    add_losses(style, loss->lost, "here", out);
}

void render_text_end(const struct text_style *style, const struct trace_totals *totals,
                     struct strbuf *out)
{
    add_losses(style, totals->lost, "in all", out);
}
