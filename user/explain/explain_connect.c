// SPDX-License-Identifier: GPL-2.0
/* connect(): no local port, no way, no answer. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"

/* Whether the socket had a port before; false in *ret_known: nobody looked. */
static bool had_port(const struct inquiry *inquiry, bool *ret_known)
{
    const struct observation *seen = inquiry->seen;

    *ret_known = true;
    if (inquiry_refusal_flags(inquiry) & PT_REFUSAL_SOCKET_KNOWN)
        return seen->refusal.entry_port;
    *ret_known = seen->implies_autobind;
    return false;
}

static bool is_loopback(const struct pt_endpoint *endpoint)
{
    static const __u8 one[16] = {[15] = 1};

    if (endpoint->family == AF_INET)
        return endpoint->address[0] == 127;
    if (words_is_mapped(endpoint))
        return endpoint->address[12] == 127;
    return endpoint->family == AF_INET6 && !memcmp(endpoint->address, one, sizeof(one));
}

/* connect() over IPv6 fails in the same way where no address of the host fits the peer's. */
static bool may_lack_source(const struct inquiry *inquiry)
{
    const struct pt_endpoint *peer = &inquiry->seen->requested;

    return inquiry_check(inquiry) != PT_CHECK_CONNECT && peer->family == AF_INET6 &&
           !words_is_mapped(peer) && !is_loopback(peer);
}

static void settle_duplicate(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    out->reason = REASON_DUPLICATE_CONNECTION;
    out->confidence = inquiry_confidence(inquiry);
    strbuf_printf(inquiry_note(inquiry),
                  "the socket was bound to port %u; the same port, address and peer make one "
                  "connection only, and TIME_WAIT counts",
                  inquiry->seen->refusal.entry_port);
    strbuf_puts(inquiry_help(inquiry), "do not bind() before connect(), or bind port 0: the kernel "
                                       "then takes a port that is free for this peer");
}

static void settle_exhausted(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    out->reason =
        inquiry_range_reserved(inquiry) ? REASON_RANGE_RESERVED : REASON_CONNECT_EXHAUSTED;
    out->confidence = inquiry_confidence(inquiry);
    strbuf_puts(inquiry_note(inquiry), "each connection to the same address and port needs a local "
                                       "port of its own");
    strbuf_puts(inquiry_help(inquiry), "keep connections and use them again, instead of one for "
                                       "each request");
    advice_range(inquiry);
    if (out->reason == REASON_CONNECT_EXHAUSTED) {
        if (inquiry->facts->netns_known && !inquiry->facts->tcp_tw_reuse)
            strbuf_puts(inquiry_help(inquiry), "sysctl -w net.ipv4.tcp_tw_reuse=1 (ports in "
                                               "TIME_WAIT can be used after a second)");
        strbuf_puts(inquiry_help(inquiry), "spread over more addresses, of this host (bind with "
                                           "IP_BIND_ADDRESS_NO_PORT) or of the peer");
    }
}

static void explain_no_local_port(struct inquiry *inquiry)
{
    bool known;

    if (had_port(inquiry, &known))
        settle_duplicate(inquiry);
    else if (known && !may_lack_source(inquiry))
        settle_exhausted(inquiry);
    else if (known)
        strbuf_puts(inquiry_note(inquiry), "either no local port is left for this peer, or this "
                                           "host has no IPv6 address to reach it from");
    else
        strbuf_puts(inquiry_note(inquiry), "either no local port is left for this peer, or the "
                                           "socket was bound to a port that has such a connection");
}

static void settle(struct inquiry *inquiry, enum reason reason)
{
    inquiry->out->reason = reason;
    inquiry->out->confidence = CONFIDENCE_DEDUCED;
}

static void explain_refused(struct inquiry *inquiry)
{
    const struct pt_endpoint *peer = &inquiry->seen->requested;

    settle(inquiry, REASON_NOBODY_LISTENS);
    if (is_loopback(peer))
        strbuf_printf(inquiry_help(inquiry),
                      "ss -Hltn \"sport = :%u\" (shows nothing: start the "
                      "server, or find the port that it has)",
                      peer->port);
    else
        strbuf_puts(inquiry_note(inquiry), "the peer is up and answered, or a firewall did for it");
}

static void explain_unreachable(struct inquiry *inquiry)
{
    const struct pt_endpoint *peer = &inquiry->seen->requested;
    struct strbuf *help;

    settle(inquiry, REASON_UNREACHABLE);
    if (!endpoint_has_address(peer))
        return;
    help = inquiry_help(inquiry);
    strbuf_puts(help, "ip route get ");
    endpoint_add_address(help, peer);
}

void explain_connect(struct inquiry *inquiry)
{
    switch (inquiry->seen->error) {
    case EADDRNOTAVAIL:
        explain_no_local_port(inquiry);
        break;
    case ECONNREFUSED:
        explain_refused(inquiry);
        break;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
        explain_unreachable(inquiry);
        break;
    case ETIMEDOUT:
        settle(inquiry, REASON_TIMED_OUT);
        strbuf_puts(inquiry_note(inquiry), "the peer is down, or something on the way drops what "
                                           "is sent to it");
        break;
    default:
        break;
    }
}
