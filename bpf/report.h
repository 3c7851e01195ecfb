/* SPDX-License-Identifier: GPL-2.0 */
/* What has become of a call: the events that tell it, and the socket that is followed from then on.
 */
#ifndef PORTTRACE_BPF_REPORT_H
#define PORTTRACE_BPF_REPORT_H

#include "bpf/process.h"
#include "bpf/release.h"
#include "bpf/storm.h"

/* Follows a socket from the call that gave it a port on. The inode tells a reused struct sock. */
static __always_inline void remember_socket(struct call_state *call)
{
    __u64 sk = followed_socket(call->socket, call->inner_socket);
    struct socket_owner *known = followed_find(sk), *taken = NULL;
    bool is_known = known && known->socket.inode == call->end.socket.inode;

    mark_followed(call->end.local.port);
    if (is_known) {
        known->socket.state = call->end.socket.state;
        known->wanted |= call->end.wanted;
        taken = known;
    } else if (call->end.address != sk) {
        call->end.since_ns = call->now_ns;
        call->end.taken_by = call->implicit ? PT_OP_AUTOBIND : call->op;
        call->end.address = sk;
        taken = &call->end;
    }
    if (config.holders && taken)
        port_taken(taken);
    if (is_known)
        return;
    if (known)
        unfollow_socket(sk);
    if (follow_socket(sk, &call->end, BPF_ANY) && call->end.wanted)
        count_loss(PT_LOSS_SOCKETS_FULL);
}

/* The scope and the device as they were before the call, where that is known. */
static __always_inline void undo_device(struct pt_call *record)
{
    /* Cgroup programs are not told the scope; nothing else gives a socket its device here. */
    if (record->requested.family == AF_INET6 && !record->requested.scope_id)
        record->requested.scope_id = record->socket.device_ifindex;
    record->socket.device_ifindex = 0;
    __builtin_memset(record->socket.device, 0, sizeof(record->socket.device));
}

static __always_inline __u32 record_flags(const struct call_state *call)
{
    __u32 flags = call->socket ? PT_CALL_SOCKET_KNOWN : 0;

    flags |= ANEW(call->partial_latency) * PT_CALL_PARTIAL_LATENCY;
    flags |= !ANEW(call->seen_entry) * PT_CALL_ENTRY_UNSEEN;
    return flags;
}

/* What the record of a call, or of the autobind that it implies, is to say. */
static __always_inline void fill_record(struct call_state *call, __u32 op, __s32 error)
{
    struct pt_call *record = &call->record.call;

    emit_header(&record->header, PT_KIND_CALL, sizeof(*record), call->now_ns);
    record->task = call->end.task;
    record->socket = call->end.socket;
    record->requested = call->requested;
    record->local = call->end.local;
    record->latency_ns = call->now_ns - call->start_ns;
    record->error = error;
    record->fd = call->fd;
    record->backlog = call->backlog;
    record->address_size = call->address_size;
    record->op = op;
    record->entry = call->entry;
    record->plan = config.plan;
    record->address_source = call->address_source;
    record->stage = call->stage;
    __builtin_memset(record->pad, 0, sizeof(record->pad));
    record->flags = record_flags(call);
    record->pad2 = 0;
    if (!ANEW(call->start_ns))
        record->latency_ns = 0;
    if (config.holders && pt_call_failed(ANEW(record->op), ANEW(record->error)))
        record->header.size = sizeof(call->record);
    if (ANEW(call->seen_entry) && !ANEW(call->device))
        undo_device(record);
    if (ANEW(call->seen_entry) && !ANEW(call->had_port) &&
        (ANEW(record->op) == PT_OP_LISTEN || ANEW(record->op) == PT_OP_CONNECT))
        record->flags |= PT_CALL_IMPLIES_AUTOBIND;
    if (ANEW(record->op) == PT_OP_AUTOBIND) {
        __builtin_memset(&record->requested, 0, sizeof(record->requested));
        record->requested.family = call->end.socket.family;
        record->address_source = PT_ADDRESS_NONE;
        record->backlog = 0;
    }
}

/* Copied whole, by a helper: instructions for that would be a load and a store for each word. */
static __always_inline void write_record(const void *record, __u32 size)
{
    void *to = emit_reserve(size, PT_LOSS_RING_FULL);

    if (!to)
        return;
    bpf_probe_read_kernel(to, size, record);
    emit_submit(to);
}

static __always_inline bool endpoint_is_short(const struct pt_endpoint *endpoint)
{
    return endpoint->family == AF_INET || !endpoint->family;
}

static __always_inline bool call_is_short(const struct pt_call *record)
{
    return record->header.size == sizeof(*record) &&
           (!(record->flags & PT_CALL_SOCKET_KNOWN) || socket_is_short(&record->socket)) &&
           endpoint_is_short(&record->requested) && endpoint_is_short(&record->local) &&
           record->latency_ns <= 0xffffffff && record->address_size <= 0xffff;
}

static __always_inline void write_short_call(const struct pt_call *record)
{
    struct pt_short_call *call = emit_reserve(sizeof(*call), PT_LOSS_RING_FULL);
    __u8 flags = record->flags;

    if (!call)
        return;
    call->header = record->header;
    call->header.kind = PT_KIND_SHORT_CALL;
    call->header.size = sizeof(*call);
    call->task = record->task;
    call->cookie = record->socket.cookie;
    call->inode = record->socket.inode;
    __builtin_memcpy(call->requested_address, record->requested.address, 4);
    __builtin_memcpy(call->local_address, record->local.address, 4);
    call->requested_port = record->requested.port;
    call->local_port = record->local.port;
    call->latency_ns = record->latency_ns;
    call->fd = record->fd;
    call->backlog = record->backlog;
    call->error = record->error;
    call->address_size = record->address_size;
    call->type = record->socket.type;
    call->protocol = record->socket.protocol;
    call->state = record->socket.state;
    call->options = record->socket.options;
    call->op = record->op;
    call->entry = record->entry;
    call->plan = record->plan;
    call->address_source = record->address_source;
    call->stage = record->stage;
    flags |= ANEW(record->requested.family) ? PT_SHORT_REQUESTED : 0;
    flags |= ANEW(record->local.family) ? PT_SHORT_LOCAL : 0;
    call->flags = flags;
    emit_submit(call);
}

/* The event of a call, or of the autobind that it implies. */
__noinline int write_call(THE_CALL, __u32 op, __s32 error)
{
    TAKE_THE_CALL();

    fill_record(call, op, error);
    if (ANEW(call->record.call.header.size) == sizeof(call->record))
        write_record(&call->record, sizeof(call->record));
    else if (call_is_short(&call->record.call))
        write_short_call(&call->record.call);
    else
        write_record(&call->record, sizeof(call->record.call));
    return 0;
}

/*
 * Another thread may close the descriptor as soon as the call has let go of it, and a connection
 * may be refused: then the port was given back before anybody followed the socket. What was bound
 * to a port has been told as a release of an unknown owner.
 */
__noinline int release_overtaken(THE_CALL)
{
    TAKE_THE_CALL();
    __u64 key = followed_socket(call->socket, call->inner_socket);
    struct sock *sk = (struct sock *)key;

    if (unfollow_socket(key))
        return 0;
    if (!sock_is_bound(sk) && release_wanted(&call->end))
        write_long_release(&call->end, PT_RELEASE_OWNER_KNOWN, bpf_ktime_get_boot_ns());
    return 0;
}

/*
 * What is told of the caller and of its socket, once for each call. A port that was noted early may
 * have been noted for the inner socket of MPTCP: then those facts are not the caller's.
 */
__noinline int call_collect(THE_CALL)
{
    TAKE_THE_CALL();
    struct sock *sk;

    if (call->collected)
        call->task_known = 1;
    call->collected = 1;
    sk = (void *)call->socket;
    if (!call->task_known)
        task_facts(&call->end.task, (void *)bpf_get_current_task());
    if (!sk)
        return 0;
    socket_facts(&call->end.socket, sk);
    if (call->seen_entry)
        call->end.socket.options = call->options;
    call->end.task.netns = sock_netns(sk);
    call->end.uid = READ(sk, sk_uid.val);
    endpoint_of(&call->end.local, call->inner_socket ?: call->socket);
    if (call->op == PT_OP_CONNECT && !call->failed && call->end.socket.type == SOCK_STREAM &&
        !call->end.local.port)
        call->end.local.port = sock_last_port(sk);
    return 0;
}

/*
 * Before anything is collected: a bind that failed leaves no port behind, and one that asks for a
 * port that is not wanted gets no other.
 */
static __always_inline bool surely_unwanted(const struct call_state *call, __s32 error)
{
    __u16 port = call->requested.port;

    if (call->op != PT_OP_BIND)
        return false;
    if (error)
        return !outcome_wanted(PT_OP_BIND, error) || !port_wanted(port);
    return port && !port_wanted(port);
}

/* The port that was noted early was taken away again, by another cgroup program. */
static __always_inline void forget_noted_port(struct call_state *call)
{
    port_given_back(&call->end, bpf_ktime_get_boot_ns());
    call->port_noted = 0;
}

/*
 * What is to be done at the end of a call, as the filter has it; 0: nothing. A port that was got
 * makes the socket a followed one.
 */
static __always_inline bool call_decide(struct call_state *call)
{
    int wanted = !callers_filtered() || call_wanted(GIVE(call)) & 1;
    int implicit = ANEW(call->op) != PT_OP_BIND && took_port_implicitly(GIVE(call)) & 1;
    __u16 port = call->end.local.port;

    call->implicit = implicit;
    call->tells_autobind = wanted & implicit & port_wanted(port) &
                           outcome_wanted(PT_OP_AUTOBIND, port ? 0 : call->error);
    wanted &= ports_wanted(call->requested.port, port);
    call->end.wanted = wanted;
    call->tells = wanted & outcome_wanted(call->op, call->error);
    call->follows = 0;
    if (call->socket && port && ((config.holders && port_wanted(port)) || call->end.wanted) &&
        (call->implicit || !call->failed))
        call->follows = 1;
    return call->tells || call->tells_autobind ||
           (call->follows && (config.holders || outcome_wanted(PT_OP_RELEASE, 0)));
}

/* 0: there is nothing to tell of the end of this call. */
static __always_inline int call_end(struct call_state *call, __u32 entry, __s32 error)
{
    call->entry = entry;
    call->error = error;
    call->failed = pt_call_failed(call->op, error);
    if (config.holders && ANEW(call->failed) && ANEW(call->port_noted))
        forget_noted_port(call);
    if (surely_unwanted(call, error))
        return 0;
    call->now_ns = bpf_ktime_get_boot_ns();
    if (!call->collected || call->end.address != call->socket)
        call_collect(GIVE(call));
    if (ANEW(call->failed) && (call->op == PT_OP_BIND || !call->end.local.port))
        __builtin_memset(&call->end.local, 0, sizeof(call->end.local));
    if (!call_decide(call))
        return 0;
    if (call->follows)
        remember_socket(call);
    if (!is_described(&call->end.task))
        describe_process(GIVE(call));
    return 1;
}

static __always_inline void call_tell(struct call_state *call, __s32 error)
{
    if (call->tells_autobind)
        write_call(GIVE(call), PT_OP_AUTOBIND, call->end.local.port ? 0 : error);
    if (call->tells)
        write_call(GIVE(call), call->op, error);
    if (call->follows &&
        !sock_port((struct sock *)followed_socket(call->socket, call->inner_socket)))
        release_overtaken(GIVE(call));
}

/* The end of a call: its events, if they are wanted. */
__noinline int call_report(THE_CALL, __u32 entry, __s32 error)
{
    TAKE_THE_CALL();

    if (!call_end(call, entry, error))
        return 0;
    if (config.holders && ANEW(call->failed))
        refusal_facts(GIVE(call));
    call_tell(call, error);
    return 0;
}

/* The same where a thread can come again and again. */
static __always_inline void call_report_or_count(struct call_state *call, __u32 entry, __s32 error)
{
    call->entry = entry;
    call->error = error;
    if (storm_may_be(call, error) && storm_counts(GIVE(call)))
        return;
    call_report(GIVE(call), entry, error);
    if (call->in_storm && call->tells)
        storm_told(GIVE(call));
}

/* The same where only success is seen: the programs there need not have what tells of refusals. */
__noinline int call_report_success(THE_CALL, __u32 entry)
{
    TAKE_THE_CALL();

    if (call_end(call, entry, 0))
        call_tell(call, 0);
    return 0;
}

#endif
