// SPDX-License-Identifier: GPL-2.0
#include "user/capture/snapshot.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/iterators.h"
#include "user/capture/kernel.h"
#include "user/capture/loader.h"
#include "user/capture/log.h"
#include "user/capture/object.h"

#define READ_BYTES (256 * 1024)

struct snapshot {
    struct iterators *iterators;
    struct porttrace *skeleton; /* where those cannot be had */
    struct bpf_link *links[ITERATORS];
    int fds[ITERATORS]; /* of the links of either */
    struct pt_held_query *query;
    char *buffer; /* READ_BYTES */
};

static struct bpf_program *iterator_program(const struct snapshot *snapshot, int iterator)
{
    struct bpf_program *const programs[ITERATORS] = {
        [ITERATOR_DESCRIPTORS] = snapshot->skeleton->progs.held_descriptors,
        [ITERATOR_TCP] = snapshot->skeleton->progs.held_tcp,
        [ITERATOR_UDP] = snapshot->skeleton->progs.held_udp,
        [ITERATOR_THREADS] = snapshot->skeleton->progs.held_threads,
    };

    return programs[iterator];
}

/* Nothing but the iterators is loaded, and of the maps only the global variables are made. */
static int select_iterators(struct snapshot *snapshot)
{
    struct porttrace *skeleton = snapshot->skeleton;
    struct bpf_map *map;
    int error = 0;

    bpf_object__for_each_map(map, skeleton->obj)
    {
        if (!error && !bpf_map__is_internal(map))
            error = bpf_map__set_autocreate(map, false);
    }
    for (int i = 0; !error && i < ITERATORS; i++)
        error = bpf_program__set_autoload(iterator_program(snapshot, i), true);
    return error;
}

static int attach_iterators(struct snapshot *snapshot)
{
    for (int i = 0; i < ITERATORS; i++) {
        snapshot->links[i] = bpf_program__attach_iter(iterator_program(snapshot, i), NULL);
        if (!snapshot->links[i])
            return -errno;
        snapshot->fds[i] = bpf_link__fd(snapshot->links[i]);
    }
    snapshot->query = &snapshot->skeleton->bss->held_query;
    return 0;
}

/* By libbpf, which reads the types of the kernel: several times the memory. */
static int open_skeleton(struct snapshot *snapshot)
{
    struct kernel kernel = {0};
    int error;

    log_start();
    error = object_open(&kernel, &snapshot->skeleton);
    if (!error)
        error = select_iterators(snapshot);
    if (!error)
        error = loader_load(&kernel, snapshot->skeleton);
    kernel_unload(&kernel);
    return error ? error : attach_iterators(snapshot);
}

int snapshot_open(struct snapshot **ret_snapshot)
{
    struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
    int error = -ENOMEM;

    if (!snapshot)
        return -ENOMEM;
    snapshot->buffer = malloc(READ_BYTES);
    if (snapshot->buffer) {
        error = iterators_open(&snapshot->iterators, snapshot->fds, &snapshot->query);
        if (error)
            error = open_skeleton(snapshot);
    }
    if (error) {
        snapshot_close(snapshot);
        return error == -EACCES ? -EPERM : error;
    }
    snapshot->query->tick_ns = kernel_tick_ns();
    *ret_snapshot = snapshot;
    return 0;
}

void snapshot_close(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    for (int i = 0; i < ITERATORS; i++)
        bpf_link__destroy(snapshot->links[i]);
    porttrace__destroy(snapshot->skeleton);
    iterators_close(snapshot->iterators);
    free(snapshot->buffer);
    free(snapshot);
}

/* Where records go, and how long each is. */
struct sink {
    size_t size;
    int (*take)(const struct sink *sink, const char *record);
    snapshot_held_fn *on_held;
    snapshot_thread_fn *on_thread;
    void *context;
};

static int take_held(const struct sink *sink, const char *record)
{
    struct pt_held held;

    memcpy(&held, record, sizeof(held));
    return sink->on_held(sink->context, &held);
}

static int take_thread(const struct sink *sink, const char *record)
{
    struct pt_held_thread thread;

    memcpy(&thread, record, sizeof(thread));
    return sink->on_thread(sink->context, thread.pid, thread.tid, thread.netns);
}

/* Hands out what is whole at the beginning of the buffer; the rest is moved there. */
static int hand_out(char *buffer, size_t *filled, const struct sink *sink)
{
    size_t at = 0;
    int result = 0;

    for (; !result && *filled - at >= sink->size; at += sink->size)
        result = sink->take(sink, buffer + at);
    *filled -= at;
    memmove(buffer, buffer + at, *filled);
    return result;
}

static int run_iterator(struct snapshot *snapshot, int iterator, const struct sink *sink)
{
    size_t filled = 0;
    ssize_t got = 1;
    int result = 0;
    int fd = bpf_iter_create(snapshot->fds[iterator]);

    if (fd < 0)
        return fd;
    while (!result && got) {
        got = read(fd, snapshot->buffer + filled, READ_BYTES - filled);
        if (got > 0) {
            filled += (size_t)got;
            result = hand_out(snapshot->buffer, &filled, sink);
        } else if (got < 0 && errno != EINTR && errno != EAGAIN) {
            result = -errno;
        }
    }
    close(fd);
    return result;
}

static int run_for_port(struct snapshot *snapshot, int iterator, uint16_t port,
                        snapshot_held_fn *on_held, void *context)
{
    const struct sink sink = {
        .size = sizeof(struct pt_held), .take = take_held, .on_held = on_held, .context = context};

    snapshot->query->port = port;
    return run_iterator(snapshot, iterator, &sink);
}

int snapshot_descriptors(struct snapshot *snapshot, uint16_t port, snapshot_held_fn *on_held,
                         void *context)
{
    return run_for_port(snapshot, ITERATOR_DESCRIPTORS, port, on_held, context);
}

int snapshot_netns(struct snapshot *snapshot, uint16_t port, snapshot_held_fn *on_held,
                   void *context)
{
    int result = run_for_port(snapshot, ITERATOR_TCP, port, on_held, context);

    return result ? result : run_for_port(snapshot, ITERATOR_UDP, port, on_held, context);
}

int snapshot_threads(struct snapshot *snapshot, snapshot_thread_fn *on_thread, void *context)
{
    const struct sink sink = {.size = sizeof(struct pt_held_thread),
                              .take = take_thread,
                              .on_thread = on_thread,
                              .context = context};

    snapshot->query->last_netns = 0;
    return run_iterator(snapshot, ITERATOR_THREADS, &sink);
}
