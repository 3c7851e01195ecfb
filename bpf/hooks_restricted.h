/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plan restricted: for kernels that let no program near their functions. Cgroup programs see bind
 * and connect with the address in kernel memory, system call tracepoints the result, other
 * tracepoints what remains. A cgroup program that returned anything but 1 would refuse the call.
 */
#ifndef PORTTRACE_BPF_HOOKS_RESTRICTED_H
#define PORTTRACE_BPF_HOOKS_RESTRICTED_H

#include "bpf/conflict.h"
#include "bpf/registers.h"
#include "bpf/release.h"
#include "bpf/waiting.h"

#define CGROUP_ALLOW  1
#define IO_OP_CONNECT 16
#define IO_OP_BIND    56
#define IO_OP_LISTEN  57

/* Of the pointer in a context only few fields can be read. */
static __always_inline struct sock *socket_of_context(const struct bpf_sock *pointer)
{
#ifdef PT_DIRECT_READS
    return rdonly_cast(pointer, bpf_core_type_id_kernel(struct sock));
#else
    return (struct sock *)number_of(pointer);
#endif
}

/* The thread is in the system call of this operation, and in none of 32 bits. */
static __always_inline bool in_call_of(__u8 op, struct task_struct *current)
{
    return operation_of(call_number_read(current)) == op && !in_32bit_call(current);
}

/* The inner socket of MPTCP is one that belongs to another's descriptor. */
static __always_inline bool is_of_descriptor(struct sock *sk)
{
    struct socket *sock = READ(sk, sk_socket);

    return sock && READ(sock, file) && READ(sock, sk) == sk;
}

/*
 * A bind to a port that is not wanted; the end of the call is told to let it go, too. Where another
 * thread has taken the slot meanwhile, the end looks at the call and finds the same.
 */
static __always_inline bool pass_by(struct bpf_sock_addr *ctx, __u16 family,
                                    struct task_struct *current)
{
    __u32 thread;
    __u16 port;

    if (!config.by_port || ctx->user_family != family)
        return false;
    port = bpf_ntohs(ctx->user_port);
    if (!port || port_listed(port) || !in_call_of(PT_OP_BIND, current))
        return false;
    thread = thread_of(current);
    passing[thread % PT_PASSING_SLOTS] = thread;
    return true;
}

/* Forgets it, too. */
static __always_inline bool was_passed_by(__u32 thread)
{
    __u32 *passed = &passing[thread % PT_PASSING_SLOTS];

    if (!config.by_port || *passed != thread)
        return false;
    *passed = 0;
    return true;
}

static __always_inline int cgroup_call(struct bpf_sock_addr *ctx, __u8 op, __u16 family)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct sock *sk = socket_of_context(ctx->sk);
    struct call_state *call;

    if (op == PT_OP_BIND) {
        if (pass_by(ctx, family, current))
            return CGROUP_ALLOW;
        was_passed_by(thread_of(current)); /* no mark that was left behind ends this one */
    }
    call = call_begin_restricted(op, sk, thread_of(current));
    if (!call)
        return CGROUP_ALLOW;
    if (ctx->user_family != family && ctx->user_family != AF_UNSPEC)
        return CGROUP_ALLOW; /* refused soon: what the context calls an address is none */
    call->address_source = PT_ADDRESS_KERNEL;
    call->requested.family = family;
    call->requested.port = bpf_ntohs(ctx->user_port);
    if (family == AF_INET) {
        *(__u32 *)&call->requested.address[0] = ctx->user_ip4;
    } else {
        *(__u32 *)&call->requested.address[0] = ctx->user_ip6[0];
        *(__u32 *)&call->requested.address[4] = ctx->user_ip6[1];
        *(__u32 *)&call->requested.address[8] = ctx->user_ip6[2];
        *(__u32 *)&call->requested.address[12] = ctx->user_ip6[3];
    }
    call->in_own = in_call_of(op, current) && is_of_descriptor(sk);
    if (config.holders && op == PT_OP_BIND && call->requested.port && !surely_unwanted(call, 0)) {
        task_facts(&call->end.task, current);
        call->task_known = 1;
        port_asked_for(call, sk);
    }
    return CGROUP_ALLOW;
}

SEC("?cgroup/bind4")
int cgroup_bind4(struct bpf_sock_addr *ctx)
{
    return cgroup_call(ctx, PT_OP_BIND, AF_INET);
}

SEC("?cgroup/bind6")
int cgroup_bind6(struct bpf_sock_addr *ctx)
{
    return cgroup_call(ctx, PT_OP_BIND, AF_INET6);
}

SEC("?cgroup/connect4")
int cgroup_connect4(struct bpf_sock_addr *ctx)
{
    return cgroup_call(ctx, PT_OP_CONNECT, AF_INET);
}

SEC("?cgroup/connect6")
int cgroup_connect6(struct bpf_sock_addr *ctx)
{
    return cgroup_call(ctx, PT_OP_CONNECT, AF_INET6);
}

/*
 * Of the kernel's own sockets and of 32-bit calls nobody tells the result; that they got here means
 * that it is success.
 */
static __always_inline void report_unanswered(struct call_state *call)
{
    __u8 entry = PT_ENTRY_KERNEL;

    if (!sock_is_kernels((struct sock *)call->socket)) {
        if (!in_32bit_call((void *)bpf_get_current_task()))
            return;
        entry = PT_ENTRY_SYSCALL;
        call_note_32bit_arguments(call);
    }
    call_report_success(GIVE(call), entry);
    call_forget(call);
}

/* As early as may be: another's bind may be refused for it from now on. */
static __always_inline void call_note_port(struct call_state *call)
{
    call_collect(GIVE(call));
    call->end.since_ns = call->start_ns;
    call->end.taken_by = PT_OP_BIND;
    call->end.address = call->socket;
    call->port_noted = port_taken(&call->end);
    if (!ANEW(call->port_noted))
        call->end.address = 0; /* once more when the call ends */
}

static __always_inline int cgroup_bound(const struct bpf_sock *ctx)
{
    struct call_state *call;

    if (!port_wanted(ctx->src_port))
        return CGROUP_ALLOW;
    call = call_find();
    if (!call || call->op != PT_OP_BIND)
        return CGROUP_ALLOW;
    if (surely_unwanted(call, 0))
        return CGROUP_ALLOW;
    if (config.holders)
        call_note_port(call);
    report_unanswered(call);
    return CGROUP_ALLOW;
}

SEC("?cgroup/post_bind4")
int cgroup_post_bind4(struct bpf_sock *ctx)
{
    return cgroup_bound(ctx);
}

SEC("?cgroup/post_bind6")
int cgroup_post_bind6(struct bpf_sock *ctx)
{
    return cgroup_bound(ctx);
}

/*
 * A datagram from a socket that nobody has seen taking its port: the send has just taken it, unless
 * the port was bound to.
 */
static __always_inline int cgroup_send(struct bpf_sock_addr *ctx)
{
    struct sock *sk = socket_of_context(ctx->sk);
    struct socket_owner *owner = owner_of(sk);
    struct call_state *call;

    if (!sock_port(sk) || sock_is_bound(sk) || (owner && !is_stale(owner, sk)))
        return CGROUP_ALLOW;
    call = call_begin_late(PT_OP_AUTOBIND, PT_STAGE_PROTOCOL);
    if (!call)
        return CGROUP_ALLOW;
    call->socket = (__u64)sk;
    call_report_success(GIVE(call), sock_is_kernels(sk) ? PT_ENTRY_KERNEL : PT_ENTRY_SEND);
    call_forget(call);
    return CGROUP_ALLOW;
}

SEC("?cgroup/sendmsg4")
int cgroup_sendmsg4(struct bpf_sock_addr *ctx)
{
    return cgroup_send(ctx);
}

SEC("?cgroup/sendmsg6")
int cgroup_sendmsg6(struct bpf_sock_addr *ctx)
{
    return cgroup_send(ctx);
}

/* system calls return */

/*
 * A send that fails with EAGAIN on a UDP socket that still has no port found none to take. One
 * within which a connect began was a TCP fast open. 1: that is the thread's call.
 */
__noinline int send_ended(__s32 fd, __s32 error)
{
    struct call_state *call = call_find();
    struct sock *sk;

    if (!call && error != ERRNO_EAGAIN)
        return 0;
    sk = (struct sock *)socket_of_descriptor(fd);
    if (!sk || (__u64)sk == NO_INET_SOCKET)
        return 0;
    if (call && call->op == PT_OP_CONNECT && call->socket == (__u64)sk)
        return 1;
    if (error != ERRNO_EAGAIN || sock_port(sk) ||
        protocol_bit(READ(sk, sk_type), READ(sk, sk_protocol)) != FILTER_UDP)
        return 0;
    call = call_begin_late(PT_OP_AUTOBIND, PT_STAGE_PROTOCOL);
    if (!call)
        return 0;
    call->socket = (__u64)sk;
    return 1;
}

static __always_inline void report_ended(__u32 entry, __s32 error)
{
    struct call_state *call = call_find();

    if (!call)
        return;
    call_report(GIVE(call), entry, error);
    call_done(call, call->op, error);
}

/* By itself, so that the verifier looks at it once, and not for each operation and result. */
__noinline int call_returned(__u32 op, __s32 error)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct call_state *call = call_under_way(thread_of(current));
    struct call_arguments args;

    call_arguments_read(&args, current);
    if (call && call->op == op && call->in_own) {
        call->fd = args.first;
        call->user_address = args.second;
        call->address_size = args.third;
        call_report_or_count(call, PT_ENTRY_SYSCALL, error);
        call_done(call, op, error);
    } else if (call_ended(op, args.first, args.second, args.third, error)) {
        report_ended(PT_ENTRY_SYSCALL, error);
    }
    return 0;
}

__noinline int send_returned(__s32 error)
{
    struct call_arguments args;

    call_arguments_read(&args, (void *)bpf_get_current_task());
    if (send_ended(args.first, error))
        report_ended(PT_ENTRY_SEND, error);
    return 0;
}

static __always_inline void system_call_returned(int number, long result)
{
    __s32 error = error_of(result);
    __u8 op = operation_of(number);

    if (!op)
        send_returned(error);
    else if ((!result || error) &&
             !(config.by_port && op == PT_OP_BIND && was_passed_by(bpf_get_current_pid_tgid())))
        call_returned(op, error);
}

/* Attached to each of the system calls. */
SEC("?tracepoint/syscalls/sys_exit_bind")
int tp_exit(struct trace_event_raw_sys_exit *ctx)
{
    system_call_returned(ctx->id, ctx->ret);
    return 0;
}

/* states of TCP sockets */

/* A port that it takes itself is chosen behind this: of a 32-bit call nobody tells which. */
static __always_inline void listen_began(struct sock *sk)
{
    struct call_state *call = call_begin_restricted(PT_OP_LISTEN, sk, bpf_get_current_pid_tgid());

    if (!call)
        return;
    if (call->had_port)
        report_unanswered(call);
}

/* The source address is chosen, and next the port is. */
static __always_inline void connect_began(struct sock *sk)
{
    struct call_state *call = call_find();

    if (call && call->op == PT_OP_CONNECT && call->socket == (__u64)sk)
        call->record.refusal.check = PT_CHECK_CONNECT;
}

/*
 * A closed socket keeps a port that it was bound to, as long as somebody has its descriptor. One
 * that was given its port by the kernel loses it at once.
 */
static __always_inline void tcp_closed(struct sock *sk)
{
    if (sock_is_bound(sk) && READ(sk, sk_socket))
        return;
    if (owner_of(sk))
        port_released(sk);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(tp_set_state, struct sock *sk, int from, int to)
{
    if (to == TCP_LISTEN)
        listen_began(sk);
    else if (to == TCP_CLOSE)
        tcp_closed(sk);
    else if (config.holders && to == TCP_SYN_SENT)
        connect_began(sk);
    else if (config.holders && is_closing(to))
        connection_closing(sk);
    return 0;
}

/*
 * The last descriptor goes. A connection that is still being closed keeps its port a little longer;
 * one that was never made is closed at once, while the socket still looks like somebody's.
 */
SEC("?cgroup/sock_release")
int cgroup_sock_release(struct bpf_sock *ctx)
{
    struct sock *sk = socket_of_context(ctx);
    __u8 state = READ(sk, __sk_common.skc_state);

    if (READ(sk, sk_protocol) != IPPROTO_TCP || state == TCP_CLOSE || state == TCP_LISTEN ||
        state == TCP_SYN_SENT)
        port_released(sk);
    return CGROUP_ALLOW;
}

/* io_uring tells the result of every operation, in arguments that differ between kernels. */

static __always_inline __u8 io_operation(struct io_kiocb *request)
{
    switch (READ(request, opcode)) {
    case IO_OP_BIND:
        return PT_OP_BIND;
    case IO_OP_LISTEN:
        return PT_OP_LISTEN;
    case IO_OP_CONNECT:
        return PT_OP_CONNECT;
    }
    return 0;
}

/* What is left when a process ends, a worker of the kernel cancels, who is not the caller. */
static __always_inline void io_completed(struct io_kiocb *request, long result)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    __u8 op = io_operation(request);
    struct call_state *call;
    struct sock *sk;

    if (!op || !READ(current, mm))
        return;
    sk = call_io_socket(request);
    if (!sk || !is_inet(sock_family(sk)))
        return;
    call = call_of_socket(op, sk);
    if (!call) {
        call = call_begin_late(op, PT_STAGE_UNKNOWN);
        if (!call)
            return;
        call->socket = (__u64)sk;
    }
    call_io_arguments(call, request);
    call_report(GIVE(call), PT_ENTRY_IO_URING, error_of(result));
    call_done(call, op, error_of(result));
}

/* From 6.1 (BTF of the tracepoint: seven arguments) until 6.14. */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(tp_io_complete7, void *ring, struct io_kiocb *request, __u64 user_data, int result)
{
    io_completed(request, result);
    return 0;
}

/* Since then the completion itself is passed. */
SEC("?tp_btf/io_uring_complete")
int BPF_PROG(tp_io_complete3, void *ring, struct io_kiocb *request, struct io_uring_cqe *completion)
{
    io_completed(request, READ(completion, res));
    return 0;
}

#endif
