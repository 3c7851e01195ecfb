/* SPDX-License-Identifier: GPL-2.0 */
/* Names for what struct pt_socket holds as numbers. */
#ifndef PORTTRACE_MODEL_SOCKETS_H
#define PORTTRACE_MODEL_SOCKETS_H

#include <linux/types.h>

#include "bpf/event.h"

#define SOCKET_OPTIONS        6
#define SOCKET_OPTION_LETTERS "FTNRr6"

struct socket_option {
    enum pt_option bit;
    char letter; /* bindsnoop's FTNRr, and 6 for V6ONLY */
    const char *name;
};

/* In the order of SOCKET_OPTION_LETTERS. */
extern const struct socket_option socket_options[SOCKET_OPTIONS];

/* "tcp", "udp", "udplite", "mptcp", "sctp", "ping", "raw"; NULL: none of these. */
const char *socket_protocol_name(const struct pt_socket *socket);

/* "stream", "dgram", "raw", "seqpacket"; NULL: none of these. */
const char *socket_type_name(unsigned int type);

/* "listen", "established", ...; NULL: no such state. */
const char *socket_state_name(unsigned int state);

/* The same, but "fin_wait2" of what is left of a connection that only this side has closed. */
const char *holder_state_name(const struct pt_holder *holder);

/* "ipv4", "ipv6"; NULL: neither. */
const char *socket_family_name(unsigned int family);

#endif
