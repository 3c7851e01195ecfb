/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of one call, whatever way the hooks are attached:
 *   call_open      at the system call, where the plan has a hook there (kprobe)
 *   call_socket    at the security check: socket and address in kernel memory
 *   call_protocol  the protocol's code has run; without an open call it was the kernel's own
 *   call_close     the outermost function returns: the event is written
 */
#ifndef PORTTRACE_BPF_CALL_H
#define PORTTRACE_BPF_CALL_H

#include "bpf/filter.h"
#include "bpf/process.h"

#define S_IFMT   0170000
#define S_IFSOCK 0140000

/* What can only be seen before the call has changed it. */
static __always_inline void call_note_entry(struct call_state *call, struct sock *sk)
{
    call->had_port = sock_port(sk) != 0;
    call->options = socket_options(sk);
    call->seen_entry = 1;
}

static __always_inline void call_set_socket(struct call_state *call, struct sock *sk,
                                            const void *address, __u32 size)
{
    call->socket = (__u64)sk;
    call_note_entry(call, sk);
    if (call->op == PT_OP_LISTEN)
        return;
    call->address_size = size;
    call->address_source = PT_ADDRESS_KERNEL;
    endpoint_from_kernel(&call->requested, address, size);
}

static __always_inline void call_open(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                      __s32 backlog)
{
    struct call_state *call = call_find();

    if (call)
        count_loss(PT_LOSS_MISSED_RETURN);
    call = call_begin(op, PT_STAGE_ENTRY);
    if (!call)
        return;
    call->fd = fd;
    call->user_address = user_address;
    call->address_size = size;
    call->backlog = backlog;
}

static __always_inline void call_socket(__u8 op, struct sock *sk, const void *address, __u32 size,
                                        __s32 backlog, __u8 stage)
{
    struct call_state *call = call_find();

    if (call && (call->op != op || call->stage != PT_STAGE_ENTRY)) {
        count_loss(PT_LOSS_MISSED_RETURN);
        call = NULL;
    }
    if (!sk || !is_inet(sock_family(sk))) {
        if (call)
            call->not_inet = 1;
        return;
    }
    if (!call) {
        call = call_begin(op, stage);
        if (!call)
            return;
        call->backlog = backlog;
    }
    call->stage = stage;
    call_set_socket(call, sk, address, size);
}

/* The security modules have agreed, where that was not known with the socket. */
static __always_inline void call_security_return(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op && call->stage == PT_STAGE_SECURITY && !result)
        call->stage = PT_STAGE_PROTOCOL;
}

/* Follows a socket from the call that gave it a port on. The inode tells a reused struct sock. */
static __always_inline void remember_socket(struct call_state *call, __u64 sk, __u8 op)
{
    struct socket_owner *known = bpf_map_lookup_elem(&sockets, &sk);

    if (known && known->socket.inode == call->end.socket.inode) {
        known->socket.state = call->end.socket.state;
        return;
    }
    call->end.since_ns = bpf_ktime_get_boot_ns();
    call->end.taken_by = op;
    if (bpf_map_update_elem(&sockets, &sk, &call->end, BPF_ANY))
        count_loss(PT_LOSS_SOCKETS_FULL);
}

static __always_inline void write_call(const struct call_state *from, __u8 op, __s32 error)
{
    struct pt_call *call = emit_reserve(sizeof(*call), PT_LOSS_RING_FULL);

    if (!call)
        return;
    emit_header(&call->header, PT_KIND_CALL, sizeof(*call));
    call->task = from->end.task;
    call->socket = from->end.socket;
    call->requested = from->requested;
    if (is_failure(error))
        __builtin_memset(&call->local, 0, sizeof(call->local));
    else
        call->local = from->end.local;
    call->latency_ns = from->start_ns ? bpf_ktime_get_ns() - from->start_ns : 0;
    call->error = error;
    call->fd = from->fd;
    call->backlog = from->backlog;
    call->address_size = from->address_size;
    call->op = op;
    call->entry = from->entry;
    call->plan = config.plan;
    call->address_source = from->address_source;
    call->stage = from->stage;
    __builtin_memset(call->pad, 0, sizeof(call->pad));
    call->flags = from->socket ? PT_CALL_SOCKET_KNOWN : 0;
    call->pad2 = 0;
    if (from->partial_latency)
        call->flags |= PT_CALL_PARTIAL_LATENCY;
    if (from->seen_entry && !from->had_port && (op == PT_OP_LISTEN || op == PT_OP_CONNECT))
        call->flags |= PT_CALL_IMPLIES_AUTOBIND;
    if (!from->seen_entry)
        call->flags |= PT_CALL_ENTRY_UNSEEN;
    if (op == PT_OP_AUTOBIND) {
        __builtin_memset(&call->requested, 0, sizeof(call->requested));
        call->requested.family = from->end.socket.family;
        call->address_source = PT_ADDRESS_NONE;
        call->backlog = 0;
    }
    emit_submit(call);
}

/*
 * A listen or a UDP connect of a socket without a port takes one first, or fails to. The port stays
 * with the socket also when the rest of the connect fails.
 */
static __always_inline bool took_port_implicitly(const struct call_state *call)
{
    const struct pt_socket *socket = &call->end.socket;

    if (!call->seen_entry || call->had_port)
        return false;
    if (call->op == PT_OP_LISTEN)
        return call->end.local.port || call->error == ERRNO_EADDRINUSE;
    if (call->op != PT_OP_CONNECT ||
        !(protocol_bit(socket->type, socket->protocol) & (FILTER_UDP | FILTER_PING)))
        return false;
    return call->end.local.port || call->error == ERRNO_EAGAIN;
}

static __always_inline bool call_wanted(const struct call_state *call, struct task_struct *current)
{
    __u16 family = call->socket ? call->end.socket.family : call->requested.family;

    if (!task_wanted(&call->end.task, current) || !socket_wanted(&call->end.socket, family))
        return false;
    return !config.netns_count || netns_wanted(call->end.task.netns);
}

static __always_inline bool ports_wanted(__u16 one, __u16 other)
{
    return !config.by_port || port_wanted(one) || port_wanted(other);
}

/* The socket of which a hook of this plan tells that it gives its port back. */
static __always_inline __u64 followed_socket(const struct call_state *call)
{
    if (config.plan != PT_PLAN_RESTRICTED && call->inner_socket)
        return call->inner_socket;
    return call->socket;
}

/*
 * The events of the current thread's call, if they are wanted. A port that was got makes the socket
 * a followed one. Global functions are verified once for themselves, and not for each caller's
 * state.
 */
__noinline int call_report(__u32 entry, __s32 error)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct call_state *call = call_find();
    struct sock *sk, *bound;
    bool implicit, wanted, follow;
    __s32 port_error;

    if (!call)
        return 0;
    sk = (void *)call->socket;
    bound = call->inner_socket ? (void *)call->inner_socket : sk;
    call->entry = entry;
    call->error = error;
    task_facts(&call->end.task, current);
    if (sk) {
        socket_facts(&call->end.socket, sk);
        if (call->seen_entry)
            call->end.socket.options = call->options;
        call->end.task.netns = sock_netns(sk);
        endpoint_from_socket(&call->end.local, bound);
        if (is_failure(error) && call->op != PT_OP_CONNECT)
            __builtin_memset(&call->end.local, 0, sizeof(call->end.local));
    }
    if (!call_wanted(call, current))
        return 0;
    implicit = took_port_implicitly(call);
    wanted = ports_wanted(call->requested.port, call->end.local.port);
    follow = sk && call->end.local.port && wanted && (implicit || !is_failure(error));
    if (follow)
        remember_socket(call, followed_socket(call), implicit ? PT_OP_AUTOBIND : call->op);
    port_error = call->end.local.port ? 0 : error;
    implicit = implicit && ports_wanted(call->end.local.port, call->end.local.port) &&
               outcome_wanted(PT_OP_AUTOBIND, port_error);
    wanted = wanted && outcome_wanted(call->op, error);
    if (!implicit && !wanted && !(follow && outcome_wanted(PT_OP_RELEASE, 0)))
        return 0;
    describe_process(&call->end.task, current);
    if (implicit)
        write_call(call, PT_OP_AUTOBIND, port_error);
    if (wanted)
        write_call(call, call->op, error);
    return 0;
}

/* The socket behind a descriptor, for calls that ended before any hook saw it. */
static __always_inline struct sock *socket_of_descriptor(__s32 fd, bool *ret_other)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct fdtable *table = BPF_CORE_READ(current, files, fdt);
    struct file **slots = BPF_CORE_READ(table, fd);
    struct file *file = NULL;
    struct socket *sock;
    struct sock *sk;

    *ret_other = false;
    if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
        return NULL;
    bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
    if (!file || (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
        return NULL;
    sock = BPF_CORE_READ(file, private_data);
    sk = sock ? BPF_CORE_READ(sock, sk) : NULL;
    if (!sk)
        return NULL;
    *ret_other = !is_inet(sock_family(sk));
    return *ret_other ? NULL : sk;
}

/* The address as it stands in the caller's memory now; false if it is not one with a port. */
static __always_inline bool call_read_user_address(struct call_state *call)
{
    struct inet_address from = {};

    if (bpf_probe_read_user(&from, sizeof(from), (void *)call->user_address) &&
        bpf_probe_read_user(&from, 16, (void *)call->user_address))
        return true;
    if (!call->socket && from.family != AF_UNSPEC && !is_inet(from.family))
        return false;
    endpoint_from_address(&call->requested, &from, call->address_size);
    if (call->requested.family)
        call->address_source = PT_ADDRESS_USER;
    return true;
}

/* Nothing saw the socket or the address: the call ended before, or a plan has no hook there. */
static __always_inline bool call_recover(struct call_state *call)
{
    bool other;
    struct sock *sk = socket_of_descriptor(call->fd, &other);

    if (other)
        return false;
    if (sk)
        call->socket = (__u64)sk;
    else if (call->stage == PT_STAGE_UNKNOWN)
        call->stage = PT_STAGE_ENTRY;
    return call->op == PT_OP_LISTEN || call_read_user_address(call);
}

/* A system call returns. fd, address and size are as the caller passed them. */
static __always_inline void call_close(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                       __s32 backlog, long result)
{
    struct call_state *call = call_find();

    if (!call || call->op != op) {
        if (result >= 0)
            return; /* not a socket with ports: those all pass the security check */
        call = call_begin(op, PT_STAGE_ENTRY);
        if (!call)
            return;
        call->start_ns = 0;
        call->address_size = size;
        call->backlog = backlog;
    }
    call->fd = fd;
    call->user_address = user_address;
    if (op == PT_OP_LISTEN)
        call->backlog = backlog; /* the security modules see it cut to somaxconn */
    if (!call->not_inet && (call->socket || call_recover(call)))
        call_report(PT_ENTRY_SYSCALL, result < 0 ? -result : 0);
    call_forget();
}

/*
 * The socket that the caller's descriptor stands for, where a hook has seen another one: MPTCP
 * binds, connects and listens on an inner socket.
 */
static __always_inline void call_correct_socket(struct call_state *call, struct sock *sk)
{
    if (!sk || !is_inet(sock_family(sk)) || call->socket == (__u64)sk)
        return;
    call->inner_socket = call->socket;
    call->socket = (__u64)sk;
}

/*
 * As above, where hooks see only some of the calls: all that succeeds has to be looked at, and what
 * was left by a call that no hook saw the end of is not a loss.
 */
static __always_inline void call_close_restricted(__u8 op, __s32 fd, __u64 user_address, __u32 size,
                                                  __s32 backlog, long result)
{
    struct call_state *call = call_find();
    bool other;

    if (!call || call->op != op) {
        call = call_begin(op, result < 0 ? PT_STAGE_UNKNOWN : PT_STAGE_PROTOCOL);
        if (!call)
            return;
        call->start_ns = 0;
    }
    call->fd = fd;
    call->user_address = user_address;
    call->address_size = size;
    call->backlog = backlog;
    if (call->socket) {
        call_correct_socket(call, socket_of_descriptor(fd, &other));
        if (op != PT_OP_LISTEN && !call->requested.family)
            call_read_user_address(call);
    }
    if (call->socket || call_recover(call))
        call_report(PT_ENTRY_SYSCALL, result < 0 ? -result : 0);
    call_forget();
}

/* As above, where call_open() kept what the caller passed. */
static __always_inline void call_close_opened(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op)
        call_close(op, call->fd, call->user_address, call->address_size, call->backlog, result);
}

/* io_uring begins an operation, for the first time or again. */
static __always_inline void call_io_open(__u8 op, struct io_kiocb *request)
{
    struct call_state *call = call_begin(op, PT_STAGE_ENTRY);

    if (call)
        call->request = (__u64)request;
}

/* The function that io_uring calls for the operation has returned with the operation's result. */
static __always_inline void call_io_result(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (call && call->op == op)
        call->error = result < 0 ? -result : 0;
}

/* The operation's own copy of its arguments. */
static __always_inline void call_io_arguments(struct call_state *call, struct io_kiocb *request)
{
    struct io_listen *listen = (void *)request;
    struct io_connect *connect = (void *)request;
    struct io_bind *bind = (void *)request;

    if (call->op == PT_OP_LISTEN) {
        if (bpf_core_field_exists(listen->backlog))
            call->backlog = BPF_CORE_READ(listen, backlog);
        return;
    }
    if (call->op == PT_OP_CONNECT)
        call->address_size = BPF_CORE_READ(connect, addr_len);
    else if (bpf_core_field_exists(bind->addr_len))
        call->address_size = BPF_CORE_READ(bind, addr_len);
}

/* What the first try has seen, for the one that ends the operation. */
static __always_inline void call_io_resume(struct call_state *call)
{
    __u64 request = call->request;
    struct call_state *first = bpf_map_lookup_elem(&retried_calls, &request);

    if (!first)
        return;
    call->start_ns = first->start_ns;
    call->socket = first->socket;
    call->inner_socket = first->inner_socket;
    call->requested = first->requested;
    call->address_size = first->address_size;
    call->address_source = first->address_source;
    call->stage = first->stage;
    call->options = first->options;
    call->had_port = first->had_port;
    call->seen_entry = first->seen_entry;
    bpf_map_delete_elem(&retried_calls, &request);
}

/* The request's own result; up to 5.18 it was elsewhere, and call_io_result() has seen it. */
static __always_inline __s32 call_io_error(const struct call_state *call)
{
    struct io_kiocb *request = (void *)call->request;
    __s32 result;

    if (!bpf_core_field_exists(request->cqe.res))
        return call->error;
    result = BPF_CORE_READ(request, cqe.res);
    return result < 0 ? -result : 0;
}

static __always_inline void call_io_close(__u8 op, long returned)
{
    struct call_state *call = call_find();
    __u64 request;

    if (!call || call->op != op)
        return;
    request = call->request;
    if (returned != -ERRNO_EAGAIN) {
        call_io_resume(call);
        call_io_arguments(call, (struct io_kiocb *)request);
        if (call->socket)
            call_report(PT_ENTRY_IO_URING, call_io_error(call));
    } else if (!bpf_map_lookup_elem(&retried_calls, &request)) {
        bpf_map_update_elem(&retried_calls, &request, call, BPF_ANY);
    }
    call_forget();
}

/* The socket that is really bound, connected or listens, within an open call. */
static __always_inline void call_inner(__u8 op, struct sock *sk)
{
    struct call_state *call = call_find();

    if (!call || call->op != op)
        return;
    call->stage = PT_STAGE_PROTOCOL;
    call->inner_socket = (__u64)sk;
}

/*
 * The protocol's code has begun on a socket. Within an open call this only tells how far the call
 * got; otherwise the kernel calls for itself, or a send implies the call.
 */
static __always_inline void call_protocol_enter(__u8 op, struct sock *sk, const void *address,
                                                __u32 size, __s32 backlog)
{
    struct call_state *call = call_find();

    if (call) {
        if (call->op != op)
            return;
        call_inner(op, sk);
        return;
    }
    call = call_begin(op, PT_STAGE_PROTOCOL);
    if (!call)
        return;
    call->backlog = backlog;
    call->entry = sock_is_kernels(sk) ? PT_ENTRY_KERNEL : PT_ENTRY_SEND;
    call_set_socket(call, sk, address, size);
}

/* An open call has no entry yet; one that call_protocol_enter() began has, and ends here. */
static __always_inline void call_protocol_return(__u8 op, long result)
{
    struct call_state *call = call_find();

    if (!call || call->op != op || call->entry == PT_ENTRY_UNKNOWN)
        return;
    call_report(call->entry, result < 0 ? -result : 0);
    call_forget();
}

/* The kernel chooses a port for a socket. Within another call that call tells it. */
static __always_inline void call_autobind_enter(struct sock *sk)
{
    struct call_state *call = call_find();

    if (call && (call->op == PT_OP_LISTEN || call->op == PT_OP_CONNECT))
        return;
    call = call_begin(PT_OP_AUTOBIND, PT_STAGE_PROTOCOL);
    if (!call)
        return;
    call->socket = (__u64)sk;
    call->entry = sock_is_kernels(sk) ? PT_ENTRY_KERNEL : PT_ENTRY_SEND;
}

static __always_inline void call_autobind_return(long result)
{
    call_protocol_return(PT_OP_AUTOBIND, result);
}

#endif
