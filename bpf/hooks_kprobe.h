/* SPDX-License-Identifier: GPL-2.0 */
/* Plan kprobe: breakpoints at the same functions, for kernels that refuse trampolines. */
#ifndef PORTTRACE_BPF_HOOKS_KPROBE_H
#define PORTTRACE_BPF_HOOKS_KPROBE_H

#include "bpf/io_uring.h"
#include "bpf/release.h"
#include "bpf/seccomp.h"

/* bind */

SEC("?kprobe/__sys_bind")
int BPF_KPROBE(kprobe_sys_bind, int fd, void *address, int size)
{
    call_open(PT_OP_BIND, fd, (__u64)address, size, 0);
    return 0;
}

SEC("?kretprobe/__sys_bind")
int BPF_KRETPROBE(kretprobe_sys_bind, int result)
{
    call_close_opened(PT_OP_BIND, result);
    return 0;
}

SEC("?kprobe/security_socket_bind")
int BPF_KPROBE(kprobe_security_bind, struct socket *sock, void *address, int size)
{
    call_socket(PT_OP_BIND, READ(sock, sk), address, size, 0, PT_STAGE_SECURITY);
    return 0;
}

SEC("?kretprobe/security_socket_bind")
int BPF_KRETPROBE(kretprobe_security_bind, int result)
{
    call_security_return(PT_OP_BIND, result);
    return 0;
}

SEC("?kprobe/inet_bind")
int BPF_KPROBE(kprobe_inet_bind, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?kprobe/inet_bind_sk")
int BPF_KPROBE(kprobe_inet_bind_sk, struct sock *sk, void *address, int size)
{
    call_protocol_enter(PT_OP_BIND, sk, address, size, 0);
    return 0;
}

SEC("?kretprobe/inet_bind")
int BPF_KRETPROBE(kretprobe_inet_bind, int result)
{
    call_protocol_return(PT_OP_BIND, result);
    return 0;
}

SEC("?kretprobe/__sys_bind_socket")
int BPF_KRETPROBE(kretprobe_sys_bind_socket, int result)
{
    call_io_result(PT_OP_BIND, result);
    return 0;
}

SEC("?kprobe/io_bind")
int BPF_KPROBE(kprobe_io_bind, struct io_kiocb *request)
{
    call_io_open(PT_OP_BIND, request);
    return 0;
}

SEC("?kretprobe/io_bind")
int BPF_KRETPROBE(kretprobe_io_bind, int result)
{
    call_io_close(PT_OP_BIND, result);
    return 0;
}

/* listen */

SEC("?kprobe/__sys_listen")
int BPF_KPROBE(kprobe_sys_listen, int fd, int backlog)
{
    call_open(PT_OP_LISTEN, fd, 0, 0, backlog);
    return 0;
}

SEC("?kretprobe/__sys_listen")
int BPF_KRETPROBE(kretprobe_sys_listen, int result)
{
    call_close_opened(PT_OP_LISTEN, result);
    return 0;
}

SEC("?kprobe/security_socket_listen")
int BPF_KPROBE(kprobe_security_listen, struct socket *sock, int backlog)
{
    call_socket(PT_OP_LISTEN, READ(sock, sk), NULL, 0, backlog, PT_STAGE_SECURITY);
    return 0;
}

SEC("?kretprobe/security_socket_listen")
int BPF_KRETPROBE(kretprobe_security_listen, int result)
{
    call_security_return(PT_OP_LISTEN, result);
    return 0;
}

SEC("?kprobe/inet_listen")
int BPF_KPROBE(kprobe_inet_listen, struct socket *sock, int backlog)
{
    call_protocol_enter(PT_OP_LISTEN, READ(sock, sk), NULL, 0, backlog);
    return 0;
}

SEC("?kretprobe/inet_listen")
int BPF_KRETPROBE(kretprobe_inet_listen, int result)
{
    call_protocol_return(PT_OP_LISTEN, result);
    return 0;
}

SEC("?kretprobe/__sys_listen_socket")
int BPF_KRETPROBE(kretprobe_sys_listen_socket, int result)
{
    call_io_result(PT_OP_LISTEN, result);
    return 0;
}

SEC("?kprobe/io_listen")
int BPF_KPROBE(kprobe_io_listen, struct io_kiocb *request)
{
    call_io_open(PT_OP_LISTEN, request);
    return 0;
}

SEC("?kretprobe/io_listen")
int BPF_KRETPROBE(kretprobe_io_listen, int result)
{
    call_io_close(PT_OP_LISTEN, result);
    return 0;
}

/* connect */

SEC("?kprobe/__sys_connect")
int BPF_KPROBE(kprobe_sys_connect, int fd, void *address, int size)
{
    call_open(PT_OP_CONNECT, fd, (__u64)address, size, 0);
    return 0;
}

SEC("?kretprobe/__sys_connect")
int BPF_KRETPROBE(kretprobe_sys_connect, int result)
{
    call_close_opened(PT_OP_CONNECT, result);
    return 0;
}

SEC("?kprobe/security_socket_connect")
int BPF_KPROBE(kprobe_security_connect, struct socket *sock, void *address, int size)
{
    call_socket(PT_OP_CONNECT, READ(sock, sk), address, size, 0, PT_STAGE_SECURITY);
    return 0;
}

SEC("?kretprobe/security_socket_connect")
int BPF_KRETPROBE(kretprobe_security_connect, int result)
{
    call_security_return(PT_OP_CONNECT, result);
    return 0;
}

SEC("?kprobe/tcp_v4_connect")
int BPF_KPROBE(kprobe_tcp_connect, struct sock *sk)
{
    call_inner(PT_OP_CONNECT, sk);
    return 0;
}

SEC("?kprobe/__inet_listen_sk")
int BPF_KPROBE(kprobe_inet_listen_sk, struct sock *sk)
{
    call_inner(PT_OP_LISTEN, sk);
    return 0;
}

/* Also what TCP fast open connects by, __inet_stream_connect. */
SEC("?kprobe/inet_dgram_connect")
int BPF_KPROBE(kprobe_inet_connect, struct socket *sock, void *address, int size)
{
    call_protocol_enter(PT_OP_CONNECT, READ(sock, sk), address, size, 0);
    return 0;
}

SEC("?kretprobe/inet_dgram_connect")
int BPF_KRETPROBE(kretprobe_inet_connect, int result)
{
    call_protocol_return(PT_OP_CONNECT, result);
    return 0;
}

SEC("?kretprobe/__sys_connect_file")
int BPF_KRETPROBE(kretprobe_sys_connect_file, int result)
{
    call_io_result(PT_OP_CONNECT, result);
    return 0;
}

SEC("?kprobe/io_connect")
int BPF_KPROBE(kprobe_io_connect, struct io_kiocb *request)
{
    call_io_open(PT_OP_CONNECT, request);
    return 0;
}

SEC("?kretprobe/io_connect")
int BPF_KRETPROBE(kretprobe_io_connect, int result)
{
    call_io_close(PT_OP_CONNECT, result);
    return 0;
}

/* a port taken without bind(), and ports given back */

SEC("?kprobe/inet_autobind")
int BPF_KPROBE(kprobe_inet_autobind, struct sock *sk)
{
    call_autobind_enter(sk);
    return 0;
}

SEC("?kretprobe/inet_autobind")
int BPF_KRETPROBE(kretprobe_inet_autobind, int result)
{
    call_autobind_return(result);
    return 0;
}

SEC("?kprobe/inet_put_port")
int BPF_KPROBE(kprobe_port_released, struct sock *sk)
{
    port_released(sk);
    return 0;
}

SEC("?kprobe/inet_release")
int BPF_KPROBE(kprobe_inet_release, struct socket *sock)
{
    socket_closed(READ(sock, sk));
    return 0;
}

/*
 * The kernel holds a few returns of each function only; a thread that waits in a connect takes one
 * up. Of a call that got none, this or the thread's next call tells.
 */
SEC("?tp_btf/sched_process_exit")
int BPF_PROG(kprobe_thread_exit, struct task_struct *task)
{
    struct call_state *call = call_find();

    if (!call)
        return 0;
    count_loss(PT_LOSS_MISSED_RETURN);
    call_forget(call);
    return 0;
}

SEC("?kretprobe/__seccomp_filter")
int BPF_KRETPROBE(kretprobe_seccomp_filter, int result)
{
    if (result == -1)
        seccomp_result(call_number_read((void *)bpf_get_current_task()), result);
    return 0;
}

#endif
