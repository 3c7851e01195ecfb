// SPDX-License-Identifier: GPL-2.0
/* The calls of a scenario: made, checked against what the kernel must answer, written down. */
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/caller.h"
#include "tests/kernel/compat32.h"
#include "tests/kernel/scene.h"
#include "tests/kernel/uring.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

static enum protocol protocol_of(int fd)
{
    int protocol = 0, type = 0;
    socklen_t size = sizeof(int);

    if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size))
        return PROTOCOL_NONE;
    if (type == SOCK_RAW)
        return PROTOCOL_RAW;
    switch (protocol) {
    case IPPROTO_TCP:
        return PROTOCOL_TCP;
    case IPPROTO_UDP:
        return PROTOCOL_UDP;
    case IPPROTO_UDPLITE:
        return PROTOCOL_UDPLITE;
    case IPPROTO_MPTCP:
        return PROTOCOL_MPTCP;
    case IPPROTO_SCTP:
        return type == SOCK_STREAM ? PROTOCOL_SCTP : PROTOCOL_SCTP_MANY;
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return PROTOCOL_PING;
    }
    return PROTOCOL_NONE;
}

enum call_outcome call_outcome(const struct call *call)
{
    if (!call->error)
        return CALL_DONE;
    if (call->op == PT_OP_CONNECT && (call->error == EINPROGRESS || call->error == EINTR))
        return CALL_GOES_ON;
    return CALL_FAILED;
}

static int option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t size = sizeof(value);

    return getsockopt(fd, level, name, &value, &size) ? 0 : value;
}

static void describe_options(struct call *call, int fd)
{
    static const struct {
        int level;
        int name;
        enum pt_option option;
    } options[] = {
        {SOL_SOCKET, SO_REUSEADDR, PT_OPTION_REUSEADDR},
        {SOL_SOCKET, SO_REUSEPORT, PT_OPTION_REUSEPORT},
        {SOL_IP, IP_FREEBIND, PT_OPTION_FREEBIND},
        {SOL_IP, IP_TRANSPARENT, PT_OPTION_TRANSPARENT},
        {SOL_IP, IP_BIND_ADDRESS_NO_PORT, PT_OPTION_BIND_ADDRESS_NO_PORT},
        {SOL_IPV6, IPV6_V6ONLY, PT_OPTION_V6ONLY},
    };
    uint32_t range = (uint32_t)option_of(fd, SOL_IP, IP_LOCAL_PORT_RANGE);
    socklen_t size = sizeof(call->device);
    size_t i;

    for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
        if (option_of(fd, options[i].level, options[i].name))
            call->options |= options[i].option;
    if (getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, call->device, &size))
        call->device[0] = '\0';
    call->range_low = (uint16_t)range;
    call->range_high = (uint16_t)(range >> 16);
}

static struct endpoint local_of(int fd)
{
    struct sockaddr_storage storage;
    socklen_t size = sizeof(storage);
    struct endpoint none = {0};

    memset(&storage, 0, sizeof(storage));
    return getsockname(fd, (struct sockaddr *)&storage, &size) ? none : endpoint_of(&storage);
}

static struct call *call_new(struct scene *t)
{
    unsigned int slot = __atomic_fetch_add(&t->log->call_count, 1, __ATOMIC_SEQ_CST);

    if (slot >= SCENE_CALLS_MAX)
        scene_fail(t, "more than %d calls", SCENE_CALLS_MAX);
    memset(&t->log->calls[slot], 0, sizeof(struct call));
    return &t->log->calls[slot];
}

/* That of the socket, where the process may ask for it; a process can be elsewhere by now. */
static void set_netns(struct caller *caller, int fd)
{
    struct stat status;
    int netns = ioctl(fd, SIOCGSKNS);

    if (netns < 0)
        return;
    if (!fstat(netns, &status))
        caller->netns = status.st_ino;
    close(netns);
}

static struct call *call_begin(struct scene *t, enum pt_op op, int fd)
{
    struct call *call = call_new(t);

    call->op = op;
    call->entry = t->entry;
    call->as_32bit = t->as_32bit;
    call->fd = fd;
    call->protocol = protocol_of(fd);
    call->family = option_of(fd, SOL_SOCKET, SO_DOMAIN);
    if (call->protocol == PROTOCOL_NONE)
        call->family = t->scenario->family;
    caller_describe(t, &call->caller);
    set_netns(&call->caller, fd);
    if (t->asynchronous)
        call->caller.tid = 0;
    describe_options(call, fd);
    if (call->protocol != PROTOCOL_NONE && op != PT_OP_BIND)
        call->implies_autobind = !local_of(fd).port;
    return call;
}

static void hold(struct scene *t, const struct call *call)
{
    struct held_port *held;

    if (!call->local.port || call->protocol == PROTOCOL_RAW)
        return;
    if (call->fd >= SCENE_FDS_MAX)
        scene_fail(t, "descriptor %d is too high", call->fd);
    held = &t->held[call->fd];
    if (!held->held) {
        held->taken = *call;
        held->held = true;
        return;
    }
    if (strcmp(held->taken.local.address, call->local.address) != 0)
        held->taken.rebound = true;
    held->taken.local = call->local;
}

/* A listen, or a connect of a datagram socket, of a socket without a port takes one on its way. */
static void add_autobind(struct scene *t, const struct call *call)
{
    bool takes = call->op == PT_OP_LISTEN ||
                 (call->op == PT_OP_CONNECT && call->protocol != PROTOCOL_TCP &&
                  call->protocol != PROTOCOL_MPTCP && call->protocol != PROTOCOL_SCTP &&
                  call->protocol != PROTOCOL_SCTP_MANY);
    struct call *autobind;

    if (!takes || !call->implies_autobind)
        return;
    if (!call->local.port && call->error != EADDRINUSE && call->error != EAGAIN)
        return;
    autobind = call_new(t);
    if (!call->local.port)
        t->refused_autobind = (unsigned int)(autobind - t->log->calls) + 1;
    *autobind = *call;
    autobind->op = PT_OP_AUTOBIND;
    memset(&autobind->requested, 0, sizeof(autobind->requested));
    if (call->local.port)
        autobind->error = 0;
    if (call->local.port && call->error)
        hold(t, autobind);
}

static void call_end(struct scene *t, struct call *call, int result, int want)
{
    call->error = result < 0 ? -result : 0;
    call->local = local_of(call->fd);
    call->complete = true;
    if (call->error != want)
        scene_fail(t, "%s answered %s, not %s", op_name(call->op),
                   call->error ? strerrorname_np(call->error) : "success",
                   want ? strerrorname_np(want) : "success");
    if (call->error) {
        t->refused = (unsigned int)(call - t->log->calls) + 1;
        t->refused_autobind = 0;
    }
    add_autobind(t, call);
    if (call_outcome(call) != CALL_FAILED)
        hold(t, call);
}

static void set_requested(struct call *call, const void *address, int size)
{
    struct sockaddr_storage storage;

    call->address_size = (uint32_t)size;
    if (!address || size < (int)sizeof(sa_family_t) || size > (int)sizeof(storage))
        return;
    memset(&storage, 0, sizeof(storage));
    memcpy(&storage, address, (size_t)size);
    if (storage.ss_family == AF_INET6 ? size < 24 : size < (int)sizeof(struct sockaddr_in))
        return;
    call->requested = endpoint_of(&storage);
}

static int negative_errno(long result)
{
    return result < 0 ? -errno : (int)result;
}

static void bind_at(struct scene *t, struct call *call, const void *address, int size, int want)
{
    int result;

    if (t->entry == PT_ENTRY_IO_URING)
        result = uring_bind(call->fd, address, (socklen_t)size, t->asynchronous);
    else if (t->as_32bit)
        result = compat32_bind(call->fd, address, size);
    else
        result = negative_errno(syscall(SYS_bind, call->fd, address, size));
    call_end(t, call, result, want);
}

void scene_bind(struct scene *t, int fd, struct address address, int want)
{
    struct call *call = call_begin(t, PT_OP_BIND, fd);

    set_requested(call, &address.storage, (int)address.size);
    bind_at(t, call, &address.storage, (int)address.size, want);
}

void scene_bind_together(struct scene *t, const int *fds, const uint16_t *ports)
{
    struct sockaddr_storage addresses[SCENE_TOGETHER];
    int results[SCENE_TOGETHER], i;
    struct call *calls[SCENE_TOGETHER];
    struct address address;

    for (i = 0; i < SCENE_TOGETHER; i++) {
        address = loopback(t->scenario->family, ports[i]);
        addresses[i] = address.storage;
        calls[i] = call_begin(t, PT_OP_BIND, fds[i]);
        set_requested(calls[i], &address.storage, (int)address.size);
    }
    scene_require(t,
                  uring_bind_together(fds, addresses, address.size, SCENE_TOGETHER, results) == 0);
    for (i = 0; i < SCENE_TOGETHER; i++)
        call_end(t, calls[i], results[i], 0);
}

void scene_bind_raw(struct scene *t, int fd, const void *address, int size, int want)
{
    struct call *call = call_begin(t, PT_OP_BIND, fd);

    if (want != EFAULT)
        set_requested(call, address, size);
    call->address_size = (uint32_t)size;
    bind_at(t, call, address, size, want);
}

void scene_listen(struct scene *t, int fd, int backlog, int want)
{
    struct call *call = call_begin(t, PT_OP_LISTEN, fd);
    int result;

    call->backlog = backlog;
    if (t->entry == PT_ENTRY_IO_URING)
        result = uring_listen(fd, backlog, t->asynchronous);
    else if (t->as_32bit)
        result = compat32_listen(fd, backlog);
    else
        result = negative_errno(listen(fd, backlog));
    call_end(t, call, result, want);
}

static int connect_by(const struct scene *t, int fd, const void *address, socklen_t size)
{
    if (t->entry == PT_ENTRY_IO_URING)
        return uring_connect(fd, address, size, t->asynchronous);
    return negative_errno(syscall(SYS_connect, fd, address, size));
}

void scene_connect_raw(struct scene *t, int fd, const void *address, int size, int want)
{
    struct call *call = call_begin(t, PT_OP_CONNECT, fd);

    if (want != EFAULT)
        set_requested(call, address, size);
    call->address_size = (uint32_t)size;
    call_end(t, call, connect_by(t, fd, address, (socklen_t)size), want);
}

void scene_connect(struct scene *t, int fd, struct address address, int want)
{
    scene_connect_raw(t, fd, &address.storage, (int)address.size, want);
}

static void send_as(struct scene *t, enum pt_op op, int fd, struct address address, int flags,
                    int want)
{
    struct call *call = call_begin(t, op, fd);
    long result;

    call->entry = PT_ENTRY_SEND;
    if (op == PT_OP_CONNECT)
        set_requested(call, &address.storage, (int)address.size);
    result = sendto(fd, "x", 1, flags, (struct sockaddr *)&address.storage, address.size);
    call_end(t, call, negative_errno(result), want);
}

void scene_send(struct scene *t, int fd, struct address address, int want)
{
    send_as(t, PT_OP_AUTOBIND, fd, address, 0, want);
}

void scene_fastopen(struct scene *t, int fd, struct address address, int want)
{
    send_as(t, PT_OP_CONNECT, fd, address, MSG_FASTOPEN, want);
}

void scene_connect_cancelled(struct scene *t, int fd, struct address address)
{
    struct call *call = call_begin(t, PT_OP_CONNECT, fd);

    call->entry = PT_ENTRY_IO_URING;
    set_requested(call, &address.storage, (int)address.size);
    scene_require(t, uring_connect_begin(fd, &address.storage, address.size) == 0);
    call_end(t, call, uring_cancel(), ECANCELED);
}

static struct call *kernel_call(struct scene *t, enum pt_op op, enum protocol protocol,
                                struct address address)
{
    struct call *call = call_new(t);

    call->op = op;
    call->entry = PT_ENTRY_KERNEL;
    call->fd = -1;
    call->protocol = protocol;
    call->local = endpoint_of(&address.storage);
    call->family = call->local.family;
    caller_describe(t, &call->caller);
    call->complete = true;
    return call;
}

void scene_kernel_bind(struct scene *t, enum protocol protocol, struct address requested,
                       uint16_t port, int error)
{
    struct call *call = kernel_call(t, PT_OP_BIND, protocol, requested);

    call->requested = call->local;
    call->local.port = port;
    call->error = error;
    t->refused = (unsigned int)(call - t->log->calls) + 1;
    t->refused_autobind = 0;
    if (!error)
        kernel_call(t, PT_OP_RELEASE, protocol, requested)->local.port = port;
}

static void expect_release(struct scene *t, struct held_port *held)
{
    struct call *call;

    if (!held->held)
        return;
    call = call_new(t);
    *call = held->taken;
    call->op = PT_OP_RELEASE;
    call->error = 0;
    call->complete = true;
    held->held = false;
}

void scene_expect_releases(struct scene *t)
{
    size_t i;

    for (i = 0; i < SCENE_FDS_MAX; i++)
        expect_release(t, &t->held[i]);
}

void scene_close(struct scene *t, int fd)
{
    if (fd < SCENE_FDS_MAX)
        expect_release(t, &t->held[fd]);
    scene_require(t, close(fd) == 0);
}

void scene_disconnect(struct scene *t, int fd)
{
    struct call *call = call_begin(t, PT_OP_CONNECT, fd);
    struct sockaddr_storage nowhere = loopback(AF_INET, 8113).storage;

    /* What stands behind the family does not count: whoever calls could make it up. */
    nowhere.ss_family = AF_UNSPEC;
    scene_require(t, connect_by(t, fd, &nowhere, sizeof(struct sockaddr_in)) == 0);
    call->complete = true;
    if (fd < SCENE_FDS_MAX)
        expect_release(t, &t->held[fd]);
}

int scene_accept(struct scene *t, int fd)
{
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    scene_require(t, accepted >= 0);
    t->log->accepted_port = local_of(accepted).port;
    return accepted;
}

uint16_t scene_port(struct scene *t, int fd)
{
    uint16_t port = local_of(fd).port;

    scene_require(t, port != 0);
    return port;
}
