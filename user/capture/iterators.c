// SPDX-License-Identifier: GPL-2.0
#include "user/capture/iterators.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>

#include "held.skel.h"

struct iterators {
    struct held *skeleton;
};

int iterators_open(struct iterators **ret_iterators, int ret_links[ITERATORS],
                   struct pt_held_query **ret_query)
{
    struct iterators *iterators = calloc(1, sizeof(*iterators));
    int error;

    if (!iterators)
        return -ENOMEM;
    errno = ENOMEM;
    iterators->skeleton = held__open();
    error = iterators->skeleton ? held__load(iterators->skeleton) : -errno;
    if (!error)
        error = held__attach(iterators->skeleton);
    if (error) {
        iterators_close(iterators);
        return error;
    }
    ret_links[ITERATOR_DESCRIPTORS] = iterators->skeleton->links.held_descriptors_fd;
    ret_links[ITERATOR_TCP] = iterators->skeleton->links.held_tcp_fd;
    ret_links[ITERATOR_UDP] = iterators->skeleton->links.held_udp_fd;
    ret_links[ITERATOR_THREADS] = iterators->skeleton->links.held_threads_fd;
    *ret_query = &iterators->skeleton->bss->held_query;
    *ret_iterators = iterators;
    return 0;
}

void iterators_close(struct iterators *iterators)
{
    if (!iterators)
        return;
    held__destroy(iterators->skeleton);
    free(iterators);
}
