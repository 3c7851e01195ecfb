// SPDX-License-Identifier: GPL-2.0
/* connect(): no local port, no way, no answer. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/asker.h"
#include "user/explain/ephemeral.h"
#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"

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

static bool may_be_tcp(const struct observation *seen)
{
    return !seen->socket_known || seen->socket.protocol == IPPROTO_TCP ||
           seen->socket.protocol == WORDS_IPPROTO_MPTCP;
}

static bool is_datagram(const struct observation *seen)
{
    return seen->socket_known && (seen->socket.type == SOCK_DGRAM || seen->socket.type == SOCK_RAW);
}

/*
 * The kernel chooses a source address that fits the peer's, unless the socket is bound to one. IPv4
 * does without if there is none, IPv6 refuses.
 */
static bool may_lack_source(const struct observation *seen)
{
    const struct pt_endpoint *peer = &seen->requested;

    return peer->family == AF_INET6 && !words_is_mapped(peer) && !words_is_specific(&seen->local);
}

static void settle_duplicate(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;

    out->reason = REASON_DUPLICATE_CONNECTION;
    out->confidence = inquiry_confidence(inquiry);
    strbuf_printf(inquiry_note(inquiry),
                  "the socket was bound to port %u; the same port, address and peer make one "
                  "connection only, and one in TIME_WAIT counts if it was without TCP timestamps",
                  inquiry->seen->refusal.entry_port);
    strbuf_puts(inquiry_help(inquiry), "do not bind() before connect(), or bind port 0: the kernel "
                                       "then takes a port that is free for this peer");
}

/* Whether one in TIME_WAIT is used again already, as far as it can be. */
static bool reuses_time_wait(const struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;

    return facts->tcp_tw_reuse == 1 ||
           (facts->tcp_tw_reuse == 2 && words_is_loopback(&inquiry->seen->requested));
}

static void settle_exhausted(struct inquiry *inquiry)
{
    inquiry->out->reason = REASON_CONNECT_EXHAUSTED;
    note_range(inquiry);
    strbuf_puts(inquiry_note(inquiry), "each connection to the same address and port needs a local "
                                       "port of its own, one that no socket was bound to");
    strbuf_puts(advice_connections(inquiry), " (if these are many: keep connections and use them "
                                             "again, instead of one for each request)");
    advice_range(inquiry);
    if (inquiry->facts->netns_known && !reuses_time_wait(inquiry))
        strbuf_puts(
            advice_command(inquiry),
            "sysctl -w net.ipv4.tcp_tw_reuse=1 (if many of these are in TIME-WAIT: they can be "
            "used again after a second)");
    strbuf_puts(inquiry_help(inquiry),
                "if these are many, spread over more addresses, of this host "
                "(bind with IP_BIND_ADDRESS_NO_PORT) or of the peer");
}

static void settle_without_port(struct inquiry *inquiry)
{
    inquiry->out->confidence = inquiry_confidence(inquiry);
    if (ephemeral_is_reserved(inquiry->seen, inquiry->facts)) {
        inquiry->out->reason = REASON_RANGE_RESERVED;
        note_range(inquiry);
        advice_range(inquiry);
    } else {
        settle_exhausted(inquiry);
    }
}

static void settle(struct inquiry *inquiry, enum reason reason)
{
    inquiry->out->reason = reason;
    inquiry->out->confidence = CONFIDENCE_DEDUCED;
}

/* The kernel answers the same to all of these. */
static void note_possible(struct inquiry *inquiry, bool bound, bool known, bool sourceless)
{
    struct strbuf *note = inquiry_note(inquiry);

    strbuf_puts(note, "either ");
    if (!bound)
        strbuf_puts(note, "no local port is left for this peer");
    if (!known)
        strbuf_puts(note, ", or ");
    if (bound || !known)
        strbuf_puts(note, "the socket was bound to a port that has such a connection");
    if (sourceless)
        strbuf_puts(note, ", or this host has no IPv6 address to reach it from");
}

static void settle_sourceless(struct inquiry *inquiry)
{
    inquiry->out->reason = REASON_UNREACHABLE;
    inquiry->out->confidence = inquiry_confidence(inquiry);
    strbuf_puts(&inquiry->brief, "this host has no IPv6 address to reach it from");
    advice_ipv6(inquiry);
    strbuf_puts(advice_command(inquiry), "ip -6 addr (the addresses that there are; one that is "
                                         "tentative cannot be used yet)");
}

static void explain_no_local_port(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    enum pt_check check = inquiry_check(inquiry);
    bool sourceless = check != PT_CHECK_CONNECT && may_lack_source(seen);
    bool known, bound = had_port(inquiry, &known);

    if (is_datagram(seen) || check == PT_CHECK_SOURCE) {
        if (sourceless)
            settle_sourceless(inquiry);
    } else if (may_be_tcp(seen)) {
        if (!known || sourceless)
            note_possible(inquiry, bound, known, sourceless);
        else if (bound)
            settle_duplicate(inquiry);
        else
            settle_without_port(inquiry);
    }
}

static const struct holder *find_listener(const struct inquiry *inquiry)
{
    const struct holders *holders = &inquiry->facts->holders;

    for (unsigned int i = 0; i < holders->count; i++) {
        const struct pt_holder *seen = &holders->at[i].seen;

        if (seen->socket.state == WORDS_LISTEN &&
            seen->socket.protocol == inquiry->asker.protocol &&
            seen->local.port == inquiry->asker.wanted.port)
            return &holders->at[i];
    }
    return NULL;
}

/* Of one device only: it is that of the connect. */
static bool serves(const struct inquiry *inquiry, const struct pt_holder *seen)
{
    int32_t device = seen->socket.device_ifindex;

    return rules_overlap(&inquiry->asker, seen) &&
           (!device || device == inquiry->asker.device_ifindex);
}

/* In this state, and at the address that is asked for. */
static const struct holder *find_there(const struct inquiry *inquiry, uint8_t state)
{
    const struct holders *holders = &inquiry->facts->holders;

    for (unsigned int i = 0; i < holders->count; i++) {
        const struct pt_holder *seen = &holders->at[i].seen;

        if (seen->socket.state == state && words_is_stream(seen->socket.protocol) &&
            serves(inquiry, seen))
            return &holders->at[i];
    }
    return NULL;
}

/* What listens on all addresses is reached at loopback. */
static void add_reachable(struct strbuf *out, const struct pt_endpoint *local)
{
    struct pt_endpoint to = words_unmapped(local);

    if (words_is_wildcard(&to) && to.family == AF_INET6)
        to.address[15] = 1;
    else if (words_is_wildcard(&to))
        memcpy(to.address, (const __u8[]){127, 0, 0, 1}, 4);
    endpoint_add(out, &to, NULL);
}

static void advise_elsewhere(struct inquiry *inquiry, const struct pt_holder *listener)
{
    struct strbuf *help = inquiry_help(inquiry);

    if (listener->socket.device_ifindex) {
        strbuf_puts(help, "let it listen without SO_BINDTODEVICE");
        return;
    }
    strbuf_puts(help, "connect to ");
    add_reachable(help, &listener->local);
    strbuf_puts(help, ", or let it listen on ");
    endpoint_add_address(help, &inquiry->seen->requested);
    strbuf_puts(help, " too");
}

/* As when a name means ::1 first, and the server has 127.0.0.1. */
static void tell_listener(struct inquiry *inquiry, const struct holder *listener)
{
    const struct pt_socket *socket = &listener->seen.socket;
    struct strbuf *note = inquiry_note(inquiry);
    struct strbuf device = {0};

    holder_name_add(note, listener);
    strbuf_puts(note, " listens on ");
    sanitize_add(&device, socket->device, strnlen(socket->device, sizeof(socket->device)));
    endpoint_add(note, &listener->seen.local, device.text);
    strbuf_free(&device);
    if (serves(inquiry, &listener->seen)) {
        strbuf_puts(note, " now");
        strbuf_puts(inquiry_help(inquiry), "try again");
        return;
    }
    strbuf_puts(note, ", which does not serve ");
    endpoint_add_address(note, &inquiry->seen->requested);
    advise_elsewhere(inquiry, &listener->seen);
}

static void tell_bound(struct inquiry *inquiry, const struct holder *bound)
{
    struct strbuf *note = inquiry_note(inquiry);

    holder_name_add(note, bound);
    strbuf_puts(note, " has the port, but does not listen yet");
    strbuf_puts(inquiry_help(inquiry), "try again when it has called listen()");
}

static void explain_refused(struct inquiry *inquiry)
{
    const struct pt_endpoint *peer = &inquiry->seen->requested;
    bool here = words_is_loopback(peer);
    const struct holder *listener = here ? find_listener(inquiry) : NULL;
    const struct holder *bound = here && !listener ? find_there(inquiry, WORDS_CLOSE) : NULL;

    settle(inquiry, REASON_NOBODY_LISTENS);
    if (listener)
        tell_listener(inquiry, listener);
    else if (bound)
        tell_bound(inquiry, bound);
    else if (here)
        strbuf_printf(advice_command(inquiry),
                      "ss -Hltn \"sport = :%u\" (shows nothing: start the "
                      "server, or find the port that it has)",
                      peer->port);
    else
        strbuf_puts(inquiry_note(inquiry), "the peer is up and answered, or a firewall did for it");
}

static void tell_full_queue(struct inquiry *inquiry, const struct holder *listener)
{
    struct strbuf *note = inquiry_note(inquiry);

    holder_name_add(note, listener);
    strbuf_puts(note, " listens on ");
    endpoint_add(note, &listener->seen.local, NULL);
    strbuf_puts(note, ": its queue of connections that wait to be accepted is likely full");
    strbuf_printf(advice_command(inquiry),
                  "ss -Hltn \"sport = :%u\" (Recv-Q above Send-Q: the queue is full)",
                  listener->seen.local.port);
    strbuf_puts(inquiry_help(inquiry), "let the server accept faster, or raise the backlog of its "
                                       "listen() and net.core.somaxconn, which limits it");
}

/* IPv4 keeps its routes when the device is taken down: then no answer comes. */
static bool tell_loopback_down(struct inquiry *inquiry)
{
    if (!inquiry->facts->lo_down || !words_is_loopback(&inquiry->seen->requested))
        return false;
    advice_loopback(inquiry);
    return true;
}

static void explain_timed_out(struct inquiry *inquiry)
{
    bool here = may_be_tcp(inquiry->seen) && peer_is_here(inquiry->seen, inquiry->facts);
    const struct holder *listener = here ? find_there(inquiry, WORDS_LISTEN) : NULL;

    settle(inquiry, REASON_TIMED_OUT);
    if (listener && !inquiry->facts->lo_down)
        tell_full_queue(inquiry, listener);
    else if (!tell_loopback_down(inquiry) && !note_loopback_source(inquiry))
        strbuf_puts(inquiry_note(inquiry), "the peer is down, its queue of connections that wait "
                                           "to be accepted is full, or something on the way drops "
                                           "what is sent to it");
}

static bool is_broadcast(const struct inquiry *inquiry, const struct pt_endpoint *peer)
{
    static const struct pt_endpoint everybody = {.family = AF_INET,
                                                 .address = {255, 255, 255, 255}};
    const struct facts *facts = inquiry->facts;

    /* Where there is no table of addresses yet, all of them are, but on no device. */
    return words_same_address(peer, &everybody) ||
           (facts->address == ADDRESS_MULTICAST && facts->address_device[0]);
}

/* The kernel says that there is no way, where there is none for a connection. */
static bool settle_many(struct inquiry *inquiry)
{
    const struct pt_endpoint peer = words_unmapped(&inquiry->seen->requested);
    bool multicast = words_is_multicast(&peer);

    if (inquiry->seen->error != ENETUNREACH || !inquiry->seen->socket_known ||
        !may_be_tcp(inquiry->seen) || !(multicast || is_broadcast(inquiry, &peer)))
        return false;
    settle(inquiry, REASON_WRONG_ADDRESS);
    strbuf_printf(&inquiry->brief, "a stream socket cannot connect to a %s address",
                  multicast ? "multicast" : "broadcast");
    strbuf_puts(inquiry_help(inquiry), "use a datagram socket for it, or the address of one host");
    return true;
}

static void explain_unreachable(struct inquiry *inquiry)
{
    if (explain_source(inquiry) || settle_many(inquiry))
        return;
    settle(inquiry, REASON_UNREACHABLE);
    if (tell_loopback_down(inquiry))
        return;
    note_loopback_source(inquiry);
    if (endpoint_has_address(&inquiry->seen->requested))
        advice_route_get(inquiry);
}

/* Of a socket whose connect failed meanwhile and whose error is gone, read by SO_ERROR. */
static void explain_aborted(struct inquiry *inquiry)
{
    if (!may_be_tcp(inquiry->seen))
        return;
    settle(inquiry, REASON_SOCKET_STATE);
    strbuf_puts(&inquiry->brief, "an earlier connect() of this socket has failed");
    strbuf_puts(inquiry_note(inquiry),
                "why was told before, by SO_ERROR, which tells it once only");
    strbuf_puts(inquiry_help(inquiry), "go by what SO_ERROR says when poll() tells that the socket "
                                       "can be written; use a new socket for another attempt");
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
        explain_timed_out(inquiry);
        break;
    case ECONNABORTED:
        explain_aborted(inquiry);
        break;
    default:
        break;
    }
}
