/* SPDX-License-Identifier: GPL-2.0 */
/* The reader's side of a BPF ring buffer. */
#ifndef PORTTRACE_CAPTURE_RING_H
#define PORTTRACE_CAPTURE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ring {
    int map_fd;
    size_t bytes;
    size_t page_bytes;
    unsigned long *consumer;
    const unsigned long *producer;
    const char *window; /* part of the records; NULL until the first one is looked at */
    size_t window_at;   /* the place of its first byte among them */
    size_t window_bytes;
};

typedef int ring_record_fn(void *context, const void *record, size_t size);

/* Keeps a descriptor of its own. */
int ring_open(struct ring *ret_ring, int map_fd, size_t bytes);
void ring_close(struct ring *ring);

/* Hands out what is complete. Number of records, what the callback returned if not 0, or negative
 * errno. */
int ring_drain(struct ring *ring, ring_record_fn *on_record, void *context);

/* Bytes that are reserved and not handed out yet; they may still be being written. */
size_t ring_fill(const struct ring *ring);

#endif
