// SPDX-License-Identifier: GPL-2.0
#include "user/cli/question_match.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define MAPPED 12 /* bytes before the IPv4 address in a mapped one */

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static bool means_protocol(const struct question *question, uint16_t protocol)
{
    return !question->protocol || protocol == question->protocol ||
           (question->protocol == IPPROTO_TCP && protocol == IPPROTO_MPTCP);
}

static size_t address_size(uint16_t family)
{
    return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

static bool is_wildcard(const struct pt_endpoint *endpoint)
{
    static const unsigned char zeros[sizeof(endpoint->address)];

    return !memcmp(endpoint->address, zeros, address_size(endpoint->family));
}

/* The same, or one of them is all addresses of the family. */
static bool overlaps(const struct pt_endpoint *wanted, const struct pt_endpoint *local)
{
    return is_wildcard(wanted) || is_wildcard(local) ||
           !memcmp(wanted->address, local->address, address_size(wanted->family));
}

/* What an IPv6 socket has of IPv4; .family 0: nothing. */
static struct pt_endpoint ipv4_of(const struct pt_holder *seen)
{
    struct pt_endpoint mapped = {.port = seen->local.port};

    if (is_wildcard(&seen->local) && !(seen->socket.options & PT_OPTION_V6ONLY)) {
        mapped.family = AF_INET;
    } else if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)seen->local.address)) {
        mapped.family = AF_INET;
        memcpy(mapped.address, seen->local.address + MAPPED, sizeof(struct in_addr));
    }
    return mapped;
}

static bool means_endpoint(const struct pt_endpoint *wanted, const struct pt_holder *seen)
{
    struct pt_endpoint mapped;

    if (wanted->family == seen->local.family)
        return overlaps(wanted, &seen->local);
    if (wanted->family == AF_INET6)
        return is_wildcard(wanted); /* unless it asks for IPv6 only */
    mapped = ipv4_of(seen);
    return mapped.family && overlaps(wanted, &mapped);
}

static bool means_address(const struct question *question, const struct pt_holder *seen)
{
    static const struct pt_endpoint localhost = {.family = AF_INET, .address = {127, 0, 0, 1}};
    static const struct pt_endpoint localhost6 = {.family = AF_INET6, .address = {[15] = 1}};

    if (question->localhost)
        return means_endpoint(&localhost, seen) || means_endpoint(&localhost6, seen);
    return question->any_address || means_endpoint(&question->endpoint, seen);
}

bool question_means(const struct question *question, const struct pt_holder *seen)
{
    return seen->local.port == question->endpoint.port &&
           means_protocol(question, seen->socket.protocol) && means_address(question, seen);
}
