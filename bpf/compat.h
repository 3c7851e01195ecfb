/* SPDX-License-Identifier: GPL-2.0 */
/* Every difference between kernels that is one of data and not of hooks. */
#ifndef PORTTRACE_BPF_COMPAT_H
#define PORTTRACE_BPF_COMPAT_H

#include "bpf/maps.h"

/* 6.15 renamed kernfs_node.parent (RCU). Can go when kernels before 6.15 do. */
static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
    struct kernfs_node___rcu_parent *renamed = (void *)node;

    if (bpf_core_field_exists(renamed->__parent))
        return READ(renamed, __parent);
    return READ(node, parent);
}

/*
 * 6.6 moved the options of inet sockets from bitfields into one word. Its bits stand in an enum
 * without a name, which CO-RE cannot look up; they have not changed from 6.6 to 7.2, and the kernel
 * tests of the options fail when they do.
 */
enum { INET_FREEBIND = 1 << 11, INET_TRANSPARENT = 1 << 15, INET_BIND_ADDRESS_NO_PORT = 1 << 18 };

static __always_inline __u32 inet_options(struct sock *sk)
{
    struct inet_sock___flags *flags = (void *)sk;
    struct inet_sock___bitfields *bits = (void *)sk;
    unsigned long word;
    __u32 options = 0;

    if (bpf_core_field_exists(flags->inet_flags)) {
        word = READ(flags, inet_flags);
        if (word & INET_FREEBIND)
            options |= PT_OPTION_FREEBIND;
        if (word & INET_TRANSPARENT)
            options |= PT_OPTION_TRANSPARENT;
        if (word & INET_BIND_ADDRESS_NO_PORT)
            options |= PT_OPTION_BIND_ADDRESS_NO_PORT;
        return options;
    }
    if (READ_BITFIELD(bits, freebind))
        options |= PT_OPTION_FREEBIND;
    if (READ_BITFIELD(bits, transparent))
        options |= PT_OPTION_TRANSPARENT;
    if (READ_BITFIELD(bits, bind_address_no_port))
        options |= PT_OPTION_BIND_ADDRESS_NO_PORT;
    return options;
}

/* IP_LOCAL_PORT_RANGE came with 6.3 as two numbers, which 6.8 made one word with the same bytes. */
static __always_inline __u32 inet_port_range(struct sock *sk)
{
    struct inet_sock___range_pair *pair = (void *)sk;
    struct inet_sock___range *word = (void *)sk;

    if (bpf_core_field_exists(word->local_port_range))
        return READ(word, local_port_range);
    if (bpf_core_field_exists(pair->local_port_range))
        return READ(pair, local_port_range.lo) | (__u32)READ(pair, local_port_range.hi) << 16;
    return 0;
}

/* The range of ports of a net namespace: two numbers, from 6.8 on one word. */
static __always_inline void netns_port_range(struct net *net, __u16 *ret_low, __u16 *ret_high)
{
    struct local_ports *word =
        (void *)((char *)net + bpf_core_field_offset(net->ipv4.ip_local_ports));
    struct local_ports___pair *pair = (void *)word;
    __u32 range;

    if (bpf_core_field_exists(pair->range)) {
        *ret_low = READ(pair, range[0]);
        *ret_high = READ(pair, range[1]);
        return;
    }
    range = READ(word, range);
    *ret_low = range & 0xffff;
    *ret_high = range >> 16;
}

/* Two numbers, from 6.3 on one, with the same bytes. */
static __always_inline __u64 effective_capabilities(struct cred *cred)
{
    __u64 bits = 0;

    bpf_probe_read_kernel(&bits, sizeof(bits), &cred->cap_effective);
    return bits;
}

/* 6.18 keeps the inode number in the socket. Before, it is in the inode behind struct socket. */
static __always_inline __u64 sock_inode(struct sock *sk)
{
    struct sock___with_inode *with_inode = (void *)sk;
    struct socket_alloc *alloc;
    struct socket *sock;

    if (bpf_core_field_exists(with_inode->sk_ino))
        return READ(with_inode, sk_ino);
    sock = READ(sk, sk_socket);
    if (!sock)
        return 0;
    alloc = (void *)((char *)sock - bpf_core_field_offset(struct socket_alloc, socket));
    return READ(alloc, vfs_inode.i_ino);
}

#endif
