/* SPDX-License-Identifier: GPL-2.0 */
/* What there is to know of a socket and of an address, read from kernel memory. */
#ifndef PORTTRACE_BPF_SOCKET_H
#define PORTTRACE_BPF_SOCKET_H

#include "bpf/address.h"
#include "bpf/compat.h"

#define S_IFMT   0170000
#define S_IFSOCK 0140000

#define SOCK_STREAM        1
#define SOCK_RAW           3
#define IPPROTO_TCP        6
#define IPPROTO_UDP        17
#define IPPROTO_SCTP       132
#define IPPROTO_UDPLITE    136
#define IPPROTO_ICMP       1
#define IPPROTO_ICMPV6     58
#define IPPROTO_MPTCP      262
#define TCP_SYN_SENT       2
#define TCP_CLOSE          7
#define TCP_LISTEN         10
#define SOCK_BINDPORT_LOCK 8
#define DEVICE_CHAIN_MAX   8

static __always_inline bool is_inet(__u16 family)
{
    return family == AF_INET || family == AF_INET6;
}

static __always_inline __u16 sock_family(struct sock *sk)
{
    return READ(sk, __sk_common.skc_family);
}

static __always_inline __u16 sock_port(struct sock *sk)
{
    if (READ(sk, sk_type) == SOCK_RAW)
        return 0;
    return READ(sk, __sk_common.skc_num);
}

/*
 * A connection that is refused at once has given its port back before its call returns, and has its
 * peer still. 0: there is none, as after a connect that only takes back an earlier one.
 */
static __always_inline __u16 sock_last_port(struct sock *sk)
{
    struct inet_sock *inet = (void *)sk;

    return READ(sk, __sk_common.skc_dport) ? bpf_ntohs(READ(inet, inet_sport)) : 0;
}

static __always_inline __u32 sock_netns(struct sock *sk)
{
    return READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline bool sock_is_kernels(struct sock *sk)
{
    struct socket *sock = READ(sk, sk_socket);

    return !sock || !READ(sock, file);
}

/* MPTCP binds, connects and listens on an inner socket, which is what some hooks see. */
static __always_inline struct sock *inner_socket(struct sock *sk)
{
    struct mptcp_sock *mptcp = (void *)sk;

    if (READ(sk, sk_protocol) != IPPROTO_MPTCP || !bpf_core_field_exists(mptcp->first))
        return sk;
    return READ(mptcp, first);
}

/* To a port that was asked for, not chosen: it stays with the socket as long as that is open. */
static __always_inline bool sock_is_bound(struct sock *sk)
{
    struct sock *own = inner_socket(sk);

    return READ_BITFIELD(own, sk_userlocks) & SOCK_BINDPORT_LOCK;
}

static __always_inline void endpoint_from_kernel(struct pt_endpoint *endpoint, __u8 op,
                                                 const void *address, __u32 size)
{
    struct inet_address from = {};

    bpf_probe_read_kernel(&from, sizeof(from), address);
    endpoint_from_address(endpoint, &from, address_counts(op, from.family, size));
}

/* Of what is no whole socket, too. */
static __always_inline void endpoint_from_common(struct pt_endpoint *endpoint,
                                                 struct sock_common *common)
{
    __be32 v4;

    endpoint->port = READ(common, skc_num);
    endpoint->family = READ(common, skc_family);
    if (endpoint->family == AF_INET) {
        v4 = READ(common, skc_rcv_saddr);
        __builtin_memcpy(endpoint->address, &v4, 4);
        return;
    }
    READ_INTO(&endpoint->address, common, skc_v6_rcv_saddr.in6_u.u6_addr8);
    if (endpoint->address[0] == 0xfe && (endpoint->address[1] & 0xc0) == 0x80)
        endpoint->scope_id = READ(common, skc_bound_dev_if);
}

/* As getsockname() has it. */
VERIFIED_ONCE int endpoint_of(struct pt_endpoint *endpoint, __u64 socket)
{
    struct sock *sk = (struct sock *)socket;
    struct inet_sock *inet = (void *)sk;
    __be32 v4;

    if (!endpoint)
        return 0;
    __builtin_memset(endpoint, 0, sizeof(*endpoint));
    endpoint->port = sock_port(sk);
    if (sock_family(sk) == AF_INET) {
        endpoint->family = AF_INET;
        v4 = READ(sk, __sk_common.skc_rcv_saddr);
        if (!v4)
            v4 = READ(inet, inet_saddr);
        __builtin_memcpy(endpoint->address, &v4, 4);
        return 0;
    }
    endpoint->family = AF_INET6;
    READ_INTO(&endpoint->address, sk, __sk_common.skc_v6_rcv_saddr.in6_u.u6_addr8);
    if (endpoint->address[0] == 0xfe && (endpoint->address[1] & 0xc0) == 0x80)
        endpoint->scope_id = READ(sk, __sk_common.skc_bound_dev_if);
    return 0;
}

/* The next in a chain of devices, unless this is the one looked for. */
__noinline __u64 device_step(__u64 node, __s32 ifindex)
{
    struct hlist_node *here = (struct hlist_node *)node;
    struct net_device *device =
        (void *)(node - bpf_core_field_offset(struct net_device, index_hlist));

    return !node || READ(device, ifindex) == ifindex ? node : number_of(READ(here, next));
}

/* The struct net_device, from the hash of the socket's own net namespace; 0: not found. */
__noinline __u64 device_of(__u64 socket, __s32 ifindex)
{
    struct sock *sk = (struct sock *)socket;
    struct hlist_head *heads = READ(sk, __sk_common.skc_net.net, dev_index_head);
    __u64 node = 0, before = 0;

    if (!heads)
        return 0;
    bpf_probe_read_kernel(&node, sizeof(node), heads + (ifindex & 255));
    for (int i = 0; i < DEVICE_CHAIN_MAX && node != before; i++) {
        before = node;
        node = device_step(node, ifindex);
    }
    return node && node == before ? node - bpf_core_field_offset(struct net_device, index_hlist)
                                  : 0;
}

static __always_inline void device_name(char *name, struct sock *sk, __s32 ifindex)
{
    struct net_device *device = (void *)device_of(number_of(sk), ifindex);

    if (device)
        bpf_probe_read_kernel_str(name, PT_DEVICE_SIZE, &device->name);
}

static __always_inline __u32 socket_options(struct sock *sk)
{
    __u32 options = inet_options(sk);

    if (READ_BITFIELD(sk, __sk_common.skc_reuse))
        options |= PT_OPTION_REUSEADDR;
    if (READ_BITFIELD(sk, __sk_common.skc_reuseport))
        options |= PT_OPTION_REUSEPORT;
    if (READ_BITFIELD(sk, __sk_common.skc_ipv6only))
        options |= PT_OPTION_V6ONLY;
    return options;
}

static __always_inline void socket_facts(struct pt_socket *to, struct sock *sk)
{
    __u32 range = inet_port_range(sk);

    /* Who compares the inode meanwhile never finds another one. */
    __builtin_memset(&to->family, 0, sizeof(*to) - offsetof(struct pt_socket, family));
    to->cookie = READ(sk, __sk_common.skc_cookie.counter);
    to->inode = sock_inode(sk);
    to->family = sock_family(sk);
    to->type = READ(sk, sk_type);
    to->protocol = READ(sk, sk_protocol);
    to->state = READ(sk, __sk_common.skc_state);
    to->options = socket_options(sk);
    to->device_ifindex = READ(sk, __sk_common.skc_bound_dev_if);
    if (to->device_ifindex)
        device_name(to->device, sk, to->device_ifindex);
    to->range_low = range & 0xffff;
    to->range_high = range >> 16;
}

#endif
