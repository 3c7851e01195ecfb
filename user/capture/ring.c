// SPDX-License-Identifier: GPL-2.0
#include "user/capture/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#define DRAIN_MAX    65536
#define WINDOW_BYTES (256u << 10)

static void *map_page(const struct ring *ring, int protection, size_t number)
{
    void *page = mmap(NULL, ring->page_bytes, protection, MAP_SHARED, ring->map_fd,
                      (off_t)(number * ring->page_bytes));

    return page == MAP_FAILED ? NULL : page;
}

int ring_open(struct ring *ret_ring, int map_fd, size_t bytes)
{
    struct ring ring = {
        .map_fd = fcntl(map_fd, F_DUPFD_CLOEXEC, 0),
        .bytes = bytes,
        .page_bytes = (size_t)sysconf(_SC_PAGESIZE),
        .window_bytes = 2 * bytes < WINDOW_BYTES ? 2 * bytes : WINDOW_BYTES,
    };
    int error;

    if (ring.map_fd < 0)
        return -errno;
    ring.consumer = map_page(&ring, PROT_READ | PROT_WRITE, 0);
    if (ring.consumer)
        ring.producer = map_page(&ring, PROT_READ, 1);
    if (ring.producer) {
        *ret_ring = ring;
        return 0;
    }
    error = -errno;
    if (ring.consumer)
        munmap(ring.consumer, ring.page_bytes);
    close(ring.map_fd);
    return error;
}

static void close_window(struct ring *ring)
{
    if (ring->window)
        munmap((void *)(uintptr_t)ring->window, ring->window_bytes);
    ring->window = NULL;
}

void ring_close(struct ring *ring)
{
    if (!ring->consumer)
        return;
    close_window(ring);
    munmap(ring->consumer, ring->page_bytes);
    munmap((void *)(uintptr_t)ring->producer, ring->page_bytes);
    close(ring->map_fd);
    ring->consumer = NULL;
}

/*
 * All that is mapped of a ring counts as our memory, touched or not, so that only a part is mapped
 * that moves along. The kernel has the records twice in a row: none is broken at the end.
 */
static int move_window(struct ring *ring, size_t at)
{
    bool whole = ring->window_bytes == 2 * ring->bytes;
    size_t from = whole ? 0 : at / ring->page_bytes * ring->page_bytes;
    void *window;

    close_window(ring);
    window = mmap(NULL, ring->window_bytes, PROT_READ, MAP_SHARED, ring->map_fd,
                  (off_t)(2 * ring->page_bytes + from));
    if (window == MAP_FAILED)
        return -errno;
    ring->window = window;
    ring->window_at = from;
    return 0;
}

static bool is_mapped(const struct ring *ring, size_t at, size_t size)
{
    return ring->window && at >= ring->window_at &&
           at + size <= ring->window_at + ring->window_bytes;
}

/* The record at this place, of which at least the part that is asked for is mapped. */
static int look_at(struct ring *ring, size_t at, size_t size, const char **ret_record)
{
    int error = is_mapped(ring, at, size) ? 0 : move_window(ring, at);

    if (error)
        return error;
    if (!is_mapped(ring, at, size))
        return -EBADMSG;
    *ret_record = ring->window + (at - ring->window_at);
    return 0;
}

size_t ring_fill(const struct ring *ring)
{
    return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

static size_t bytes_of(uint32_t length)
{
    uint32_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

    return ((size_t)size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
}

/* 1: it is complete, 0: it is still being written, or negative errno. */
static int find_record(struct ring *ring, size_t at, const char **ret_record, uint32_t *ret_length)
{
    int error = look_at(ring, at, BPF_RINGBUF_HDR_SZ, ret_record);

    if (error)
        return error;
    *ret_length = __atomic_load_n((const uint32_t *)(const void *)*ret_record, __ATOMIC_ACQUIRE);
    if (*ret_length & BPF_RINGBUF_BUSY_BIT)
        return 0;
    error = look_at(ring, at, bytes_of(*ret_length), ret_record);
    return error ? error : 1;
}

int ring_drain(struct ring *ring, ring_record_fn *on_record, void *context)
{
    unsigned long at = *ring->consumer;
    int count = 0;

    while (count < DRAIN_MAX && at < __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
        const char *record = NULL;
        uint32_t length = 0;
        int result = find_record(ring, at & (ring->bytes - 1), &record, &length);

        if (result < 0)
            return result;
        if (!result)
            break;
        result = 0;
        if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
            result = on_record(context, record + BPF_RINGBUF_HDR_SZ, length);
            count++;
        }
        at += bytes_of(length);
        __atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
        if (result)
            return result;
    }
    return count;
}
