// SPDX-License-Identifier: GPL-2.0
#include "user/capture/ring.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sys/mman.h>
#include <unistd.h>

#define DRAIN_MAX 65536

int ring_open(struct ring *ret_ring, int map_fd, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *consumer, *producer;

    consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
    if (consumer == MAP_FAILED)
        return -errno;
    /* The kernel maps the records twice in a row, so that none is broken at the end. */
    producer = mmap(NULL, page + 2 * bytes, PROT_READ, MAP_SHARED, map_fd, (off_t)page);
    if (producer == MAP_FAILED) {
        int error = -errno;

        munmap(consumer, page);
        return error;
    }
    *ret_ring = (struct ring){
        .map_fd = map_fd,
        .bytes = bytes,
        .page_bytes = page,
        .consumer = consumer,
        .producer = producer,
        .records = (const char *)producer + page,
    };
    return 0;
}

void ring_close(struct ring *ring)
{
    if (!ring->consumer)
        return;
    munmap(ring->consumer, ring->page_bytes);
    munmap((void *)(uintptr_t)ring->producer, ring->page_bytes + 2 * ring->bytes);
    ring->consumer = NULL;
}

size_t ring_fill(const struct ring *ring)
{
    return __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE) - *ring->consumer;
}

int ring_drain(struct ring *ring, ring_record_fn *on_record, void *context)
{
    unsigned long at = *ring->consumer;
    int count = 0;

    while (count < DRAIN_MAX && at < __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE)) {
        const char *record = ring->records + (at & (ring->bytes - 1));
        uint32_t length = __atomic_load_n((const uint32_t *)(const void *)record, __ATOMIC_ACQUIRE);
        uint32_t size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
        int result = 0;

        if (length & BPF_RINGBUF_BUSY_BIT)
            break;
        if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
            result = on_record(context, record + BPF_RINGBUF_HDR_SZ, size);
            count++;
        }
        at += (size + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
        __atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
        if (result)
            return result;
    }
    return count;
}
