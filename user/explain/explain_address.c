// SPDX-License-Identifier: GPL-2.0
/* The address, the socket or the arguments are not what the call needs. */
#include "user/explain/inquiry.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"

#define SIZE_IPV4        16 /* struct sockaddr_in */
#define SIZE_IPV6        24 /* what the kernel asks of a sockaddr_in6: the scope may be missing */
#define SIZE_MAX_ADDRESS 128

static void settle(struct inquiry *inquiry, enum reason reason)
{
    inquiry->out->reason = reason;
    inquiry->out->confidence = inquiry_confidence(inquiry);
}

static void add_device(struct strbuf *out, const char *device)
{
    sanitize_add_quoted(out, device, strnlen(device, PT_DEVICE_SIZE));
}

static void settle_absent(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool is_ipv6 = seen->requested.family == AF_INET6 && !words_is_mapped(&seen->requested);

    settle(inquiry, REASON_ADDRESS_ABSENT);
    if (inquiry->facts->address == ADDRESS_UNKNOWN && is_ipv6)
        strbuf_puts(inquiry_note(inquiry),
                    "or the host has it, but it is still tentative: duplicate address detection "
                    "takes a second or two");
    if (is_ipv6)
        advice_ipv6(inquiry);
    strbuf_printf(advice_command(inquiry), "ip %saddr (the addresses that this host has)",
                  is_ipv6 ? "-6 " : "-4 ");
    strbuf_printf(inquiry_help(inquiry), "bind %s, and it serves every address",
                  is_ipv6 ? "[::]" : "0.0.0.0");
    strbuf_printf(advice_command(inquiry),
                  "sysctl -w net.ipv%d.ip_nonlocal_bind=1, or set %s on the socket, where the "
                  "address comes later",
                  is_ipv6 ? 6 : 4, is_ipv6 ? "IPV6_FREEBIND" : "IP_FREEBIND");
}

/* An address that is there cannot be added, and what changes it does not end its detection. */
static void advise_nodad(struct inquiry *inquiry)
{
    const char *device = inquiry->facts->address_device;
    struct pt_endpoint address = inquiry->seen->requested;
    struct strbuf *help = advice_command(inquiry);

    address.scope_id = 0;
    for (unsigned int i = 0; i < 2; i++) {
        if (i) {
            strbuf_puts(help, " && ");
            advice_enter_netns(inquiry, help);
        }
        strbuf_printf(help, "ip addr %s ", i ? "add" : "del");
        endpoint_add_address(help, &address);
        strbuf_puts(help, "/LENGTH dev ");
        if (device[0])
            add_device(help, device);
        else
            strbuf_puts(help, "DEVICE");
    }
    strbuf_puts(help, " nodad (LENGTH as ip addr shows it)");
}

/* Without a way out of the device there is nobody to ask whether he has the address. */
static void advise_carrier(struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;
    struct strbuf *note = inquiry_note(inquiry), *help;

    strbuf_puts(note, "duplicate address detection waits (tentative) until ");
    add_device(note, facts->address_device);
    strbuf_puts(note, facts->address_device_down ? " is up" : " has a carrier");
    help = advice_command(inquiry);
    strbuf_printf(help, "ip link %s ", facts->address_device_down ? "set" : "show");
    add_device(help, facts->address_device);
    strbuf_puts(help, facts->address_device_down
                          ? " up"
                          : " (NO-CARRIER: connect it, or set its other end up)");
}

static void settle_tentative(struct inquiry *inquiry)
{
    const struct facts *facts = inquiry->facts;

    settle(inquiry, REASON_ADDRESS_TENTATIVE);
    if (facts->address == ADDRESS_DUPLICATE) {
        strbuf_puts(&inquiry->brief, "another host has this IPv6 address too");
        strbuf_puts(inquiry_note(inquiry), "duplicate address detection has failed: waiting does "
                                           "not help");
        strbuf_puts(advice_command(inquiry), "ip -6 addr show dadfailed (then give this host "
                                             "another address)");
        return;
    }
    if (facts->address_device_down || facts->address_device_no_carrier) {
        advise_carrier(inquiry);
    } else {
        strbuf_puts(inquiry_note(inquiry), "duplicate address detection still runs (tentative); "
                                           "it takes a second or two");
        strbuf_puts(inquiry_help(inquiry), "try again in a moment; a service can be started after "
                                           "network-online.target");
    }
    strbuf_puts(inquiry_help(inquiry), "set IPV6_FREEBIND on the socket before bind()");
    advise_nodad(inquiry);
}

static void settle_elsewhere(struct inquiry *inquiry)
{
    const char *device = inquiry->facts->address_device;
    struct strbuf *text;

    settle(inquiry, REASON_OTHER_VRF);
    if (!device[0])
        return;
    text = inquiry_note(inquiry);
    strbuf_puts(text, "the address is on ");
    add_device(text, device);
    text = inquiry_help(inquiry);
    if (inquiry->facts->address == ADDRESS_OTHER_VRF) {
        strbuf_puts(text, "ip vrf exec ");
        add_device(text, device);
        strbuf_puts(text, " COMMAND, or set SO_BINDTODEVICE to it before bind()");
    } else {
        strbuf_puts(text, "write the address with its device: ");
        endpoint_add_address(text, &inquiry->seen->requested);
        strbuf_putc(text, '%');
        add_device(text, device);
    }
}

static void explain_not_available(struct inquiry *inquiry)
{
    switch (inquiry->facts->address) {
    case ADDRESS_ABSENT:
        settle_absent(inquiry);
        break;
    case ADDRESS_TENTATIVE:
    case ADDRESS_DUPLICATE:
        settle_tentative(inquiry);
        break;
    case ADDRESS_OTHER_VRF:
    case ADDRESS_OTHER_DEVICE:
        settle_elsewhere(inquiry);
        break;
    case ADDRESS_LOCAL:
        strbuf_puts(inquiry_note(inquiry), "the host has this address now: it came after the "
                                           "call, or was not usable yet");
        strbuf_puts(inquiry_help(inquiry), "try again");
        break;
    case ADDRESS_UNKNOWN:
        if (inquiry_check(inquiry) == PT_CHECK_ADDRESS)
            settle_absent(inquiry);
        break;
    case ADDRESS_WILDCARD:
    case ADDRESS_MULTICAST:
        break;
    }
}

static uint16_t family_of(const struct observation *seen)
{
    return seen->socket_known ? seen->socket.family : seen->requested.family;
}

/* A call that nobody has made gives no size. */
static bool has_wrong_size(const struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    uint32_t needed = family_of(seen) == AF_INET6 ? SIZE_IPV6 : SIZE_IPV4;

    if (seen->op == PT_OP_LISTEN || seen->op == PT_OP_AUTOBIND || !family_of(seen) ||
        (inquiry_is_question(inquiry) && !seen->address_size))
        return false;
    return seen->address_size < needed || seen->address_size > SIZE_MAX_ADDRESS;
}

static void settle_size(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool is_ipv6 = family_of(seen) == AF_INET6;

    settle(inquiry, REASON_WRONG_ADDRESS);
    strbuf_printf(&inquiry->brief, "the address it gave has %d bytes", (int)seen->address_size);
    strbuf_printf(inquiry_note(inquiry), "an %s socket takes %d to %d bytes",
                  is_ipv6 ? "IPv6" : "IPv4", is_ipv6 ? SIZE_IPV6 : SIZE_IPV4, SIZE_MAX_ADDRESS);
    strbuf_printf(inquiry_help(inquiry), "pass sizeof(struct sockaddr_%s)", is_ipv6 ? "in6" : "in");
}

static void settle_scope(struct inquiry *inquiry)
{
    const char *device = inquiry->facts->address_device;
    struct strbuf *help = inquiry_help(inquiry);

    settle(inquiry, REASON_SCOPE_MISSING);
    strbuf_puts(help, "write the address with its device: ");
    endpoint_add_address(help, &inquiry->seen->requested);
    strbuf_putc(help, '%');
    if (device[0]) {
        add_device(help, device);
    } else {
        strbuf_puts(help, "DEVICE (in a program: sin6_scope_id)");
        strbuf_puts(advice_command(inquiry),
                    words_is_multicast(&inquiry->seen->requested)
                        ? "ip link (the devices that there are)"
                        : "ip -6 addr show scope link (which device has it)");
    }
}

static bool entry_known(const struct inquiry *inquiry)
{
    return inquiry_refusal_flags(inquiry) & PT_REFUSAL_SOCKET_KNOWN;
}

/* Connecting, connected, closing: bind() and listen() want a socket that is none of these. */
static bool is_under_way(const struct inquiry *inquiry)
{
    unsigned int state = inquiry->seen->refusal.entry_state;

    return entry_known(inquiry) && state && state != WORDS_CLOSE;
}

static void settle_state(struct inquiry *inquiry)
{
    unsigned int state = inquiry->seen->refusal.entry_state;
    const char *name = entry_known(inquiry) ? socket_state_name(state) : NULL;

    settle(inquiry, REASON_SOCKET_STATE);
    if (name && state != WORDS_CLOSE)
        strbuf_printf(&inquiry->brief, "the socket is in state %s and cannot do that", name);
    strbuf_puts(inquiry_help(inquiry), "use a new socket for it");
}

static void settle_already_bound(struct inquiry *inquiry)
{
    settle(inquiry, REASON_ALREADY_BOUND);
    strbuf_printf(inquiry_note(inquiry), "the socket had port %u before this call",
                  inquiry->seen->refusal.entry_port);
    strbuf_puts(inquiry_help(inquiry), "bind() a socket once, before connect() and listen(); use a "
                                       "new socket for another address");
}

static void settle_words(struct inquiry *inquiry, const char *brief, const char *help)
{
    settle(inquiry, REASON_WRONG_ADDRESS);
    strbuf_puts(&inquiry->brief, brief);
    strbuf_puts(inquiry_help(inquiry), help);
}

static bool lacks_scope(const struct observation *seen)
{
    return words_needs_scope(&seen->requested) && !seen->requested.scope_id && seen->socket_known &&
           !seen->socket.device_ifindex;
}

/* In the order of __inet_bind() and __inet6_bind(). */
static void explain_invalid_bind(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    bool is_stream = seen->socket_known && seen->socket.type == SOCK_STREAM;

    if (has_wrong_size(inquiry))
        settle_size(inquiry);
    else if (is_stream && seen->requested.family == AF_INET6 &&
             words_is_multicast(&seen->requested))
        settle_words(inquiry, "a stream socket cannot have a multicast address",
                     "bind a datagram socket to it, or another address");
    else if (entry_known(inquiry) && seen->refusal.entry_port)
        settle_already_bound(inquiry);
    else if (is_under_way(inquiry))
        settle_state(inquiry);
    else if (words_is_mapped(&seen->requested) && seen->socket_known &&
             seen->socket.options & PT_OPTION_V6ONLY)
        settle_words(inquiry, "an IPv4-mapped address does not go with V6ONLY",
                     "turn IPV6_V6ONLY off, or use an IPv4 socket");
    else if (lacks_scope(seen))
        settle_scope(inquiry);
}

/* There are other causes, which nobody can see from here. */
static void note_blackhole(struct inquiry *inquiry)
{
    strbuf_puts(inquiry_note(inquiry),
                "the kernel answers this for a route or rule of type blackhole");
    strbuf_puts(advice_route_get(inquiry), " (Invalid argument: it is one, that ip route or ip "
                                           "rule shows)");
}

static void explain_invalid_connect(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (has_wrong_size(inquiry))
        settle_size(inquiry);
    else if (lacks_scope(seen))
        settle_scope(inquiry);
    else if (seen->plan && seen->stage == PT_STAGE_PROTOCOL &&
             endpoint_has_address(&seen->requested) && !explain_source(inquiry))
        note_blackhole(inquiry);
}

static void explain_invalid(struct inquiry *inquiry)
{
    switch (inquiry->seen->op) {
    case PT_OP_BIND:
        explain_invalid_bind(inquiry);
        break;
    case PT_OP_LISTEN:
        if (is_under_way(inquiry))
            settle_state(inquiry);
        break;
    case PT_OP_CONNECT:
        explain_invalid_connect(inquiry);
        break;
    default:
        break;
    }
}

/* An address of family AF_UNSPEC is read as one of IPv4, as the kernel does. */
static void explain_same_family(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    if (seen->stage != PT_STAGE_PROTOCOL)
        return;
    if (seen->op == PT_OP_BIND && seen->requested.family == AF_INET)
        settle_words(inquiry, "an address of family AF_UNSPEC has to be 0.0.0.0",
                     "set sin_family to AF_INET");
    else if (seen->op != PT_OP_CONNECT || !explain_source(inquiry))
        settle(inquiry, REASON_WRONG_ADDRESS);
}

static void explain_family(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    const char *socket = socket_family_name(family_of(seen));
    const char *address = socket_family_name(seen->requested.family);

    if (seen->socket_known && seen->socket.family == seen->requested.family) {
        explain_same_family(inquiry);
        return;
    }
    settle(inquiry, REASON_WRONG_ADDRESS);
    if (seen->socket_known && socket && address)
        strbuf_printf(&inquiry->brief, "the socket is %s and the address %s", socket, address);
    else if (seen->socket_known && socket)
        strbuf_printf(&inquiry->brief, "the address is of a family that an %s socket does not take",
                      socket);
    strbuf_puts(inquiry_help(inquiry), "create the socket with the family of the address, as "
                                       "getaddrinfo() returns it");
}

static void explain_argument(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    settle(inquiry, REASON_BAD_ARGUMENT);
    if (seen->error == EFAULT)
        strbuf_puts(&inquiry->brief, "the address is not in readable memory");
    else if (seen->error == ENOTSOCK)
        strbuf_printf(&inquiry->brief, "descriptor %d is not a socket", seen->fd);
    else if (seen->fd < 0)
        strbuf_printf(&inquiry->brief, "%d is not a descriptor", seen->fd);
    else
        strbuf_printf(&inquiry->brief, "descriptor %d is not open, or by O_PATH only", seen->fd);
    if (seen->error == EBADF)
        strbuf_puts(inquiry_help(inquiry), "look at what socket() returned, and at who closed the "
                                           "descriptor");
}

static void explain_device(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;

    settle(inquiry, REASON_SCOPE_WRONG);
    if (seen->requested.scope_id)
        strbuf_printf(&inquiry->brief, "no device has the index %u, which is its scope",
                      seen->requested.scope_id);
    strbuf_puts(advice_command(inquiry), "ip link (the devices and their indices)");
}

static void explain_not_supported(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    const char *protocol = inquiry_protocol(inquiry);

    settle(inquiry, REASON_NOT_SUPPORTED);
    if (seen->op == PT_OP_LISTEN && protocol[0])
        strbuf_printf(&inquiry->brief, "a %s socket cannot listen", protocol);
    if (seen->op == PT_OP_LISTEN)
        strbuf_puts(inquiry_help(inquiry), "datagrams are received without listen(): bind() is "
                                           "enough");
}

void explain_address(struct inquiry *inquiry)
{
    switch (inquiry->seen->error) {
    case EADDRNOTAVAIL:
        explain_not_available(inquiry);
        break;
    case EINVAL:
        explain_invalid(inquiry);
        break;
    case EAFNOSUPPORT:
        explain_family(inquiry);
        break;
    case EBADF:
    case ENOTSOCK:
    case EFAULT:
        explain_argument(inquiry);
        break;
    case ENODEV:
        explain_device(inquiry);
        break;
    case EOPNOTSUPP:
        explain_not_supported(inquiry);
        break;
    case EISCONN:
    case EALREADY:
        settle_state(inquiry);
        break;
    default:
        break;
    }
}
