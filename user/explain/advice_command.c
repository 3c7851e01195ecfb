// SPDX-License-Identifier: GPL-2.0
/* Commands that ask the host about the call's peer. */
#include "user/explain/inquiry.h"

#include <string.h>
#include <sys/socket.h>

#include "user/explain/socket_words.h"
#include "user/model/endpoint.h"

/* Routes know no IPv4 in IPv6, and its connections are among those of IPv4. */
static struct pt_endpoint without_mapping(const struct pt_endpoint *peer)
{
    struct pt_endpoint endpoint = {.family = AF_INET, .port = peer->port};

    if (!words_is_mapped(peer))
        return *peer;
    memcpy(endpoint.address, peer->address + 12, 4);
    return endpoint;
}

struct strbuf *advice_route_get(struct inquiry *inquiry)
{
    const struct pt_endpoint peer = without_mapping(&inquiry->seen->requested);
    struct strbuf *help = inquiry_help(inquiry);

    strbuf_puts(help, "ip route get ");
    endpoint_add_address(help, &peer);
    if (peer.scope_id)
        strbuf_printf(help, " oif if%u", peer.scope_id);
    return help;
}

struct strbuf *advice_connections(struct inquiry *inquiry)
{
    struct pt_endpoint peer = without_mapping(&inquiry->seen->requested);
    struct strbuf *help = inquiry_help(inquiry);

    peer.scope_id = 0; /* ss takes none */
    strbuf_puts(help, "ss -Htan \"dst ");
    endpoint_add(help, &peer, NULL);
    strbuf_puts(help, "\"");
    return help;
}
