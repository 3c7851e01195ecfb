/* SPDX-License-Identifier: GPL-2.0 */
/* What can still be found out at the end of a call that no hook saw the beginning of. */
#ifndef PORTTRACE_BPF_RECOVER_H
#define PORTTRACE_BPF_RECOVER_H

#include "bpf/socket.h"
#include "bpf/state.h"

#define NO_INET_SOCKET 1

/*
 * The struct sock behind a descriptor, for calls that ended before any hook saw it; 0: it is none,
 * NO_INET_SOCKET: one of another family.
 */
__noinline __u64 socket_of_descriptor(__s32 fd)
{
    struct task_struct *current = (void *)bpf_get_current_task();
    struct fdtable *table = READ(current, files, fdt);
    struct file **slots = READ(table, fd);
    struct file *file = NULL;
    struct socket *sock;
    struct sock *sk;

    if (fd < 0 || (__u32)fd >= READ(table, max_fds))
        return 0;
    bpf_probe_read_kernel(&file, sizeof(file), slots + fd);
    if (!file || (READ(file, f_inode, i_mode) & S_IFMT) != S_IFSOCK)
        return 0;
    sock = READ(file, private_data);
    sk = sock ? READ(sock, sk) : NULL;
    if (!sk)
        return 0;
    return is_inet(sock_family(sk)) ? number_of(sk) : NO_INET_SOCKET;
}

/* The address as it stands in the caller's memory now; 0 if it is not one with a port. */
__noinline int call_read_user_address(THE_CALL)
{
    TAKE_THE_CALL();
    struct inet_address from = {};

    if (bpf_probe_read_user(&from, sizeof(from), (void *)call->user_address) &&
        bpf_probe_read_user(&from, 16, (void *)call->user_address))
        return 1;
    if (!call->socket && from.family != AF_UNSPEC && !is_inet(ANEW(from.family)))
        return 0;
    endpoint_from_address(&call->requested, &from,
                          address_counts(call->op, from.family, call->address_size));
    if (call->requested.family || from.family == AF_UNSPEC)
        call->address_source = PT_ADDRESS_USER;
    return 1;
}

/* Nothing saw the socket or the address: the call ended before, or a plan has no hook there. */
static __always_inline bool call_recover(struct call_state *call)
{
    __u64 sk = socket_of_descriptor(call->fd);

    if (sk == NO_INET_SOCKET)
        return false;
    if (sk)
        call->socket = sk;
    else if (call->stage == PT_STAGE_UNKNOWN)
        call->stage = PT_STAGE_ENTRY;
    return call->op == PT_OP_LISTEN || call_read_user_address(GIVE(call));
}

#endif
