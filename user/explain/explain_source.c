// SPDX-License-Identifier: GPL-2.0
/* connect(): what the socket is bound to does not go with the peer's address. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "user/explain/asker.h"
#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"

static bool is_ipv4(const struct pt_endpoint *endpoint)
{
    return endpoint->family == AF_INET || words_is_mapped(endpoint);
}

/* An address that a former connect() gave it stays, too. */
static void add_source(struct strbuf *out, const struct inquiry *inquiry)
{
    bool connected = inquiry_refusal_flags(inquiry) & PT_REFUSAL_SOCKET_KNOWN &&
                     inquiry->seen->refusal.entry_state == WORDS_ESTABLISHED;

    strbuf_puts(out,
                connected ? "the socket is connected already, from " : "the socket is bound to ");
    endpoint_add_address(out, &inquiry->seen->local);
}

static void settle(struct inquiry *inquiry, enum reason reason)
{
    inquiry->out->reason = reason;
    inquiry->out->confidence = CONFIDENCE_DEDUCED;
}

static void settle_loopback(struct inquiry *inquiry)
{
    settle(inquiry, REASON_UNREACHABLE);
    add_source(&inquiry->brief, inquiry);
    strbuf_puts(&inquiry->brief, ", which cannot leave this host");
    strbuf_puts(inquiry_help(inquiry), "use a socket that is bound to another address, or to none");
    strbuf_puts(advice_route_get(inquiry), " (Invalid argument: there is no way from there)");
}

/* __mkroute_output(): nothing goes out by a device with such a source. */
static bool settle_invalid(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (!is_ipv4(&seen->requested) || !is_ipv4(&seen->local) || !words_is_loopback(&seen->local) ||
        peer_is_here(seen, inquiry->facts) || seen->socket.protocol == IPPROTO_SCTP)
        return false;
    settle_loopback(inquiry);
    return true;
}

/* bind() to an IPv6 address turns V6ONLY on. */
static bool settle_v6only(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (!words_is_mapped(&seen->requested) || !seen->socket_known ||
        !(seen->socket.options & PT_OPTION_V6ONLY))
        return false;
    settle(inquiry, REASON_WRONG_ADDRESS);
    if (words_is_specific(&seen->local)) {
        add_source(&inquiry->brief, inquiry);
        strbuf_puts(&inquiry->brief, ", which does not go with an IPv4-mapped address");
        strbuf_puts(inquiry_help(inquiry), "use a socket that is bound to [::] or to none, or an "
                                           "IPv4 socket");
    } else {
        strbuf_puts(&inquiry->brief, "an IPv4-mapped address does not go with V6ONLY");
        strbuf_puts(inquiry_help(inquiry), "turn IPV6_V6ONLY off, or use an IPv4 socket");
    }
    return true;
}

static bool settle_mapped(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (seen->requested.family != AF_INET6 || words_is_mapped(&seen->requested) ||
        !words_is_mapped(&seen->local))
        return false;
    settle(inquiry, REASON_WRONG_ADDRESS);
    add_source(&inquiry->brief, inquiry);
    strbuf_puts(&inquiry->brief, ", which reaches IPv4 only");
    strbuf_puts(inquiry_help(inquiry), "use a socket that is bound to an IPv6 address, or to none");
    return true;
}

bool explain_source(struct inquiry *inquiry)
{
    switch (inquiry->seen->error) {
    case EINVAL:
        return settle_invalid(inquiry);
    case ENETUNREACH:
        return settle_v6only(inquiry);
    case EAFNOSUPPORT:
        return settle_mapped(inquiry);
    default:
        return false;
    }
}

bool note_loopback_source(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    struct strbuf *note;

    if (!words_is_loopback(&seen->local) || peer_is_here(seen, inquiry->facts))
        return false;
    note = inquiry_note(inquiry);
    add_source(note, inquiry);
    strbuf_puts(note, ", to which no other host sends an answer");
    strbuf_puts(inquiry_help(inquiry), "use a socket that is bound to another address, or to none");
    return true;
}
