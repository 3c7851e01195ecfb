// SPDX-License-Identifier: GPL-2.0
#include "user/model/endpoint.h"

#include <arpa/inet.h>
#include <sys/socket.h>

bool endpoint_has_address(const struct pt_endpoint *endpoint)
{
    return endpoint->family == AF_INET || endpoint->family == AF_INET6;
}

void endpoint_add_address(struct strbuf *out, const struct pt_endpoint *endpoint)
{
    char text[INET6_ADDRSTRLEN];

    if (endpoint->family == AF_INET) {
        for (int i = 0; i < 4; i++) {
            if (i)
                strbuf_putc(out, '.');
            strbuf_uint(out, endpoint->address[i]);
        }
        return;
    }
    if (inet_ntop(endpoint->family, endpoint->address, text, sizeof(text)))
        strbuf_puts(out, text);
}

void endpoint_add(struct strbuf *out, const struct pt_endpoint *endpoint, const char *device)
{
    bool brackets = endpoint->family == AF_INET6;

    if (endpoint->family == 0) {
        strbuf_puts(out, "-");
        return;
    }
    if (!endpoint_has_address(endpoint)) {
        strbuf_printf(out, "family %u", endpoint->family);
        return;
    }
    if (brackets)
        strbuf_putc(out, '[');
    endpoint_add_address(out, endpoint);
    if (endpoint->scope_id)
        strbuf_printf(out, "%%%u", endpoint->scope_id);
    if (brackets)
        strbuf_putc(out, ']');
    if (device && device[0])
        strbuf_printf(out, "%%%s", device);
    strbuf_printf(out, ":%u", endpoint->port);
}
