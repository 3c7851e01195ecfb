/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who took the port of a socket. To look into the table costs more than all else that a program
 * does for a socket that nobody wants to know of, so a byte tells first whether any of its slot,
 * which goes by the port, ever was in it.
 */
#ifndef PORTTRACE_BPF_FOLLOWED_H
#define PORTTRACE_BPF_FOLLOWED_H

#include "bpf/socket.h"

static __always_inline void mark_followed(__u16 port)
{
    *(volatile __u8 *)&followed[port % PT_FOLLOWED_SLOTS] = 1;
}

/* The slot is marked first: whoever looks for the socket from now on has to find it. */
static __always_inline long follow_socket(__u64 sk, const struct socket_owner *owner, __u64 flags)
{
    mark_followed(owner->local.port);
    return bpf_map_update_elem(&sockets, &sk, owner, flags);
}

static __always_inline struct socket_owner *owner_of(struct sock *sk)
{
    __u64 key = (__u64)sk;
    __u16 port = sock_port(sk);

    if (port && !followed[port % PT_FOLLOWED_SLOTS])
        return NULL;
    return bpf_map_lookup_elem(&sockets, &key);
}

#endif
