/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets that have a port now, looked up by iterators: those behind descriptors of processes,
 * in all net namespaces, and all TCP and UDP sockets of one net namespace, with or without one.
 */
#ifndef PORTTRACE_BPF_HELD_H
#define PORTTRACE_BPF_HELD_H

#include "bpf/emit.h"
#include "bpf/socket.h"
#include "bpf/task.h"

/* Nothing is loaded unless it is selected, but where the iterators are all there is. */
#ifndef HELD_SEC
#define HELD_SEC(name) SEC("?" name)
#endif

#define TCP_ESTABLISHED  1
#define TCP_FIN_WAIT2    5
#define TCP_TIME_WAIT    6
#define TCP_NEW_SYN_RECV 12

struct pt_held_query held_query = {}; /* as in maps.h */

/* An iterator has one reader, so there is one record under construction, too. */
static struct pt_held held;
static __u64 held_task; /* struct task_struct that .task tells of: the same for all descriptors */

static __always_inline bool held_wanted(__u16 port)
{
    return port && (!held_query.port || port == held_query.port);
}

/* Of others, like L2TP's, the number is not a port. */
static __always_inline bool held_protocol(__u16 protocol)
{
    return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_UDPLITE ||
           protocol == IPPROTO_MPTCP || protocol == IPPROTO_SCTP || protocol == IPPROTO_ICMP ||
           protocol == IPPROTO_ICMPV6;
}

static __always_inline void held_begin(struct pt_holder *holder)
{
    __builtin_memset(&holder->socket, 0, sizeof(*holder) - sizeof(holder->task));
    holder->fd = -1;
    holder->source = PT_HOLDER_LOOKUP;
}

static __always_inline void held_submit(struct seq_file *output)
{
    emit_header(&held.header, PT_KIND_HELD, sizeof(held), bpf_ktime_get_boot_ns());
    bpf_seq_write(output, &held, sizeof(held));
}

static __always_inline void held_bucket(struct pt_holder *holder, struct inet_bind_bucket *bucket)
{
    if (!bucket || READ(bucket, port) != holder->local.port)
        return;
    holder->fastreuse = READ(bucket, fastreuse);
    holder->fastreuseport = READ(bucket, fastreuseport);
    holder->flags |= PT_HOLDER_BUCKET_KNOWN;
}

static __always_inline void held_peer(struct pt_holder *holder, struct sock_common *common)
{
    struct pt_endpoint *peer = &holder->peer;
    __be32 v4;

    peer->family = READ(common, skc_family);
    peer->port = bpf_ntohs(READ(common, skc_dport));
    if (peer->family == AF_INET) {
        v4 = READ(common, skc_daddr);
        __builtin_memcpy(peer->address, &v4, 4);
        return;
    }
    READ_INTO(&peer->address, common, skc_v6_daddr.in6_u.u6_addr8);
    if (peer->address[0] == 0xfe && (peer->address[1] & 0xc0) == 0x80)
        peer->scope_id = READ(common, skc_bound_dev_if);
}

/* The subflows of MPTCP are made by the kernel, but for a socket of a process. */
static __always_inline bool held_by_kernel(struct sock *sk)
{
    struct tcp_sock *tcp = (void *)sk;

    if (!READ_BITFIELD(sk, sk_kern_sock))
        return false;
    if (READ(sk, sk_protocol) != IPPROTO_TCP || !bpf_core_field_exists(tcp->is_mptcp))
        return true;
    return !READ(tcp, is_mptcp);
}

static __always_inline void held_socket(struct pt_holder *holder, struct sock *sk)
{
    struct inet_connection_sock *connection = (void *)inner_socket(sk);

    socket_facts(&holder->socket, sk);
    endpoint_of(&holder->local, number_of(sk));
    holder->task.netns = sock_netns(sk);
    if (holder->socket.state != TCP_CLOSE && READ(sk, __sk_common.skc_dport))
        held_peer(holder, &sk->__sk_common);
    if (sock_is_bound(sk))
        holder->flags |= PT_HOLDER_BOUND;
    if (held_by_kernel(sk))
        holder->flags |= PT_HOLDER_KERNEL;
    else if (sock_is_kernels(sk))
        holder->flags |= PT_HOLDER_ORPHAN;
    if (holder->socket.protocol == IPPROTO_TCP || number_of(connection) != number_of(sk))
        held_bucket(holder, READ(connection, icsk_bind_hash));
}

static __always_inline void held_uid(struct pt_holder *holder, __u32 uid)
{
    holder->uid = uid;
    holder->flags |= PT_HOLDER_UID_KNOWN;
}

HELD_SEC("iter/task_file")
int held_descriptors(struct bpf_iter__task_file *ctx)
{
    struct pt_holder *holder = &held.holder;
    struct task_struct *task = ctx->task;
    struct file *file = ctx->file;
    struct socket *sock;
    struct sock *sk;

    if (!task || !file || (file->f_inode->i_mode & S_IFMT) != S_IFSOCK)
        return 0;
    sock = file->private_data;
    sk = sock ? READ(sock, sk) : NULL;
    if (!sk || !is_inet(sock_family(sk)) || !held_wanted(sock_port(sk)) ||
        !held_protocol(READ(sk, sk_protocol)))
        return 0;
    if (held_task != (__u64)task || holder->task.start_ns != task->group_leader->start_boottime) {
        task_facts(&holder->task, task);
        holder->task.tid = holder->task.pid;
        held_task = (__u64)task;
    }
    held_begin(holder);
    held_socket(holder, sk);
    held_uid(holder, READ(sk, sk_uid.val));
    holder->fd = ctx->fd;
    holder->flags |= PT_HOLDER_OWNER_KNOWN;
    held_submit(ctx->meta->seq);
    return 0;
}

/* What TIME_WAIT and a request, which are no whole sockets, have in common with one. */
static __always_inline void held_remains(struct pt_holder *holder, struct sock_common *common)
{
    struct pt_socket *socket = &holder->socket;

    socket->cookie = READ(common, skc_cookie.counter);
    socket->family = READ(common, skc_family);
    socket->type = SOCK_STREAM;
    socket->protocol = IPPROTO_TCP;
    socket->state = READ(common, skc_state);
    socket->device_ifindex = READ(common, skc_bound_dev_if);
    if (socket->device_ifindex)
        device_name(socket->device, (struct sock *)common, socket->device_ifindex);
    holder->task.netns = READ(common, skc_net.net, ns.inum);
    holder->flags |= PT_HOLDER_ORPHAN;
    held_peer(holder, common);
    endpoint_from_common(&holder->local, common);
}

static __always_inline void held_time_wait(struct pt_holder *holder, struct sock_common *common)
{
    struct inet_timewait_sock *remains = (void *)common;
    __u64 left = READ(remains, tw_timer.expires) - bpf_jiffies64();

    if (READ_BITFIELD(common, skc_reuse))
        holder->socket.options |= PT_OPTION_REUSEADDR;
    if (READ_BITFIELD(common, skc_reuseport))
        holder->socket.options |= PT_OPTION_REUSEPORT;
    if (READ_BITFIELD(common, skc_ipv6only))
        holder->socket.options |= PT_OPTION_V6ONLY;
    if (READ(remains, tw_substate) == TCP_FIN_WAIT2)
        holder->flags |= PT_HOLDER_HALF_CLOSED;
    if ((__s64)left > 0)
        holder->expires_ns = left * held_query.tick_ns;
    held_bucket(holder, READ(remains, tw_tb));
}

HELD_SEC("iter/tcp")
int held_tcp(struct bpf_iter__tcp *ctx)
{
    struct sock_common *common = ctx->sk_common;
    struct pt_holder *holder = &held.holder;
    __u8 state;

    if (!common || !held_wanted(READ(common, skc_num)))
        return 0;
    held_task = 0;
    __builtin_memset(&holder->task, 0, sizeof(holder->task));
    held_begin(holder);
    state = READ(common, skc_state);
    if (state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV) {
        held_remains(holder, common);
        if (state == TCP_TIME_WAIT)
            held_time_wait(holder, common);
    } else {
        held_socket(holder, (struct sock *)common);
        held_uid(holder, ctx->uid);
    }
    held_submit(ctx->meta->seq);
    return 0;
}

HELD_SEC("iter/udp")
int held_udp(struct bpf_iter__udp *ctx)
{
    struct sock *sk = (struct sock *)ctx->udp_sk;
    struct pt_holder *holder = &held.holder;

    if (!sk || !held_wanted(READ(sk, __sk_common.skc_num)))
        return 0;
    held_task = 0;
    __builtin_memset(&holder->task, 0, sizeof(holder->task));
    held_begin(holder);
    held_socket(holder, sk);
    held_uid(holder, ctx->uid);
    held_submit(ctx->meta->seq);
    return 0;
}

/* The net namespaces of all threads: a process may have several. */
HELD_SEC("iter/task")
int held_threads(struct bpf_iter__task *ctx)
{
    struct task_struct *task = ctx->task;
    struct pt_held_thread thread = {};

    if (!task)
        return 0;
    thread.netns = READ(task, nsproxy, net_ns, ns.inum);
    if (!thread.netns || thread.netns == held_query.last_netns)
        return 0;
    held_query.last_netns = thread.netns;
    thread.pid = READ(task, tgid);
    thread.tid = READ(task, pid);
    bpf_seq_write(ctx->meta->seq, &thread, sizeof(thread));
    return 0;
}

#endif
