// SPDX-License-Identifier: GPL-2.0
/* EADDRINUSE: which rule it was, by the socket in the way. */
#include "user/explain/inquiry.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "user/explain/ephemeral.h"
#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"

static bool is_ipv6(uint16_t family, const struct pt_endpoint *endpoint)
{
    if (words_is_mapped(endpoint))
        return false;
    return (family ? family : endpoint->family) == AF_INET6;
}

static bool families_differ(const struct rules_asker *asker, const struct pt_holder *holder)
{
    return is_ipv6(asker->family, &asker->wanted) != is_ipv6(holder->socket.family, &holder->local);
}

static bool wildcard_against_specific(const struct rules_asker *asker,
                                      const struct pt_holder *holder)
{
    return words_is_any(&asker->wanted) != words_is_any(&holder->local);
}

static bool shares_when_both_have(const struct rules_asker *asker, const struct pt_holder *holder,
                                  uint32_t option)
{
    struct rules_asker asks = *asker;
    struct pt_holder holds = *holder;

    asks.options |= option;
    holds.socket.options |= option;
    return !rules_conflict(&asks, &holds);
}

/* One side has the option, and if the other had it too, these two would share the port. */
static bool one_side_lacks(const struct rules_asker *asker, const struct pt_holder *holder,
                           uint32_t option)
{
    return (asker->options ^ holder->socket.options) & option &&
           shares_when_both_have(asker, holder, option);
}

static bool is_outgoing(const struct pt_holder *holder)
{
    if (holder->flags & PT_HOLDER_BUCKET_KNOWN && holder->fastreuse == -1 &&
        holder->fastreuseport == -1)
        return true;
    return holder->taken_by == PT_OP_CONNECT || holder->taken_by == PT_OP_AUTOBIND;
}

static enum reason reason_of_overlap(const struct rules_asker *asker,
                                     const struct pt_holder *holder, enum reason otherwise)
{
    if (families_differ(asker, holder))
        return REASON_DUAL_STACK;
    return wildcard_against_specific(asker, holder) ? REASON_WILDCARD : otherwise;
}

static enum reason reason_of_bound(const struct rules_asker *asker, const struct pt_holder *holder)
{
    if (one_side_lacks(asker, holder, PT_OPTION_REUSEADDR))
        return REASON_REUSEADDR;
    return reason_of_overlap(asker, holder, REASON_BOUND);
}

static enum reason reason_of_port_sharing(const struct rules_asker *asker,
                                          const struct pt_holder *holder)
{
    uint32_t uid;

    if (asker->options & holder->socket.options & PT_OPTION_REUSEPORT &&
        rules_holder_uid(holder, &uid) && uid != asker->uid)
        return REASON_REUSEPORT_USER;
    return one_side_lacks(asker, holder, PT_OPTION_REUSEPORT) ? REASON_REUSEPORT : REASON_UNKNOWN;
}

static enum reason reason_of_holder(const struct rules_asker *asker, const struct pt_holder *holder)
{
    enum reason sharing;

    if (holder->flags & PT_HOLDER_KERNEL)
        return REASON_KERNEL_SOCKET;
    if (words_is_stream(holder->socket.protocol) && holder->socket.state == WORDS_TIME_WAIT)
        return REASON_TIME_WAIT;
    sharing = reason_of_port_sharing(asker, holder);
    if (sharing)
        return sharing;
    if (words_is_stream(holder->socket.protocol)) {
        if (holder->socket.state == WORDS_LISTEN)
            return reason_of_overlap(asker, holder, REASON_LISTENER);
        if (words_is_connected(&holder->socket) && is_outgoing(holder))
            return REASON_OUTGOING;
        /* What was accepted has not asked for its port: a connection that did goes out from it. */
        if (words_is_connected(&holder->socket) && !(holder->flags & PT_HOLDER_BOUND))
            return REASON_CONNECTION;
    } else if (is_outgoing(holder) && !(holder->flags & PT_HOLDER_BOUND)) {
        return REASON_OUTGOING;
    }
    return reason_of_bound(asker, holder);
}

static enum confidence confidence_of(const struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;

    if (!out->holder_count || out->holders[0] != &out->hit)
        return CONFIDENCE_LOOKUP;
    switch (out->hit.seen.source) {
    case PT_HOLDER_CHECK:
        return CONFIDENCE_CHECK;
    case PT_HOLDER_TABLE:
        return CONFIDENCE_TABLE;
    default:
        return CONFIDENCE_LOOKUP;
    }
}

static bool was_anybody_there(const struct inquiry *inquiry)
{
    const struct holders *holders = &inquiry->facts->holders;

    for (unsigned int i = 0; i < holders->count; i++)
        if (!blockers_came_later(inquiry, &holders->at[i].seen))
            return true;
    return false;
}

static void note_searched_in_vain(struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    struct strbuf *note = inquiry_note(inquiry);

    strbuf_puts(note, "no socket in the way was found");
    if (inquiry_looked_before(inquiry)) {
        strbuf_puts(note, " before the call");
        return;
    }
    if (facts->looked_at_ns) {
        strbuf_puts(note, " ");
        span_add(note, inquiry_looked_after_ns(inquiry));
        strbuf_puts(note, " after the call");
    }
    if (!facts->holders_complete)
        strbuf_puts(note, "; not all sockets could be looked at");
    else if (was_anybody_there(inquiry))
        strbuf_puts(note, ": those on that port are in nobody's way by the rules that are known");
    else
        strbuf_puts(note, ": it must have been closed in between");
}

/* The words of the reason say "another process"; often enough it is the same one. */
static void brief_of_own_holder(struct inquiry *inquiry, const struct holder *holder)
{
    struct strbuf *brief = &inquiry->brief;

    if (holder_is_gone(holder)) {
        strbuf_puts(brief, "a socket that it opened before was in the way");
        return;
    }
    switch (inquiry->out->reason) {
    case REASON_LISTENER:
        strbuf_puts(brief, "it listens there already, with another socket");
        break;
    case REASON_BOUND:
        strbuf_puts(brief, "it has the port already, with another socket");
        break;
    case REASON_DUAL_STACK:
    case REASON_WILDCARD:
        strbuf_puts(brief, "its own socket on ");
        endpoint_add(brief, &holder->seen.local, NULL);
        strbuf_puts(brief, " is in the way");
        break;
    default:
        break;
    }
}

/* It may be the same socket, inherited, so that the words of the reason would not be true. */
static void brief_of_ancestor(struct inquiry *inquiry, const struct pt_task *ancestor)
{
    const char *who = kinship_is_parent(inquiry, ancestor) ? "parent" : "ancestor";

    if (inquiry->out->reason == REASON_LISTENER)
        strbuf_printf(&inquiry->brief, "its own %s listens there", who);
    else if (inquiry->out->reason == REASON_BOUND)
        strbuf_printf(&inquiry->brief, "its own %s has the port", who);
}

static void brief_of_dual_stack(struct inquiry *inquiry, const struct pt_holder *seen)
{
    struct strbuf *brief = &inquiry->brief;

    strbuf_puts(brief, "another process has ");
    endpoint_add(brief, &seen->local, NULL);
    strbuf_puts(brief, is_ipv6(seen->socket.family, &seen->local)
                           ? ", which takes IPv4 too"
                           : ", and [::] without V6ONLY takes IPv4 too");
}

static void brief_of_time_wait(struct inquiry *inquiry)
{
    struct strbuf *brief = &inquiry->brief;

    strbuf_puts(brief, "a closed connection keeps the port");
    if (inquiry->wait_ns) {
        strbuf_puts(brief, " for ");
        span_add(brief, inquiry->wait_ns);
        strbuf_puts(brief, " more");
    }
    strbuf_puts(brief, inquiry->half_closed
                           ? ", or longer, since its other end is open still (FIN_WAIT2)"
                           : " (TIME_WAIT)");
}

static void write_brief(struct inquiry *inquiry)
{
    const struct pt_holder *seen = &inquiry->primary->seen;
    const struct pt_task *ancestor = kinship_ancestor(inquiry, inquiry->primary);
    struct strbuf *brief = &inquiry->brief;

    inquiry->out->is_own = holder_is_callers(inquiry->primary, inquiry->seen);
    inquiry->out->is_ancestors = ancestor && !inquiry->out->is_own;
    if (inquiry->out->is_own)
        brief_of_own_holder(inquiry, inquiry->primary);
    else if (ancestor)
        brief_of_ancestor(inquiry, ancestor);
    if (brief->length)
        return;
    switch (inquiry->out->reason) {
    case REASON_TIME_WAIT:
        brief_of_time_wait(inquiry);
        break;
    case REASON_DUAL_STACK:
        brief_of_dual_stack(inquiry, seen);
        break;
    case REASON_WILDCARD:
        strbuf_printf(brief, "another process %s ",
                      seen->socket.state == WORDS_LISTEN ? "listens on" : "has");
        endpoint_add(brief, &seen->local, NULL);
        strbuf_puts(brief, words_is_any(&seen->local) ? ", which is every address" : "");
        break;
    case REASON_OUTGOING:
        if (!words_is_connected(&seen->socket))
            strbuf_puts(brief, "a socket that sends was given this port");
        break;
    case REASON_KERNEL_SOCKET:
        strbuf_puts(brief, "the kernel itself has the port");
        if (kernel_socket_guess(seen))
            strbuf_printf(brief, ", likely for %s", kernel_socket_guess(seen));
        break;
    default:
        break;
    }
}

/*
 * What the kernel hit first may be one of the connections of a server that still listens, or what
 * remains of one: the listener is what matters then.
 */
static const struct holder *find_primary(const struct explanation *out)
{
    if (words_is_connected(&out->holders[0]->seen.socket) ||
        out->holders[0]->seen.socket.state == WORDS_TIME_WAIT) {
        for (unsigned int i = 1; i < out->holder_count; i++) {
            if (out->holders[i]->seen.socket.state == WORDS_LISTEN)
                return out->holders[i];
        }
    }
    return out->holders[0];
}

enum reason explain_reason_in_use(struct inquiry *inquiry)
{
    const struct pt_holder *primary;

    blockers_find(inquiry);
    if (!inquiry->out->holder_count)
        return REASON_UNKNOWN;
    inquiry->primary = find_primary(inquiry->out);
    primary = &inquiry->primary->seen;
    if (inquiry->asker.op == PT_OP_LISTEN && primary->socket.state == WORDS_LISTEN &&
        !(primary->flags & PT_HOLDER_KERNEL))
        return REASON_LISTENS_ALREADY;
    return reason_of_holder(&inquiry->asker, primary);
}

void explain_in_use(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    out->reason = explain_reason_in_use(inquiry);
    if (!out->reason) {
        /* With a port of its own a socket comes to the kernel's check only as a listener. */
        if (inquiry->seen->op == PT_OP_LISTEN) {
            out->reason = REASON_LISTENS_ALREADY;
            out->confidence = CONFIDENCE_DEDUCED;
        }
        note_searched_in_vain(inquiry);
        advice_free_ports(inquiry, "use a free port: ");
        return;
    }
    out->confidence = confidence_of(inquiry);
    write_brief(inquiry);
    advice_in_use(inquiry);
}

void explain_no_port(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    out->reason = ephemeral_is_reserved(inquiry->seen, inquiry->facts) ? REASON_RANGE_RESERVED
                                                                       : REASON_RANGE_EXHAUSTED;
    out->confidence = inquiry_confidence(inquiry);
    note_range(inquiry);
    advice_range(inquiry);
}
