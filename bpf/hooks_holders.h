/* SPDX-License-Identifier: GPL-2.0 */
/* Hooks of the full plans that only tell why, and who is in the way. Nothing but calls that take a
 * port runs through them. */
#ifndef PORTTRACE_BPF_HOOKS_HOLDERS_H
#define PORTTRACE_BPF_HOOKS_HOLDERS_H

#include "bpf/call.h"
#include "bpf/conflict.h"

/* Only the lowest byte of a register that returns a bool means anything. */

SEC("?fexit/inet_bind_conflict")
int BPF_PROG(fexit_bind_conflict, struct sock *sk, struct sock *other, __u32 uid, bool relax,
             bool reuseport_cb_ok, bool reuseport_ok, __u8 result)
{
    bind_conflict_result(other, result);
    return 0;
}

SEC("?fexit/inet_rcv_saddr_equal")
int BPF_PROG(fexit_same_address, struct sock *sk, struct sock *other, bool wildcard, __u8 result)
{
    same_address_result(other, result);
    return 0;
}

SEC("?kprobe/inet_bind_conflict")
int BPF_KPROBE(kprobe_bind_conflict, struct sock *sk, struct sock *other)
{
    conflict_check_begins(other);
    return 0;
}

SEC("?kretprobe/inet_bind_conflict")
int BPF_KRETPROBE(kretprobe_bind_conflict, __u8 result)
{
    bind_conflict_result(conflict_checked(), result);
    return 0;
}

SEC("?kprobe/inet_rcv_saddr_equal")
int BPF_KPROBE(kprobe_same_address, struct sock *sk, struct sock *other)
{
    conflict_check_begins(other);
    return 0;
}

SEC("?kretprobe/inet_rcv_saddr_equal")
int BPF_KRETPROBE(kretprobe_same_address, __u8 result)
{
    same_address_result(conflict_checked(), result);
    return 0;
}

/* Without these the kernel's own calls, and autobinds, would begin when they have ended. */

SEC("?fentry/inet_bind")
int BPF_PROG(fentry_inet_bind, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?fentry/inet6_bind")
int BPF_PROG(fentry_inet6_bind, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?fentry/inet_bind_sk")
int BPF_PROG(fentry_inet_bind_sk, struct sock *sk, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, sk, address, size, 0);
    return 0;
}

SEC("?fentry/inet6_bind_sk")
int BPF_PROG(fentry_inet6_bind_sk, struct sock *sk, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, sk, address, size, 0);
    return 0;
}

SEC("?fentry/inet_listen")
int BPF_PROG(fentry_inet_listen, struct socket *sock, int backlog)
{
    call_protocol_enter(PT_OP_LISTEN, READ(sock, sk), NULL, 0, backlog);
    return 0;
}

SEC("?fentry/inet_autobind")
int BPF_PROG(fentry_inet_autobind, struct sock *sk)
{
    call_autobind_enter(sk);
    return 0;
}

SEC("?fexit/inet_hash_connect")
int BPF_PROG(fexit_hash_connect, void *death_row, struct sock *sk, int result)
{
    call_connect_result(result);
    return 0;
}

SEC("?fexit/inet6_hash_connect")
int BPF_PROG(fexit_hash_connect6, void *death_row, struct sock *sk, int result)
{
    call_connect_result(result);
    return 0;
}

SEC("?kretprobe/inet_hash_connect")
int BPF_KRETPROBE(kretprobe_hash_connect, int result)
{
    call_connect_result(result);
    return 0;
}

/* The connections that outlive their descriptors, by who closed them. */
SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(tp_closing, struct sock *sk, int from, int to)
{
    if (is_closing(to))
        connection_closing(sk);
    return 0;
}

/* Which security module refuses. Modules that this kernel has and does not use are never called. */

#define SECURITY_BIND(module, check)                                                               \
    SEC("?fexit/" #module "_socket_bind")                                                          \
    int BPF_PROG(fexit_##module##_bind, struct socket *sock, void *address, int size, int result)  \
    {                                                                                              \
        security_module(sock, check, result);                                                      \
        return 0;                                                                                  \
    }

#define SECURITY_CONNECT(module, check)                                                            \
    SEC("?fexit/" #module "_socket_connect")                                                       \
    int BPF_PROG(fexit_##module##_connect, struct socket *sock, void *address, int size,           \
                 int result)                                                                       \
    {                                                                                              \
        security_module(sock, check, result);                                                      \
        return 0;                                                                                  \
    }

#define SECURITY_LISTEN(module, check)                                                             \
    SEC("?fexit/" #module "_socket_listen")                                                        \
    int BPF_PROG(fexit_##module##_listen, struct socket *sock, int backlog, int result)            \
    {                                                                                              \
        security_module(sock, check, result);                                                      \
        return 0;                                                                                  \
    }

/* The call is open, with its socket, before any module is asked. */
#define SECURITY_RETURN(module, check)                                                             \
    SEC("?kretprobe/" #module "_socket_bind")                                                      \
    int BPF_KRETPROBE(kretprobe_##module, int result)                                              \
    {                                                                                              \
        security_module_returned(check, result);                                                   \
        return 0;                                                                                  \
    }

SECURITY_BIND(selinux, PT_CHECK_SELINUX)
SECURITY_CONNECT(selinux, PT_CHECK_SELINUX)
SECURITY_LISTEN(selinux, PT_CHECK_SELINUX)
SECURITY_BIND(apparmor, PT_CHECK_APPARMOR)
SECURITY_CONNECT(apparmor, PT_CHECK_APPARMOR)
SECURITY_LISTEN(apparmor, PT_CHECK_APPARMOR)
SECURITY_BIND(tomoyo, PT_CHECK_TOMOYO)
SECURITY_CONNECT(tomoyo, PT_CHECK_TOMOYO)
SECURITY_LISTEN(tomoyo, PT_CHECK_TOMOYO)
SECURITY_BIND(hook, PT_CHECK_LANDLOCK)
SECURITY_CONNECT(hook, PT_CHECK_LANDLOCK)
SECURITY_BIND(bpf_lsm, PT_CHECK_BPF_LSM)
SECURITY_CONNECT(bpf_lsm, PT_CHECK_BPF_LSM)
SECURITY_LISTEN(bpf_lsm, PT_CHECK_BPF_LSM)
SECURITY_CONNECT(smack, PT_CHECK_SMACK)

SECURITY_RETURN(selinux, PT_CHECK_SELINUX)
SECURITY_RETURN(apparmor, PT_CHECK_APPARMOR)
SECURITY_RETURN(tomoyo, PT_CHECK_TOMOYO)
SECURITY_RETURN(hook, PT_CHECK_LANDLOCK)
SECURITY_RETURN(bpf_lsm, PT_CHECK_BPF_LSM)
SECURITY_RETURN(smack, PT_CHECK_SMACK)

#endif
