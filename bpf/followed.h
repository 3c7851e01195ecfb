/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who took the port of a socket. To look into the table costs more than all else that a program
 * does for a socket that nobody wants to know of, so a byte tells first whether any of its slot,
 * which goes by the port, ever was in it.
 */
#ifndef PORTTRACE_BPF_FOLLOWED_H
#define PORTTRACE_BPF_FOLLOWED_H

#include "bpf/socket.h"

/* The one of which a hook of this plan tells that it gives its port back. Inner: 0 if not known. */
static __always_inline __u64 followed_socket(__u64 socket, __u64 inner)
{
    return config.plan != PT_PLAN_RESTRICTED && inner ? inner : socket;
}

static __always_inline void mark_followed(__u16 port)
{
    *(volatile __u8 *)&followed[port % PT_FOLLOWED_SLOTS] = 1;
}

#ifdef PT_DIRECT_READS

/*
 * The verifier lets nobody reckon with a pointer that it follows, and what it has let go of is a
 * number: with a byte of it written over, which is of no use for a hash.
 */
static __always_inline struct socket_owner *near_place(__u64 sk)
{
    volatile __u64 number = sk;
    __u32 index;

    *(volatile __u8 *)&number = 0;
    index = PT_PLACE(number, PT_NEAR_BITS);
    return bpf_map_lookup_elem(&near_sockets, &index);
}

/* Whoever finds the address there finds all the rest: arm64 may read that first. */
static __always_inline bool is_near(struct socket_owner *near, __u64 sk)
{
#if defined(__TARGET_ARCH_x86)
    return near->address == sk;
#else
    return __sync_fetch_and_add(&near->address, 0) == sk;
#endif
}

static __always_inline bool follow_near(__u64 sk, const struct socket_owner *owner)
{
    struct socket_owner *near = near_place(sk);

    if (!near || __sync_val_compare_and_swap(&near->address, PT_NEAR_FREE, PT_NEAR_TAKEN))
        return false;
    __builtin_memcpy(near, owner, offsetof(struct socket_owner, address));
    __sync_lock_test_and_set(&near->address, sk);
    return true;
}

static __always_inline struct socket_owner *followed_find(__u64 sk)
{
    struct socket_owner *near = near_place(sk);

    if (near && is_near(near, sk))
        return near;
    return control.far ? bpf_map_lookup_elem(&sockets, &sk) : NULL;
}

static __always_inline bool unfollow_near(__u64 sk)
{
    struct socket_owner *near = near_place(sk);

    return near && __sync_val_compare_and_swap(&near->address, sk, PT_NEAR_FREE) == sk;
}

#else

static __always_inline bool follow_near(__u64 sk, const struct socket_owner *owner)
{
    return false;
}

static __always_inline struct socket_owner *followed_find(__u64 sk)
{
    return bpf_map_lookup_elem(&sockets, &sk);
}

static __always_inline bool unfollow_near(__u64 sk)
{
    return false;
}

#endif

/* The slot is marked first: whoever looks for the socket from now on has to find it. */
static __always_inline long follow_socket(__u64 sk, const struct socket_owner *owner, __u64 flags)
{
    long error;

    mark_followed(owner->local.port);
    if (follow_near(sk, owner))
        return 0;
    __sync_fetch_and_add(&control.far, 1);
    error = bpf_map_update_elem(&sockets, &sk, owner, flags);
    if (error)
        __sync_fetch_and_add(&control.far, -1);
    return error;
}

/* Two calls that gave it its port at once may have put it into both. 0: it was in one of them. */
static __always_inline long unfollow_socket(__u64 sk)
{
    long near = unfollow_near(sk) ? 0 : -1, far;

    if (!control.far)
        return near;
    far = bpf_map_delete_elem(&sockets, &sk);
    if (!far)
        __sync_fetch_and_add(&control.far, -1);
    return near & far;
}

static __always_inline struct socket_owner *owner_of(struct sock *sk)
{
    __u16 port = sock_port(sk);

    if (port && !followed[port % PT_FOLLOWED_SLOTS])
        return NULL;
    return followed_find((__u64)sk);
}

#endif
