// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/asker.h"
#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/model/operations.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"

static struct strbuf *next(struct inquiry *inquiry, struct strbuf *slots, unsigned int *count,
                           unsigned int max)
{
    if (*count == max) {
        strbuf_reset(&inquiry->spare);
        return &inquiry->spare;
    }
    return &slots[(*count)++];
}

struct strbuf *inquiry_note(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    return next(inquiry, out->notes, &out->note_count, EXPLAIN_NOTES_MAX);
}

struct strbuf *inquiry_help(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    return next(inquiry, out->helps, &out->help_count, EXPLAIN_HELPS_MAX);
}

uint32_t inquiry_refusal_flags(const struct inquiry *inquiry)
{
    return inquiry->seen->refusal_known ? inquiry->seen->refusal.flags : 0;
}

enum pt_check inquiry_check(const struct inquiry *inquiry)
{
    return inquiry->seen->refusal_known ? inquiry->seen->refusal.check : PT_CHECK_UNKNOWN;
}

bool inquiry_may_be_filtered(const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    return seen->plan == PT_PLAN_RESTRICTED && seen->stage == PT_STAGE_UNKNOWN &&
           seen->entry == PT_ENTRY_SYSCALL && inquiry_refusal_flags(inquiry) & PT_REFUSAL_FILTERED;
}

enum confidence inquiry_confidence(const struct inquiry *inquiry)
{
    return inquiry_check(inquiry) && inquiry->seen->plan ? CONFIDENCE_CHECK : CONFIDENCE_DEDUCED;
}

bool inquiry_is_question(const struct inquiry *inquiry)
{
    return !inquiry->seen->plan && !inquiry->seen->process_known;
}

bool inquiry_looked_before(const struct inquiry *inquiry)
{
    uint64_t at_ns = inquiry->facts->looked_at_ns;

    return at_ns && at_ns <= inquiry->seen->time_ns;
}

uint64_t inquiry_looked_after_ns(const struct inquiry *inquiry)
{
    uint64_t at_ns = inquiry->facts->looked_at_ns, call_ns = inquiry->seen->time_ns;

    return at_ns > call_ns ? at_ns - call_ns : 0;
}

const char *inquiry_protocol(const struct inquiry *inquiry)
{
    const char *name = NULL;

    if (inquiry->seen->socket_known)
        name = socket_protocol_name(&inquiry->seen->socket);
    return name ? name : "";
}

static void add_caller(struct strbuf *out, const struct observation *seen)
{
    const struct pt_task *task = &seen->process.task;
    size_t size = strnlen(task->comm, sizeof(task->comm));

    if (seen->entry == PT_ENTRY_KERNEL) {
        strbuf_puts(out, "the kernel");
        return;
    }
    if (!seen->process_known) {
        strbuf_puts(out, "a process");
        return;
    }
    if (size)
        sanitize_add_quoted(out, task->comm, size);
    else
        strbuf_puts(out, "a process");
    strbuf_printf(out, " (pid %u)", task->pid);
}

static void add_address(struct strbuf *out, const struct inquiry *inquiry,
                        const struct pt_endpoint *endpoint)
{
    const char *protocol = inquiry_protocol(inquiry);
    const struct pt_socket *socket = &inquiry->seen->socket;
    struct strbuf device = {0};

    if (inquiry->seen->op != PT_OP_CONNECT)
        sanitize_add(&device, socket->device, strnlen(socket->device, sizeof(socket->device)));
    endpoint_add(out, endpoint, device.text);
    strbuf_printf(out, protocol[0] ? "/%s" : "%s", protocol);
    strbuf_free(&device);
}

static void add_endpoint(struct strbuf *out, const struct inquiry *inquiry,
                         const struct pt_endpoint *endpoint)
{
    if (endpoint_has_address(endpoint)) {
        strbuf_putc(out, ' ');
        add_address(out, inquiry, endpoint);
    } else if (inquiry->seen->fd >= 0) {
        strbuf_printf(out, " descriptor %d", inquiry->seen->fd);
    }
}

static void add_listener(struct strbuf *out, const struct inquiry *inquiry)
{
    strbuf_puts(out, " cannot listen");
    if (!inquiry->asker.wanted.port)
        return;
    strbuf_puts(out, " on");
    add_endpoint(out, inquiry, &inquiry->asker.wanted);
}

static void add_user(struct strbuf *out, const struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    uint32_t uid = inquiry->seen->process.task.uid;
    const char *name = facts->user_name ? facts->user_name(facts->names, uid) : NULL;

    if (name)
        sanitize_add_quoted(out, name, strlen(name));
    else
        strbuf_printf(out, "user %u", uid);
}

/* Nobody has made the call. */
static void add_question(struct strbuf *out, const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool listens = seen->op == PT_OP_LISTEN;

    if (inquiry->facts->asked_for_user) {
        add_user(out, inquiry);
        strbuf_puts(out, listens ? " cannot listen on " : " cannot bind ");
    }
    add_address(out, inquiry, &seen->requested);
    if (!inquiry->facts->asked_for_user)
        strbuf_puts(out, listens ? " cannot be listened on" : " cannot be bound");
}

static void add_call(struct strbuf *out, const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    add_caller(out, seen);
    switch (seen->op) {
    case PT_OP_BIND:
        strbuf_puts(out, " cannot bind");
        add_endpoint(out, inquiry, &seen->requested);
        break;
    case PT_OP_LISTEN:
        add_listener(out, inquiry);
        break;
    case PT_OP_CONNECT:
        strbuf_puts(out, " cannot connect to");
        add_endpoint(out, inquiry, &seen->requested);
        break;
    default:
        strbuf_puts(out, " cannot get a local port");
        break;
    }
}

static void write_sentence(struct inquiry *inquiry)
{
    struct strbuf *out = &inquiry->out->sentence;

    if (inquiry_is_question(inquiry))
        add_question(out, inquiry);
    else
        add_call(out, inquiry);
    strbuf_puts(out, ": ");
    inquiry->out->why = out->length;
    if (inquiry->brief.length) {
        strbuf_add(out, inquiry->brief.text, inquiry->brief.length);
    } else if (inquiry->out->reason) {
        strbuf_puts(out, reason_words(inquiry->out->reason)->brief);
    } else {
        strbuf_puts(out, "the kernel answered ");
        error_add_name(out, inquiry->seen->error);
        strbuf_puts(out, ", and why is not known");
    }
}

/* Port 0, or listen() on a socket without one. */
static bool wants_any_port(const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (seen->op == PT_OP_AUTOBIND)
        return true;
    if (seen->op == PT_OP_BIND)
        return endpoint_has_address(&seen->requested) && !seen->requested.port;
    return seen->op == PT_OP_LISTEN && !inquiry->asker.wanted.port &&
           (seen->implies_autobind || inquiry_refusal_flags(inquiry) & PT_REFUSAL_SOCKET_KNOWN);
}

/* Plan restricted sees such a call before the kernel looks at its port; this one it did not see. */
static bool is_refused_before(const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    const struct pt_socket *socket = &seen->socket;

    return inquiry_may_be_filtered(inquiry) && seen->error == EADDRINUSE &&
           (seen->op == PT_OP_BIND || seen->op == PT_OP_LISTEN) && seen->socket_known &&
           (socket->protocol == IPPROTO_TCP || socket->protocol == IPPROTO_UDP ||
            socket->protocol == WORDS_IPPROTO_MPTCP);
}

/* Filters and modules answer with any errno that they like. */
static bool is_denied(const struct inquiry *inquiry)
{
    enum pt_check check = inquiry_check(inquiry);

    return (check >= PT_CHECK_SECCOMP && check <= PT_CHECK_BPF_LSM) || is_refused_before(inquiry);
}

static void settle(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (is_denied(inquiry)) {
        explain_denied(inquiry);
        return;
    }
    switch (seen->error) {
    case EADDRINUSE:
        if (wants_any_port(inquiry))
            explain_no_port(inquiry);
        else
            explain_in_use(inquiry);
        break;
    case EACCES:
    case EPERM:
        explain_denied(inquiry);
        break;
    case EAGAIN:
        if (seen->op == PT_OP_AUTOBIND ||
            (seen->op == PT_OP_CONNECT && seen->socket_known && seen->socket.type == SOCK_DGRAM))
            explain_no_port(inquiry);
        break;
    case EADDRNOTAVAIL:
    case ECONNABORTED:
    case ECONNREFUSED:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case ETIMEDOUT:
        if (seen->op == PT_OP_CONNECT)
            explain_connect(inquiry);
        else
            explain_address(inquiry);
        break;
    default:
        explain_address(inquiry);
        break;
    }
}

void explain(const struct observation *seen, const struct facts *facts,
             struct explanation *ret_explanation)
{
    struct inquiry inquiry = {.seen = seen, .facts = facts, .out = ret_explanation};

    *ret_explanation = (struct explanation){0};
    if (operation_outcome(seen) != OUTCOME_FAILURE || seen->op == PT_OP_RELEASE)
        return;
    inquiry.asker = asker_of(seen, facts);
    settle(&inquiry);
    if (ret_explanation->confidence == CONFIDENCE_LOOKUP) {
        ret_explanation->looked_after_ns = inquiry_looked_after_ns(&inquiry);
        ret_explanation->looked_before = inquiry_looked_before(&inquiry);
    }
    ret_explanation->check = check_name(&inquiry);
    blockers_describe(&inquiry);
    write_sentence(&inquiry);
    strbuf_free(&inquiry.brief);
    strbuf_free(&inquiry.spare);
}

static void free_all(struct strbuf *texts, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        strbuf_free(&texts[i]);
}

void explanation_free(struct explanation *explanation)
{
    strbuf_free(&explanation->sentence);
    free_all(explanation->holder_lines, EXPLAIN_HOLDERS_MAX);
    free_all(explanation->notes, EXPLAIN_NOTES_MAX);
    free_all(explanation->helps, EXPLAIN_HELPS_MAX);
    *explanation = (struct explanation){0};
}

const char *confidence_name(enum confidence confidence)
{
    switch (confidence) {
    case CONFIDENCE_CHECK:
        return "kernel check";
    case CONFIDENCE_TABLE:
        return "table";
    case CONFIDENCE_LOOKUP:
        return "lookup";
    case CONFIDENCE_DEDUCED:
        return "deduced";
    case CONFIDENCE_NONE:
        break;
    }
    return "none";
}
