/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets that have a port now, from the kernel's iterators: of all processes in all net
 * namespaces those with a descriptor, and of one net namespace at a time those without one
 * (TIME_WAIT, orphans, the accept queue, the kernel's own).
 */
#ifndef PORTTRACE_CAPTURE_SNAPSHOT_H
#define PORTTRACE_CAPTURE_SNAPSHOT_H

#include <stdint.h>

#include "bpf/event.h"

struct snapshot;

/* Loads the iterators. 0, or negative errno as capture_open() has it. */
int snapshot_open(struct snapshot **ret_snapshot);
void snapshot_close(struct snapshot *snapshot);

/* Return of the callback: 0 go on, else stop and return that. */
typedef int snapshot_held_fn(void *context, const struct pt_held *held);

/* One record for each process and descriptor. port 0: all ports. 0 or negative errno. */
int snapshot_descriptors(struct snapshot *snapshot, uint16_t port, snapshot_held_fn *on_held,
                         void *context);

/*
 * Net namespaces by a thread that is in one, each at least once. Numbers of processes and threads
 * are those of the initial pid namespace. 0, negative errno, or what the callback returned.
 */
typedef int snapshot_thread_fn(void *context, uint32_t pid, uint32_t tid, uint32_t netns);
int snapshot_threads(struct snapshot *snapshot, snapshot_thread_fn *on_thread, void *context);

/* All TCP and UDP sockets of the net namespace that the calling thread is in. */
int snapshot_netns(struct snapshot *snapshot, uint16_t port, snapshot_held_fn *on_held,
                   void *context);

#endif
