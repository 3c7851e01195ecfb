/* SPDX-License-Identifier: GPL-2.0 */
/* Plan fexit: trampolines on the functions of the calls, which nothing else passes through. */
#ifndef PORTTRACE_BPF_HOOKS_FEXIT_H
#define PORTTRACE_BPF_HOOKS_FEXIT_H

#include "bpf/io_uring.h"
#include "bpf/release.h"
#include "bpf/seccomp.h"

static __always_inline __u8 security_stage(int result)
{
    return result ? PT_STAGE_SECURITY : PT_STAGE_PROTOCOL;
}

/* bind */

SEC("?fexit/security_socket_bind")
int BPF_PROG(fexit_security_bind, struct socket *sock, void *address, int size, int result)
{
    call_socket(PT_OP_BIND, READ(sock, sk), address, size, 0, security_stage(result));
    return 0;
}

static __always_inline void protocol_bind(struct sock *sk, void *address, int size, int result)
{
    call_protocol_enter(PT_OP_BIND, sk, address, size, 0);
    call_protocol_return(PT_OP_BIND, result);
}

SEC("?fexit/inet_bind")
int BPF_PROG(fexit_inet_bind, struct socket *sock, void *address, int size, int result)
{
    protocol_bind(READ(sock, sk), address, size, result);
    return 0;
}

SEC("?fexit/inet6_bind")
int BPF_PROG(fexit_inet6_bind, struct socket *sock, void *address, int size, int result)
{
    protocol_bind(READ(sock, sk), address, size, result);
    return 0;
}

/* 6.7 and later: MPTCP binds its inner socket by these. */
SEC("?fexit/inet_bind_sk")
int BPF_PROG(fexit_inet_bind_sk, struct sock *sk, void *address, int size, int result)
{
    protocol_bind(sk, address, size, result);
    return 0;
}

SEC("?fexit/inet6_bind_sk")
int BPF_PROG(fexit_inet6_bind_sk, struct sock *sk, void *address, int size, int result)
{
    protocol_bind(sk, address, size, result);
    return 0;
}

SEC("?fexit/__sys_bind")
int BPF_PROG(fexit_sys_bind, int fd, void *address, int size, int result)
{
    call_close(PT_OP_BIND, fd, (__u64)address, size, 0, result);
    return 0;
}

SEC("?fexit/__sys_bind_socket")
int BPF_PROG(fexit_sys_bind_socket, struct socket *sock, void *address, int size, int result)
{
    call_io_result(PT_OP_BIND, result);
    return 0;
}

SEC("?fentry/io_bind")
int BPF_PROG(fentry_io_bind, struct io_kiocb *request)
{
    call_io_open(PT_OP_BIND, request);
    return 0;
}

SEC("?fexit/io_bind")
int BPF_PROG(fexit_io_bind, struct io_kiocb *request, unsigned int flags, int result)
{
    call_io_close(PT_OP_BIND, result);
    return 0;
}

/* listen */

SEC("?fexit/security_socket_listen")
int BPF_PROG(fexit_security_listen, struct socket *sock, int backlog, int result)
{
    call_socket(PT_OP_LISTEN, READ(sock, sk), NULL, 0, backlog, security_stage(result));
    return 0;
}

SEC("?fexit/inet_listen")
int BPF_PROG(fexit_inet_listen, struct socket *sock, int backlog, int result)
{
    call_protocol_enter(PT_OP_LISTEN, READ(sock, sk), NULL, 0, backlog);
    call_protocol_return(PT_OP_LISTEN, result);
    return 0;
}

/* 6.7 and later: MPTCP listens with its inner socket by this. */
SEC("?fentry/__inet_listen_sk")
int BPF_PROG(fentry_inet_listen_sk, struct sock *sk)
{
    call_inner(PT_OP_LISTEN, sk);
    return 0;
}

SEC("?fexit/__sys_listen")
int BPF_PROG(fexit_sys_listen, int fd, int backlog, int result)
{
    call_close(PT_OP_LISTEN, fd, 0, 0, backlog, result);
    return 0;
}

SEC("?fexit/__sys_listen_socket")
int BPF_PROG(fexit_sys_listen_socket, struct socket *sock, int backlog, int result)
{
    call_io_result(PT_OP_LISTEN, result);
    return 0;
}

SEC("?fentry/io_listen")
int BPF_PROG(fentry_io_listen, struct io_kiocb *request)
{
    call_io_open(PT_OP_LISTEN, request);
    return 0;
}

SEC("?fexit/io_listen")
int BPF_PROG(fexit_io_listen, struct io_kiocb *request, unsigned int flags, int result)
{
    call_io_close(PT_OP_LISTEN, result);
    return 0;
}

/* connect */

SEC("?fexit/security_socket_connect")
int BPF_PROG(fexit_security_connect, struct socket *sock, void *address, int size, int result)
{
    call_socket(PT_OP_CONNECT, READ(sock, sk), address, size, 0, security_stage(result));
    return 0;
}

SEC("?fentry/tcp_v4_connect")
int BPF_PROG(fentry_tcp_v4_connect, struct sock *sk)
{
    call_inner(PT_OP_CONNECT, sk);
    return 0;
}

SEC("?fentry/tcp_v6_connect")
int BPF_PROG(fentry_tcp_v6_connect, struct sock *sk)
{
    call_inner(PT_OP_CONNECT, sk);
    return 0;
}

/* Also what TCP fast open connects by. */
SEC("?fentry/__inet_stream_connect")
int BPF_PROG(fentry_stream_connect, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_CONNECT, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?fexit/__inet_stream_connect")
int BPF_PROG(fexit_stream_connect, struct socket *sock, void *address, int size, int flags,
             int is_send, int result)
{
    call_protocol_return(PT_OP_CONNECT, result);
    return 0;
}

SEC("?fentry/inet_dgram_connect")
int BPF_PROG(fentry_dgram_connect, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_CONNECT, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?fexit/inet_dgram_connect")
int BPF_PROG(fexit_dgram_connect, struct socket *sock, void *address, int size, int flags,
             int result)
{
    call_protocol_return(PT_OP_CONNECT, result);
    return 0;
}

SEC("?fexit/__sys_connect")
int BPF_PROG(fexit_sys_connect, int fd, void *address, int size, int result)
{
    call_close(PT_OP_CONNECT, fd, (__u64)address, size, 0, result);
    return 0;
}

SEC("?fexit/__sys_connect_file")
int BPF_PROG(fexit_sys_connect_file, struct file *file, void *address, int size, int flags,
             int result)
{
    call_io_result(PT_OP_CONNECT, result);
    return 0;
}

SEC("?fentry/io_connect")
int BPF_PROG(fentry_io_connect, struct io_kiocb *request)
{
    call_io_open(PT_OP_CONNECT, request);
    return 0;
}

SEC("?fexit/io_connect")
int BPF_PROG(fexit_io_connect, struct io_kiocb *request, unsigned int flags, int result)
{
    call_io_close(PT_OP_CONNECT, result);
    return 0;
}

/* Up to 5.11 there was a third argument. */
SEC("?fexit/io_connect")
int BPF_PROG(fexit_io_connect3, struct io_kiocb *request, bool nonblock, void *state, int result)
{
    call_io_close(PT_OP_CONNECT, result);
    return 0;
}

/* a port taken without bind(), and ports given back */

SEC("?fexit/inet_autobind")
int BPF_PROG(fexit_inet_autobind, struct sock *sk, int result)
{
    call_autobind_enter(sk);
    call_autobind_return(result);
    return 0;
}

SEC("?fentry/inet_put_port")
int BPF_PROG(fentry_inet_put_port, struct sock *sk)
{
    port_released(sk);
    return 0;
}

SEC("?fentry/udp_lib_unhash")
int BPF_PROG(fentry_udp_lib_unhash, struct sock *sk)
{
    port_released(sk);
    return 0;
}

SEC("?fentry/ping_unhash")
int BPF_PROG(fentry_ping_unhash, struct sock *sk)
{
    port_released(sk);
    return 0;
}

SEC("?fentry/inet_release")
int BPF_PROG(fentry_inet_release, struct socket *sock)
{
    socket_closed(READ(sock, sk));
    return 0;
}

/* Up to 6.14 this had a third argument in between. */
SEC("?fexit/__seccomp_filter")
int BPF_PROG(fexit_seccomp_filter3, int number, void *call, bool again, int result)
{
    seccomp_result(number, result);
    return 0;
}

SEC("?fexit/__seccomp_filter")
int BPF_PROG(fexit_seccomp_filter2, int number, bool again, int result)
{
    seccomp_result(number, result);
    return 0;
}

#endif
