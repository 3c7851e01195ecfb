// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/io_uring.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/uring.h"

#define RING_ENTRIES 4

struct ring {
    int fd;
    int owner; /* a ring is not shared with a forked child */
    struct io_uring_params params;
    unsigned char *sq;
    unsigned char *cq;
    struct io_uring_sqe *sqes;
};

static struct ring the_ring = {.fd = -1};

static unsigned int *field(unsigned char *ring, uint32_t offset)
{
    return (unsigned int *)(void *)(ring + offset);
}

static void *ring_map(int fd, size_t size, off_t offset)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);

    return at == MAP_FAILED ? NULL : at;
}

static int ring_open(struct ring *ring)
{
    struct io_uring_params *params = &ring->params;
    size_t sq_size, cq_size;

    memset(params, 0, sizeof(*params));
    ring->fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, params);
    if (ring->fd < 0)
        return -errno;
    sq_size = params->sq_off.array + params->sq_entries * sizeof(unsigned int);
    cq_size = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    ring->sq = ring_map(ring->fd, sq_size, IORING_OFF_SQ_RING);
    ring->cq = ring_map(ring->fd, cq_size, IORING_OFF_CQ_RING);
    ring->sqes =
        ring_map(ring->fd, params->sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    ring->owner = getpid();
    return ring->sq && ring->cq && ring->sqes ? 0 : -ENOMEM;
}

static int ring_ready(void)
{
    if (the_ring.fd >= 0 && the_ring.owner == getpid())
        return 0;
    if (the_ring.fd >= 0)
        close(the_ring.fd);
    the_ring.fd = -1;
    return ring_open(&the_ring);
}

static void ring_queue(const struct io_uring_sqe *request)
{
    struct ring *ring = &the_ring;
    _Atomic unsigned int *sq_tail =
        (_Atomic unsigned int *)(void *)field(ring->sq, ring->params.sq_off.tail);
    unsigned int slot = atomic_load(sq_tail) & *field(ring->sq, ring->params.sq_off.ring_mask);

    ring->sqes[slot] = *request;
    field(ring->sq, ring->params.sq_off.array)[slot] = slot;
    atomic_fetch_add(sq_tail, 1);
}

static int ring_enter(unsigned int queued, unsigned int awaited)
{
    return syscall(SYS_io_uring_enter, the_ring.fd, queued, awaited, IORING_ENTER_GETEVENTS, NULL,
                   0) < 0
               ? -errno
               : 0;
}

/* What a request ended with, and which one it was. */
static int ring_take(uint64_t *ret_user_data)
{
    struct ring *ring = &the_ring;
    _Atomic unsigned int *cq_head =
        (_Atomic unsigned int *)(void *)field(ring->cq, ring->params.cq_off.head);
    unsigned int head = atomic_load(cq_head);
    struct io_uring_cqe *cqes =
        (struct io_uring_cqe *)(void *)(ring->cq + ring->params.cq_off.cqes);
    const struct io_uring_cqe *cqe = &cqes[head & *field(ring->cq, ring->params.cq_off.ring_mask)];
    int result = cqe->res;

    *ret_user_data = cqe->user_data;
    atomic_store(cq_head, head + 1);
    return result;
}

static int ring_submit(struct io_uring_sqe *request, bool asynchronous)
{
    int error = ring_ready();
    uint64_t which;

    if (error)
        return error;
    request->flags = asynchronous ? IOSQE_ASYNC : 0;
    ring_queue(request);
    error = ring_enter(1, 1);
    return error ? error : ring_take(&which);
}

static struct io_uring_sqe bind_request(int fd, const void *address, socklen_t size)
{
    struct io_uring_sqe request = {.opcode = URING_OP_BIND, .fd = fd};

    request.addr = (uint64_t)(uintptr_t)address;
    request.addr2 = size;
    return request;
}

static struct io_uring_sqe connect_request(int fd, const void *address, socklen_t size)
{
    struct io_uring_sqe request = {.opcode = URING_OP_CONNECT, .fd = fd};

    request.addr = (uint64_t)(uintptr_t)address;
    request.off = size;
    return request;
}

int uring_bind(int fd, const void *address, socklen_t size, bool asynchronous)
{
    struct io_uring_sqe request = bind_request(fd, address, size);

    return ring_submit(&request, asynchronous);
}

int uring_bind_together(const int *fds, const struct sockaddr_storage *addresses, socklen_t size,
                        unsigned int count, int *ret_results)
{
    int error = ring_ready(), result;
    unsigned int i;
    uint64_t which;

    for (i = 0; i < count && !error; i++) {
        struct io_uring_sqe request = bind_request(fds[i], &addresses[i], size);

        request.user_data = i;
        ring_queue(&request);
    }
    if (!error)
        error = ring_enter(count, count);
    for (i = 0; i < count && !error; i++) {
        result = ring_take(&which);
        ret_results[which] = result;
    }
    return error;
}

int uring_connect_begin(int fd, const void *address, socklen_t size)
{
    struct io_uring_sqe request = connect_request(fd, address, size);
    int error = ring_ready();

    if (error)
        return error;
    ring_queue(&request);
    return ring_enter(1, 0);
}

int uring_cancel(void)
{
    struct io_uring_sqe request = {.opcode = IORING_OP_ASYNC_CANCEL, .user_data = 1};
    int results[2] = {0}, error, result, i;
    uint64_t which;

    ring_queue(&request);
    error = ring_enter(1, 2);
    for (i = 0; i < 2 && !error; i++) {
        result = ring_take(&which);
        results[which] = result;
    }
    return error ? error : results[0];
}

int uring_listen(int fd, int backlog, bool asynchronous)
{
    struct io_uring_sqe request = {.opcode = URING_OP_LISTEN, .fd = fd};

    request.len = (unsigned int)backlog;
    return ring_submit(&request, asynchronous);
}

int uring_connect(int fd, const void *address, socklen_t size, bool asynchronous)
{
    struct io_uring_sqe request = connect_request(fd, address, size);

    return ring_submit(&request, asynchronous);
}

int uring_probe(unsigned int opcode)
{
    size_t size = sizeof(struct io_uring_probe) + 256 * sizeof(struct io_uring_probe_op);
    struct io_uring_probe *probe;
    int result = ring_ready();

    if (result)
        return result;
    probe = calloc(1, size);
    if (!probe)
        return -ENOMEM;
    result = (int)syscall(SYS_io_uring_register, the_ring.fd, IORING_REGISTER_PROBE, probe, 256);
    if (result < 0)
        result = -errno;
    else if (opcode > probe->last_op || !(probe->ops[opcode].flags & IO_URING_OP_SUPPORTED))
        result = -EOPNOTSUPP;
    free(probe);
    return result;
}
