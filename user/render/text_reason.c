// SPDX-License-Identifier: GPL-2.0
#include "user/render/text.h"

#include <inttypes.h>
#include <string.h>

#include "user/explain/explain.h"
#include "user/model/containers.h"
#include "user/model/sanitize.h"
#include "user/render/moment.h"

#define SHORT_ID        12 /* as much of a container's id as its tools show */
#define STATE_TIME_WAIT 6  /* as in include/net/tcp_states.h */

static void add_user(struct strbuf *out, const struct text_style *style, uint32_t uid)
{
    const char *name = NULL;

    if (style->names.user)
        name = style->names.user(style->names.context, uid);
    if (name) {
        strbuf_puts(out, ", ");
        sanitize_add(out, name, strlen(name));
    } else {
        strbuf_printf(out, ", uid %u", uid);
    }
}

static void add_place(struct strbuf *out, const struct cgroup_facts *place)
{
    const char *runtime = container_runtime_name(place->runtime);
    struct bytes id = place->container_id;

    if (id.at) {
        strbuf_printf(out, ", %s ", runtime ? runtime : "container");
        sanitize_add(out, id.at, id.size > SHORT_ID ? SHORT_ID : id.size);
    } else if (place->unit.at) {
        strbuf_puts(out, ", ");
        sanitize_add(out, place->unit.at, place->unit.size);
    }
}

/* "node, pid 1188, www-data, web.service" */
static void add_owner(struct strbuf *out, const struct text_style *style,
                      const struct holder *holder)
{
    const struct process_facts *process =
        holder->process_count ? holder->processes[0].process : NULL;
    const struct pt_task *task = process ? &process->task : &holder->seen.task;

    if (!process && !(holder->seen.flags & PT_HOLDER_OWNER_KNOWN)) {
        strbuf_puts(out, holder->seen.flags & PT_HOLDER_KERNEL ? "the kernel" : "no process");
        return;
    }
    if (holder->seen.socket.state == STATE_TIME_WAIT || holder->seen.gone_ns)
        strbuf_puts(out, "formerly ");
    sanitize_add(out, task->comm, strnlen(task->comm, sizeof(task->comm)));
    strbuf_printf(out, ", pid %u", task->pid);
    add_user(out, style, task->uid);
    if (process)
        add_place(out, &process->cgroup_facts);
    if (holder->process_count > 1)
        strbuf_printf(out, ", with %u more process%s", holder->process_count - 1,
                      holder->process_count > 2 ? "es" : "");
}

static void add_holders(struct strbuf *out, const struct text_style *style,
                        const struct explanation *explanation)
{
    uint64_t more = (uint64_t)explanation->holder_count + explanation->holders_left_out;

    if (!explanation->holder_count || explanation->reason == REASON_KERNEL_SOCKET)
        return;
    strbuf_puts(out, ": ");
    add_owner(out, style, explanation->holders[0]);
    if (more > 1)
        strbuf_printf(out, " and %" PRIu64 " more socket%s", more - 1, more > 2 ? "s" : "");
}

void text_add_confidence(struct strbuf *out, const struct explanation *explanation)
{
    switch (explanation->confidence) {
    case CONFIDENCE_TABLE:
        strbuf_puts(out, " (from porttrace's table)");
        break;
    case CONFIDENCE_LOOKUP:
        strbuf_puts(out, " (looked up ");
        if (explanation->looked_after_ns)
            moment_add_length(out, explanation->looked_after_ns);
        if (explanation->looked_before)
            strbuf_puts(out, "before)");
        else
            strbuf_puts(out, explanation->looked_after_ns ? " later)" : "afterwards)");
        break;
    case CONFIDENCE_DEDUCED:
        strbuf_puts(out, " (deduced)");
        break;
    case CONFIDENCE_NONE:
    case CONFIDENCE_CHECK:
        break;
    }
}

static bool tells_nothing(const struct explanation *explanation)
{
    return explanation->reason == REASON_UNKNOWN && !explanation->holder_count &&
           !explanation->note_count;
}

/* What is to be known of these stands in their first note. */
static bool needs_note(enum reason reason)
{
    return reason == REASON_UNKNOWN || reason == REASON_RANGE_EXHAUSTED ||
           reason == REASON_CONNECT_EXHAUSTED;
}

void text_put_reason(struct line *line, const struct text_style *style,
                     const struct explanation *explanation)
{
    const struct reason_words *words = reason_words(explanation->reason);
    struct strbuf text = {0};

    if (!explanation->sentence.length || tells_nothing(explanation))
        return;
    line_continue(line);
    strbuf_puts(&line->piece, words->code);
    line_put(line, LINE_RED);
    /* Of others the holders are named next. */
    strbuf_puts(&text, explanation->is_own || explanation->is_ancestors
                           ? explanation->sentence.text + explanation->why
                           : words->brief);
    add_holders(&text, style, explanation);
    if (needs_note(explanation->reason) && explanation->note_count)
        strbuf_printf(&text, "; %s", explanation->notes[0].text);
    if (explanation->also)
        strbuf_printf(&text, "; also %s, %s", reason_words(explanation->also)->code,
                      reason_words(explanation->also)->brief);
    text_add_confidence(&text, explanation);
    if (text.failed)
        line->out->failed = true;
    else
        line_words(line, LINE_PLAIN, text.text);
    strbuf_free(&text);
}
