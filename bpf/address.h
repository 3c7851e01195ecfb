/* SPDX-License-Identifier: GPL-2.0 */
/* An address as a caller wrote it. Compiles for the host too, where it is tested with any bytes. */
#ifndef PORTTRACE_BPF_ADDRESS_H
#define PORTTRACE_BPF_ADDRESS_H

#include "bpf/event.h"

#ifdef __bpf__
#define AF_UNSPEC 0
#define AF_INET   2
#define AF_INET6  10
#else
#include <netinet/in.h>
#define bpf_ntohs(port) ntohs(port)
#endif

struct inet_address {
    __u16 family;
    __be16 port;
    __u8 v4[4]; /* sockaddr_in; of sockaddr_in6 this is the flow label */
    __u8 v6[16];
    __u32 scope_id;
};

/*
 * What counts of an address of that size: nothing of a connect that takes a connection back, which
 * has AF_UNSPEC and anything behind it. Without a branch, as pt_is_set().
 */
static inline __attribute__((always_inline)) __u32 address_counts(__u8 op, __u16 family, __u32 size)
{
    return size & -(pt_is_set(op ^ PT_OP_CONNECT) | pt_is_set(family ^ AF_UNSPEC));
}

/* Copies a socket address that the caller has found to be readable; family 0 if it is not inet. */
static inline __attribute__((always_inline)) void
endpoint_from_address(struct pt_endpoint *endpoint, const struct inet_address *from, __u32 size)
{
    __builtin_memset(endpoint, 0, sizeof(*endpoint));
    if (size < sizeof(__u16))
        return;
    if (from->family == AF_INET6 && size >= 24) {
        endpoint->family = AF_INET6;
        endpoint->port = bpf_ntohs(from->port);
        __builtin_memcpy(endpoint->address, from->v6, 16);
        if (size >= 28)
            endpoint->scope_id = from->scope_id;
    } else if ((from->family == AF_INET || from->family == AF_UNSPEC) && size >= 8) {
        endpoint->family = AF_INET;
        endpoint->port = bpf_ntohs(from->port);
        __builtin_memcpy(endpoint->address, from->v4, 4);
    }
}

#endif
