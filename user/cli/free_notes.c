// SPDX-License-Identifier: GPL-2.0
#include "user/cli/free_notes.h"

#include <string.h>

#include "user/model/endpoint.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"

#define LINES_MAX 12

struct span {
    uint32_t low, high;
    struct free_answer answer;
};

/* Ports that are left out for a rule of the host are told together. */
static bool alike(const struct free_answer *one, const struct free_answer *other)
{
    return one->state == other->state && one->state != FREE_HELD && one->state != FREE_SERVICE;
}

static struct span span_from(const struct free_search *search, uint32_t low, uint32_t high)
{
    struct span span = {low, low, free_judge(search, (uint16_t)low)};

    while (span.high < high) {
        struct free_answer next = free_judge(search, (uint16_t)(span.high + 1));

        if (!alike(&span.answer, &next))
            break;
        span.high++;
    }
    return span;
}

static void add_holder(const struct holder *holder, struct strbuf *out)
{
    const char *state = holder_state_name(&holder->seen);

    if (holder->process_count) {
        const struct pt_task *task = &holder->processes[0].process->task;

        sanitize_add_quoted(out, task->comm, strnlen(task->comm, sizeof(task->comm)));
        strbuf_printf(out, ", pid %u", task->pid);
    } else if (holder->seen.flags & PT_HOLDER_KERNEL) {
        strbuf_puts(out, "the kernel");
    } else {
        strbuf_printf(out, "a socket (%s) %s", state ? state : "unknown state",
                      holder->seen.flags & PT_HOLDER_ORPHAN ? "without a process"
                                                            : "of a process that is not known");
    }
    strbuf_puts(out, ", at ");
    endpoint_add(out, &holder->seen.local, NULL);
}

static void add_reason(const struct free_search *search, const struct span *span,
                       struct strbuf *out)
{
    const struct facts *facts = search->facts;
    const char *is = span->low == span->high ? "is" : "are";

    switch (span->answer.state) {
    case FREE_HELD:
        strbuf_puts(out, "is held by ");
        add_holder(&span->answer.holder, out);
        break;
    case FREE_PRIVILEGED:
        strbuf_printf(out, "%s privileged (below %u)", is, facts->unprivileged_start);
        break;
    case FREE_EPHEMERAL:
        strbuf_printf(out, "%s in the range that the kernel gives to connections, %u-%u", is,
                      facts->range_low, facts->range_high);
        break;
    case FREE_RESERVED:
        strbuf_printf(out, "%s in ip_local_reserved_ports", is);
        break;
    case FREE_SERVICE:
        strbuf_puts(out, "is that of the service ");
        sanitize_add_quoted(out, span->answer.service, strlen(span->answer.service));
        break;
    case FREE_YES:
        break;
    }
}

void free_notes_add(const struct free_search *search, uint16_t low, uint16_t high,
                    struct strbuf *out)
{
    unsigned int lines = 0;

    for (uint32_t port = low; port <= high; port++) {
        struct span span = span_from(search, port, high);

        port = span.high;
        if (span.answer.state == FREE_YES)
            continue;
        if (++lines > LINES_MAX)
            continue;
        if (span.low == span.high)
            strbuf_printf(out, "%u ", span.low);
        else
            strbuf_printf(out, "%u-%u ", span.low, span.high);
        add_reason(search, &span, out);
        strbuf_putc(out, '\n');
    }
    if (lines > LINES_MAX)
        strbuf_printf(out, "and %u more of such\n", lines - LINES_MAX);
}
