/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel went by when it refused, and which of its checks that was. */
#ifndef PORTTRACE_BPF_REFUSAL_H
#define PORTTRACE_BPF_REFUSAL_H

#include "bpf/filter.h"
#include "bpf/state.h"

#define CAP_NET_BIND_SERVICE 10
#define USER_NS_LEVELS       33 /* the initial one, and 32 nested */
#define SECCOMP_MODE_FILTER  2
#define SOCKADDR_IN_SIZE     16
#define SOCKADDR_IN6_SIZE    24
#define SOCKADDR_MAX         128

#define ERRNO_EPERM         1
#define ERRNO_EACCES        13
#define ERRNO_EFAULT        14
#define ERRNO_ENODEV        19
#define ERRNO_EINVAL        22
#define ERRNO_EAFNOSUPPORT  97
#define ERRNO_EADDRNOTAVAIL 99

/*
 * A listen or a UDP connect of a socket without a port takes one first, or fails to. The port stays
 * with the socket also when the rest of the connect fails.
 */
__noinline int took_port_implicitly(THE_CALL)
{
    TAKE_THE_CALL();
    const struct pt_socket *socket = &call->end.socket;

    if (!call->seen_entry || call->had_port)
        return 0;
    if (call->op == PT_OP_LISTEN)
        return call->end.local.port || call->error == ERRNO_EADDRINUSE;
    if (call->op != PT_OP_CONNECT ||
        !(protocol_bit(socket->type, socket->protocol) & (FILTER_UDP | FILTER_PING)))
        return 0;
    return call->end.local.port || call->error == ERRNO_EAGAIN;
}

/* A security module, or seccomp, refuses before the call is one that is followed. */
static __always_inline void refuser_note(__u32 check)
{
    __u64 thread = bpf_get_current_pid_tgid();

    bpf_map_update_elem(&refusers, &thread, &check, BPF_ANY);
}

static __always_inline void security_module(struct socket *sock, __u32 check, int result)
{
    struct sock *sk = READ(sock, sk);

    if (result && sk && is_inet(sock_family(sk)))
        refuser_note(check);
}

static __always_inline void security_module_returned(__u32 check, int result)
{
    struct call_state *call = call_find();

    if (result && call && call->socket)
        refuser_note(check);
}

/* 0: none that was seen. */
static __always_inline __u8 refuser(void)
{
    __u64 thread = bpf_get_current_pid_tgid();
    __u32 *check = bpf_map_lookup_elem(&refusers, &thread);

    return check ? *check : PT_CHECK_UNKNOWN;
}

/* One step up from a user namespace, or none where that is far enough. */
__noinline int ascend(THE_CALL)
{
    TAKE_THE_CALL();
    struct user_namespace *at = (struct user_namespace *)call->at;

    if (call->above) {
        call->above--;
        call->at = (__u64)READ(at, parent);
    }
    return 0;
}

static __always_inline bool is_effective(struct cred *cred)
{
    return effective_capabilities(cred) >> CAP_NET_BIND_SERVICE & 1;
}

/*
 * As ns_capable() decides it: in the user namespace itself or above it, or as the owner of one just
 * below. What a security module would add to that is not known here, and is never claimed.
 */
static __always_inline bool is_capable(struct call_state *call, struct task_struct *task,
                                       struct net *net)
{
    struct cred *cred = READ(task, cred);
    struct user_namespace *own = READ(cred, user_ns);
    struct user_namespace *target = READ(net, user_ns);
    int levels = READ(target, level) - READ(own, level);

    if (target == own)
        return is_effective(cred);
    if (levels <= 0)
        return false;
    call->at = (__u64)target;
    call->above = levels - 1;
    for (int i = 0; i < USER_NS_LEVELS; i++)
        ascend(GIVE(call));
    target = (struct user_namespace *)call->at;
    if (READ(target, parent) != own)
        return false;
    return READ(target, owner.val) == READ(cred, euid.val) || is_effective(cred);
}

static __always_inline bool is_reserved(struct net *net, __u16 port)
{
    unsigned long *bits = READ(net, ipv4.sysctl_local_reserved_ports);
    __u64 word = 0;

    if (!port || !bits)
        return false;
    bpf_probe_read_kernel(&word, sizeof(word), bits + port / 64);
    return word >> (port & 63) & 1;
}

static __always_inline bool is_v4_mapped(const struct pt_endpoint *endpoint)
{
    const __u32 *words = (const __u32 *)endpoint->address;

    return endpoint->family == AF_INET6 && !words[0] && !words[1] && words[2] == bpf_htonl(0xffff);
}

static __always_inline bool is_nonlocal(struct net *net, const struct pt_endpoint *requested,
                                        __u16 family)
{
    if (family == AF_INET || is_v4_mapped(requested))
        return READ(net, ipv4.sysctl_ip_nonlocal_bind);
    return bpf_core_field_exists(net->ipv6.sysctl.ip_nonlocal_bind) &&
           READ(net, ipv6.sysctl.ip_nonlocal_bind);
}

__noinline int refusal_netns(THE_CALL)
{
    TAKE_THE_CALL();
    struct task_struct *current = (void *)bpf_get_current_task();
    struct sock *sk = (struct sock *)call->socket;
    struct net *net = READ(sk, __sk_common.skc_net.net);
    struct pt_refusal *refusal = &call->record.refusal;

    refusal->unprivileged_start = READ(net, ipv4.sysctl_ip_prot_sock);
    netns_port_range(net, &refusal->range_low, &refusal->range_high);
    refusal->flags |= PT_REFUSAL_NETNS_KNOWN;
    if (call->op == PT_OP_BIND && is_reserved(net, call->requested.port))
        refusal->flags |= PT_REFUSAL_RESERVED;
    if (is_nonlocal(net, &call->requested, call->end.socket.family))
        refusal->flags |= PT_REFUSAL_NONLOCAL;
    if (is_capable(call, current, net))
        refusal->flags |= PT_REFUSAL_CAPABLE;
    return 0;
}

/* A connect that nobody saw the beginning of may have changed the socket; what else fails has not.
 */
static __always_inline void refusal_socket(struct call_state *call, struct sock *sk)
{
    struct pt_refusal *refusal = &call->record.refusal;

    if (!call->seen_entry) {
        if (call->op == PT_OP_CONNECT)
            return;
        refusal->entry_port = sock_port(sk);
        refusal->entry_state = READ(sk, __sk_common.skc_state);
    }
    refusal->uid = READ(sk, sk_uid.val);
    refusal->flags |= PT_REFUSAL_SOCKET_KNOWN;
}

static __always_inline bool has_own_bind(const struct call_state *call)
{
    return !(protocol_bit(call->end.socket.type, call->end.socket.protocol) &
             (FILTER_TCP | FILTER_UDP));
}

/*
 * TCP over IPv6 chooses a source address first, then a port: what was not seen to come to the port
 * lacked the address.
 */
static __always_inline __u8 check_of_connect(struct call_state *call)
{
    const struct pt_refusal *refusal = &call->record.refusal;
    __u32 protocol = protocol_bit(call->end.socket.type, call->end.socket.protocol);

    if (refusal->check || !config.port_choice6 || call->requested.family != AF_INET6 ||
        is_v4_mapped(&call->requested) || !(protocol & (FILTER_TCP | FILTER_MPTCP)))
        return refusal->check;
    return PT_CHECK_SOURCE;
}

/* In the protocol's code. What a cgroup program may answer by itself, only EPERM tells. */
static __always_inline __u8 check_in_protocol(struct call_state *call)
{
    const struct pt_refusal *refusal = &call->record.refusal;

    switch (call->error) {
    case ERRNO_EADDRINUSE:
        return call->op == PT_OP_CONNECT ? PT_CHECK_UNKNOWN : PT_CHECK_PORT;
    case ERRNO_EPERM:
        return call->op == PT_OP_BIND || call->op == PT_OP_CONNECT ? PT_CHECK_CGROUP
                                                                   : PT_CHECK_UNKNOWN;
    case ERRNO_EACCES:
        if (call->op == PT_OP_BIND && call->requested.port &&
            call->requested.port < refusal->unprivileged_start &&
            !(refusal->flags & PT_REFUSAL_CAPABLE))
            return PT_CHECK_PRIVILEGED;
        return PT_CHECK_UNKNOWN;
    case ERRNO_EAGAIN:
        return call->implicit || call->op == PT_OP_AUTOBIND ? PT_CHECK_PORT : PT_CHECK_UNKNOWN;
    case ERRNO_EADDRNOTAVAIL:
        if (call->op == PT_OP_CONNECT)
            return check_of_connect(call);
        return call->op == PT_OP_BIND ? PT_CHECK_ADDRESS : PT_CHECK_UNKNOWN;
    case ERRNO_EAFNOSUPPORT:
    case ERRNO_ENODEV:
        return call->op == PT_OP_BIND ? PT_CHECK_ADDRESS : PT_CHECK_UNKNOWN;
    case ERRNO_EINVAL:
        return call->op == PT_OP_BIND || call->op == PT_OP_LISTEN ? PT_CHECK_ADDRESS
                                                                  : PT_CHECK_UNKNOWN;
    }
    return PT_CHECK_UNKNOWN;
}

/*
 * Before the first hook of the restricted plan: a filter of seccomp may have answered anything, and
 * protocols that have a bind of their own are not seen at all.
 */
static __always_inline __u8 check_before_hooks(const struct call_state *call)
{
    __u32 whole = call->end.socket.family == AF_INET6 ? SOCKADDR_IN6_SIZE : SOCKADDR_IN_SIZE;

    if (call->record.refusal.flags & PT_REFUSAL_FILTERED)
        return PT_CHECK_UNKNOWN;
    switch (call->error) {
    case ERRNO_EBADF:
    case ERRNO_ENOTSOCK:
    case ERRNO_EFAULT:
        return PT_CHECK_DESCRIPTOR;
    case ERRNO_EINVAL:
        if (call->op == PT_OP_LISTEN)
            return PT_CHECK_ADDRESS;
        if (call->address_size > SOCKADDR_MAX)
            return PT_CHECK_DESCRIPTOR;
        return call->address_size < whole ? PT_CHECK_ADDRESS : PT_CHECK_UNKNOWN;
    case ERRNO_EACCES:
    case ERRNO_EPERM:
        return call->op == PT_OP_BIND && call->socket && !has_own_bind(call) ? PT_CHECK_SECURITY
                                                                             : PT_CHECK_UNKNOWN;
    }
    return PT_CHECK_UNKNOWN;
}

__noinline int check_that_refused(THE_CALL)
{
    TAKE_THE_CALL();

    if (config.plan == PT_PLAN_RESTRICTED)
        return call->seen_entry ? check_in_protocol(call) : check_before_hooks(call);
    if (call->stage == PT_STAGE_PROTOCOL)
        return call->record.refusal.check ?: check_in_protocol(call);
    if (call->stage == PT_STAGE_SECURITY)
        return refuser() ?: PT_CHECK_SECURITY;
    return refuser() ?: PT_CHECK_DESCRIPTOR;
}

#endif
