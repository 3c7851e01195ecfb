// SPDX-License-Identifier: GPL-2.0
#include "user/render/report.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>

#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/model/operations.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"
#include "user/render/line.h"

#define TITLE_INDENT  4
#define ARROW         "   --> "
#define ADDRESS_SIZE4 16
#define ADDRESS_SIZE6 28

#define NS_PER_US 1000u
#define NS_PER_MS 1000000u
#define NS_PER_S  1000000000u

/* " = note: " and what follows, hanging below its first word. */
struct report {
    const struct text_style *style;
    struct strbuf *out;
};

static struct line line_of(const struct report *report, unsigned int indent)
{
    return (struct line){.out = report->out,
                         .width = report->style->width,
                         .indent = indent,
                         .colour = report->style->colour};
}

static void put_text(struct line *line, enum line_colour colour, const struct strbuf *text)
{
    if (text->failed)
        line->out->failed = true;
    else if (text->length)
        line_words(line, colour, text->text);
}

static void add_item(const struct report *report, enum line_colour colour, const char *label,
                     const struct strbuf *text)
{
    struct line line = line_of(report, (unsigned int)strlen(label) + 8);

    if (text->length || text->failed) {
        strbuf_puts(&line.piece, "    =");
        line_put(&line, LINE_BLUE);
        strbuf_printf(&line.piece, "%s:", label);
        line_put(&line, colour);
        put_text(&line, LINE_PLAIN, text);
        line_end(&line);
    }
    line_free(&line);
}

static void add_title(const struct report *report, const struct explanation *explanation)
{
    struct line line = line_of(report, TITLE_INDENT);

    strbuf_printf(&line.piece, "error[%s]:", reason_words(explanation->reason)->code);
    line_put(&line, LINE_RED);
    put_text(&line, LINE_BOLD, &explanation->sentence);
    line_end(&line);
    line_free(&line);
}

static void add_endpoint(struct strbuf *out, const struct observation *seen,
                         const struct pt_endpoint *end)
{
    const char *name = seen->socket.device;
    struct strbuf device = {0};

    if (seen->socket_known)
        sanitize_add(&device, name, strnlen(name, sizeof(seen->socket.device)));
    endpoint_add(out, end, device.length ? device.text : NULL);
    if (device.failed)
        out->failed = true;
    strbuf_free(&device);
}

/* The length is part of the call, and worth a look where it is not the usual one. */
static void add_address_size(struct strbuf *out, const struct observation *seen)
{
    uint16_t family = seen->requested.family;
    uint32_t usual = family == AF_INET6 ? ADDRESS_SIZE6 : ADDRESS_SIZE4;

    if (family && seen->address_size && seen->address_size != usual)
        strbuf_printf(out, ", %d bytes", (int32_t)seen->address_size);
}

static void add_arguments(struct strbuf *out, const struct observation *seen)
{
    const char *comma = "";

    strbuf_putc(out, '(');
    if (seen->fd >= 0) {
        strbuf_printf(out, "fd %d", seen->fd);
        comma = ", ";
    }
    if (seen->op == PT_OP_LISTEN) {
        strbuf_printf(out, "%sbacklog %d", comma, seen->backlog);
    } else if (seen->requested.family) {
        strbuf_puts(out, comma);
        add_endpoint(out, seen, &seen->requested);
        add_address_size(out, seen);
    }
    strbuf_putc(out, ')');
}

static void add_call(struct strbuf *out, const struct observation *seen)
{
    static const char *const ways[] = {
        [PT_ENTRY_UNKNOWN] = "",
        [PT_ENTRY_SYSCALL] = "",
        [PT_ENTRY_IO_URING] = " by io_uring",
        [PT_ENTRY_KERNEL] = " by the kernel",
        [PT_ENTRY_SEND] = " by a send",
    };

    strbuf_puts(out, operation_name(seen->op));
    if ((unsigned int)seen->entry < sizeof(ways) / sizeof(ways[0]))
        strbuf_puts(out, ways[seen->entry]);
    add_arguments(out, seen);
    if (seen->op == PT_OP_LISTEN && endpoint_has_address(&seen->local)) {
        strbuf_puts(out, " on ");
        add_endpoint(out, seen, &seen->local);
    } else if (seen->op == PT_OP_CONNECT && seen->local.port) {
        strbuf_puts(out, " from ");
        add_endpoint(out, seen, &seen->local);
    }
    strbuf_puts(out, " = ");
}

/* No call was made. */
static void add_question(struct strbuf *out, const struct observation *asked)
{
    strbuf_puts(out, "bind(");
    add_endpoint(out, asked, &asked->requested);
    strbuf_puts(out, asked->op == PT_OP_LISTEN ? ") and listen() would fail with "
                                               : ") would fail with ");
}

static void add_evidence(const struct report *report, const struct observation *seen,
                         const struct explanation *explanation, bool asked)
{
    struct line line = line_of(report, (unsigned int)strlen(ARROW));
    struct strbuf text = {0};

    strbuf_puts(&line.piece, "   -->");
    line_put(&line, LINE_BLUE);
    if (asked)
        add_question(&text, seen);
    else
        add_call(&text, seen);
    error_add_name(&text, seen->error);
    if (explanation->check)
        strbuf_printf(&text, ", refused by %s", explanation->check);
    put_text(&line, LINE_PLAIN, &text);
    line_end(&line);
    line_free(&line);
    strbuf_free(&text);
}

static void add_also(const struct report *report, const struct explanation *explanation)
{
    const struct reason_words *words = reason_words(explanation->also);
    struct strbuf text = {0};

    if (!explanation->also)
        return;
    strbuf_printf(&text, "%s, %s", words->code, words->brief);
    add_item(report, LINE_RED, "also", &text);
    strbuf_free(&text);
}

static void add_holders(const struct report *report, const struct explanation *explanation)
{
    unsigned int left_out = explanation->holders_left_out;
    struct strbuf text = {0};

    for (unsigned int i = 0; i < explanation->holder_count; i++)
        add_item(report, LINE_YELLOW, "holder", &explanation->holder_lines[i]);
    if (left_out)
        strbuf_printf(&text, "and %u more socket%s", left_out, left_out == 1 ? "" : "s");
    add_item(report, LINE_YELLOW, "holder", &text);
    strbuf_free(&text);
}

static void add_length(struct strbuf *out, uint64_t length_ns)
{
    if (length_ns < NS_PER_MS)
        strbuf_printf(out, "%" PRIu64 " us", length_ns / NS_PER_US);
    else if (length_ns < 10ull * NS_PER_S)
        strbuf_printf(out, "%" PRIu64 " ms", length_ns / NS_PER_MS);
    else
        strbuf_printf(out, "%" PRIu64 " s", length_ns / NS_PER_S);
}

static void add_lookup(struct strbuf *out, const struct explanation *explanation)
{
    strbuf_puts(out, explanation->holder_count == 1 ? "the holder was looked up "
                                                    : "the holders were looked up ");
    if (explanation->looked_after_ns) {
        add_length(out, explanation->looked_after_ns);
        strbuf_putc(out, ' ');
    }
    strbuf_puts(out, explanation->looked_before ? "before the refusal" : "after the refusal");
}

/* What the kernel's own check told needs no word. */
static void add_confidence(const struct report *report, const struct explanation *explanation)
{
    struct strbuf text = {0};

    if (explanation->confidence == CONFIDENCE_TABLE && explanation->holder_count)
        strbuf_printf(&text, "the %sholder is the last one that porttrace saw taking the port",
                      explanation->holder_count + explanation->holders_left_out > 1 ? "first "
                                                                                    : "");
    else if (explanation->confidence == CONFIDENCE_LOOKUP && explanation->holder_count)
        add_lookup(&text, explanation);
    else if (explanation->confidence == CONFIDENCE_DEDUCED)
        strbuf_puts(&text, "deduced from the error and from the rules of this host");
    add_item(report, LINE_CYAN, "note", &text);
    strbuf_free(&text);
}

static void add_items(const struct report *report, enum line_colour colour, const char *label,
                      const struct strbuf *at, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        add_item(report, colour, label, &at[i]);
}

static void add_refusal(const struct report *report, const struct observation *seen,
                        const struct explanation *explanation, bool asked)
{
    add_title(report, explanation);
    add_evidence(report, seen, explanation, asked);
    add_also(report, explanation);
    add_holders(report, explanation);
    add_items(report, LINE_CYAN, "note", explanation->notes, explanation->note_count);
    if (!asked)
        add_confidence(report, explanation);
    add_items(report, LINE_GREEN, "help", explanation->helps, explanation->help_count);
}

void render_report(const struct text_style *style, const struct observation *seen,
                   const struct explanation *explanation, struct strbuf *out)
{
    const struct report report = {style, out};

    if (explanation->sentence.failed)
        out->failed = true;
    else if (explanation->sentence.length)
        add_refusal(&report, seen, explanation, false);
}

static void add_unseen(const struct report *report, const char *unseen)
{
    struct strbuf text = {0};

    if (!unseen)
        return;
    strbuf_printf(&text, "not seen: %s", unseen);
    add_item(report, LINE_CYAN, "note", &text);
    strbuf_free(&text);
}

/* What can be had, or what nothing is seen against. */
static void add_success(const struct report *report, const struct observation *asked, bool known)
{
    const char *protocol = socket_protocol_name(&asked->socket);
    struct line line = line_of(report, TITLE_INDENT);
    struct strbuf text = {0};

    strbuf_puts(&line.piece, known ? "ok:" : "unknown:");
    line_put(&line, known ? LINE_GREEN : LINE_YELLOW);
    add_endpoint(&text, asked, &asked->requested);
    if (protocol)
        strbuf_printf(&text, "/%s", protocol);
    strbuf_puts(&text, known ? " can be " : " can perhaps be ");
    strbuf_puts(&text, asked->op == PT_OP_LISTEN ? "listened on now" : "bound now");
    put_text(&line, LINE_BOLD, &text);
    line_end(&line);
    line_free(&line);
    strbuf_free(&text);
}

void render_verdict(const struct text_style *style, const struct observation *asked,
                    const struct explanation *explanation, const char *unseen, struct strbuf *out)
{
    const struct report report = {style, out};

    if (explanation->sentence.failed) {
        out->failed = true;
    } else if (asked->error) {
        if (explanation->sentence.length)
            add_refusal(&report, asked, explanation, true);
    } else {
        add_success(&report, asked, !unseen);
        add_unseen(&report, unseen);
        add_items(&report, LINE_CYAN, "note", explanation->notes, explanation->note_count);
        add_items(&report, LINE_GREEN, "help", explanation->helps, explanation->help_count);
    }
}
