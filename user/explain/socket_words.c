// SPDX-License-Identifier: GPL-2.0
#include "user/explain/socket_words.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "user/model/endpoint.h"

static const __u8 zeros[16];

static size_t address_size(const struct pt_endpoint *endpoint)
{
    return endpoint->family == AF_INET ? 4 : 16;
}

bool words_is_wildcard(const struct pt_endpoint *endpoint)
{
    return endpoint->family && !memcmp(endpoint->address, zeros, address_size(endpoint));
}

bool words_is_mapped(const struct pt_endpoint *endpoint)
{
    static const __u8 prefix[12] = {[10] = 0xff, [11] = 0xff};

    return endpoint->family == AF_INET6 && !memcmp(endpoint->address, prefix, sizeof(prefix));
}

struct pt_endpoint words_unmapped(const struct pt_endpoint *endpoint)
{
    struct pt_endpoint ipv4 = {.family = AF_INET, .port = endpoint->port};

    if (!words_is_mapped(endpoint))
        return *endpoint;
    memcpy(ipv4.address, endpoint->address + 12, 4);
    return ipv4;
}

bool words_is_any(const struct pt_endpoint *endpoint)
{
    return words_is_wildcard(endpoint) ||
           (words_is_mapped(endpoint) && !memcmp(endpoint->address + 12, zeros, 4));
}

bool words_is_specific(const struct pt_endpoint *endpoint)
{
    return endpoint_has_address(endpoint) && !words_is_any(endpoint);
}

bool words_is_loopback(const struct pt_endpoint *endpoint)
{
    static const __u8 one[16] = {[15] = 1};

    if (endpoint->family == AF_INET)
        return endpoint->address[0] == 127;
    if (words_is_mapped(endpoint))
        return endpoint->address[12] == 127;
    return endpoint->family == AF_INET6 && !memcmp(endpoint->address, one, sizeof(one));
}

bool words_is_multicast(const struct pt_endpoint *endpoint)
{
    if (endpoint->family == AF_INET)
        return (endpoint->address[0] & 0xf0) == 0xe0;
    return endpoint->family == AF_INET6 && endpoint->address[0] == 0xff;
}

bool words_needs_scope(const struct pt_endpoint *endpoint)
{
    unsigned int scope = endpoint->address[1] & 0x0f;

    if (endpoint->family != AF_INET6)
        return false;
    if (endpoint->address[0] == 0xff)
        return scope == 1 || scope == 2;
    return endpoint->address[0] == 0xfe && (endpoint->address[1] & 0xc0) == 0x80;
}

bool words_same_address(const struct pt_endpoint *one, const struct pt_endpoint *other)
{
    return one->family == other->family && !memcmp(one->address, other->address, address_size(one));
}

bool words_same_endpoint(const struct pt_endpoint *one, const struct pt_endpoint *other)
{
    return one->port == other->port && words_same_address(one, other);
}

bool words_is_stream(uint16_t protocol)
{
    return protocol == IPPROTO_TCP || protocol == WORDS_IPPROTO_MPTCP || protocol == IPPROTO_SCTP;
}

bool words_is_connected(const struct pt_socket *socket)
{
    return socket->state != WORDS_LISTEN && socket->state != WORDS_CLOSE &&
           socket->state != WORDS_TIME_WAIT && socket->state != 0;
}
