// SPDX-License-Identifier: GPL-2.0
/* Commands for the net namespace of the call, which need not be that of whoever reads them. */
#include "user/explain/inquiry.h"

#include <string.h>

#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"

static void note_elsewhere(struct inquiry *inquiry)
{
    if (!inquiry->elsewhere_noted)
        strbuf_printf(
            inquiry_note(inquiry),
            "the net namespace of the call, %u, is another than yours: the commands below "
            "are for that one",
            inquiry->seen->process.task.netns);
    inquiry->elsewhere_noted = true;
}

void advice_enter_netns(struct inquiry *inquiry, struct strbuf *out)
{
    const struct facts *facts = inquiry->facts;

    if (!facts->netns_elsewhere)
        return;
    if (facts->netns_name[0]) {
        strbuf_puts(out, "ip netns exec ");
        sanitize_add_quoted(out, facts->netns_name, strlen(facts->netns_name));
        strbuf_putc(out, ' ');
    } else if (facts->netns_pid) {
        strbuf_printf(out, "nsenter -t %u -n ", facts->netns_pid);
    } else {
        note_elsewhere(inquiry);
    }
}

struct strbuf *advice_command(struct inquiry *inquiry)
{
    struct strbuf *help = inquiry_help(inquiry);

    advice_enter_netns(inquiry, help);
    return help;
}

/* The way depends on where the packets come from, too. */
static void add_source(struct strbuf *out, const struct pt_endpoint *peer,
                       const struct pt_endpoint *local)
{
    const struct pt_endpoint source = words_unmapped(local);

    if (!words_is_specific(&source) || source.family != peer->family)
        return;
    strbuf_puts(out, " from ");
    endpoint_add_address(out, &source);
}

static void add_device(struct strbuf *out, const struct observation *seen)
{
    size_t size = strnlen(seen->socket.device, sizeof(seen->socket.device));

    if (seen->requested.scope_id) {
        strbuf_printf(out, " oif if%u", seen->requested.scope_id);
    } else if (size) {
        strbuf_puts(out, " oif ");
        sanitize_add_quoted(out, seen->socket.device, size);
    }
}

/* Routes know no IPv4 in IPv6, and its connections are among those of IPv4. */
struct strbuf *advice_route_get(struct inquiry *inquiry)
{
    const struct observation *seen = inquiry->seen;
    const struct pt_endpoint peer = words_unmapped(&seen->requested);
    struct strbuf *help = advice_command(inquiry);

    strbuf_puts(help, "ip route get ");
    endpoint_add_address(help, &peer);
    add_source(help, &peer, &seen->local);
    add_device(help, seen);
    return help;
}

struct strbuf *advice_connections(struct inquiry *inquiry)
{
    struct pt_endpoint peer = words_unmapped(&inquiry->seen->requested);
    struct strbuf *help = advice_command(inquiry);

    peer.scope_id = 0; /* ss takes none */
    strbuf_puts(help, "ss -Htan \"dst ");
    endpoint_add(help, &peer, NULL);
    strbuf_puts(help, "\"");
    return help;
}
