// SPDX-License-Identifier: GPL-2.0
#include "user/model/sockets.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* libc headers older than the protocol do not have it. */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define STATE_FIN_WAIT2 5 /* as in include/net/tcp_states.h */

const struct socket_option socket_options[SOCKET_OPTIONS] = {
    {PT_OPTION_FREEBIND, 'F', "FREEBIND"},
    {PT_OPTION_TRANSPARENT, 'T', "TRANSPARENT"},
    {PT_OPTION_BIND_ADDRESS_NO_PORT, 'N', "BIND_ADDRESS_NO_PORT"},
    {PT_OPTION_REUSEADDR, 'R', "REUSEADDR"},
    {PT_OPTION_REUSEPORT, 'r', "REUSEPORT"},
    {PT_OPTION_V6ONLY, '6', "V6ONLY"},
};

const char *socket_protocol_name(const struct pt_socket *socket)
{
    if (socket->type == SOCK_RAW)
        return "raw";
    switch (socket->protocol) {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_UDPLITE:
        return "udplite";
    case IPPROTO_MPTCP:
        return "mptcp";
    case IPPROTO_SCTP:
        return "sctp";
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return "ping";
    default:
        return NULL;
    }
}

const char *socket_type_name(unsigned int type)
{
    switch (type) {
    case SOCK_STREAM:
        return "stream";
    case SOCK_DGRAM:
        return "dgram";
    case SOCK_RAW:
        return "raw";
    case SOCK_SEQPACKET:
        return "seqpacket";
    default:
        return NULL;
    }
}

const char *socket_state_name(unsigned int state)
{
    static const char *const names[] = {
        NULL,        "established", "syn_sent",     "syn_recv",       "fin_wait1",
        "fin_wait2", "time_wait",   "close",        "close_wait",     "last_ack",
        "listen",    "closing",     "new_syn_recv", "bound_inactive",
    };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : NULL;
}

const char *holder_state_name(const struct pt_holder *holder)
{
    return socket_state_name(holder->flags & PT_HOLDER_HALF_CLOSED ? STATE_FIN_WAIT2
                                                                   : holder->socket.state);
}

const char *socket_family_name(unsigned int family)
{
    if (family == AF_INET)
        return "ipv4";
    return family == AF_INET6 ? "ipv6" : NULL;
}
