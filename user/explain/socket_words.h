/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the explanation ask of a socket and of an address. */
#ifndef PORTTRACE_EXPLAIN_SOCKET_WORDS_H
#define PORTTRACE_EXPLAIN_SOCKET_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/holder.h"

#define WORDS_IPPROTO_MPTCP 262

/* As in include/net/tcp_states.h. */
enum words_state {
    WORDS_ESTABLISHED = 1,
    WORDS_SYN_SENT = 2,
    WORDS_SYN_RECV = 3,
    WORDS_FIN_WAIT1 = 4,
    WORDS_FIN_WAIT2 = 5,
    WORDS_TIME_WAIT = 6,
    WORDS_CLOSE = 7,
    WORDS_CLOSE_WAIT = 8,
    WORDS_LAST_ACK = 9,
    WORDS_LISTEN = 10,
    WORDS_CLOSING = 11,
    WORDS_NEW_SYN_RECV = 12,
};

/* 0.0.0.0 or ::, not ::ffff:0.0.0.0. */
bool words_is_wildcard(const struct pt_endpoint *endpoint);
/* IPv4 in IPv6, ::ffff:a.b.c.d. */
bool words_is_mapped(const struct pt_endpoint *endpoint);
/* As IPv4, if it is IPv4 in IPv6; else as it is. */
struct pt_endpoint words_unmapped(const struct pt_endpoint *endpoint);
/* A wildcard of either kind: 0.0.0.0, ::, ::ffff:0.0.0.0. */
bool words_is_any(const struct pt_endpoint *endpoint);
/* There is an address, and it is no wildcard. */
bool words_is_specific(const struct pt_endpoint *endpoint);
/* Link-local, and multicast of the link or the host: the address says nothing without a device. */
bool words_needs_scope(const struct pt_endpoint *endpoint);
bool words_is_loopback(const struct pt_endpoint *endpoint);
bool words_is_multicast(const struct pt_endpoint *endpoint);
bool words_same_address(const struct pt_endpoint *one, const struct pt_endpoint *other);
bool words_same_endpoint(const struct pt_endpoint *one, const struct pt_endpoint *other);

/* Connection oriented: TCP, MPTCP, SCTP; a holder in state CLOSE is only bound. */
bool words_is_stream(uint16_t protocol);
bool words_is_connected(const struct pt_socket *socket);

#endif
