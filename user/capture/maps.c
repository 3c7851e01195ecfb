// SPDX-License-Identifier: GPL-2.0
#include "user/capture/maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "user/capture/workers.h"

#define MAPS_MAX     32
#define LEAST_MEMORY (256u << 10) /* what is smaller is made faster than given away */

struct making {
    struct bpf_map *map;
    uint64_t bytes;
    int fd; /* or negative errno */
};

static uint64_t bytes_of(const struct bpf_map *map)
{
    uint64_t entry = (uint64_t)bpf_map__key_size(map) + bpf_map__value_size(map);

    return bpf_map__max_entries(map) * (entry ? entry : 1);
}

/* The largest first, so that in the end nobody waits long for another. */
static int compare_bytes(const void *a, const void *b)
{
    const struct making *first = a, *second = b;

    return (first->bytes < second->bytes) - (first->bytes > second->bytes);
}

static void make_one(void *context, size_t i)
{
    struct making *making = &((struct making *)context)[i];
    const struct bpf_map *map = making->map;
    LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = bpf_map__map_flags(map));

    making->fd = bpf_map_create(bpf_map__type(map), bpf_map__name(map), bpf_map__key_size(map),
                                bpf_map__value_size(map), bpf_map__max_entries(map), &options);
}

void maps_make(struct bpf_object *object)
{
    struct making makings[MAPS_MAX];
    struct bpf_map *map;
    size_t count = 0;

    bpf_object__for_each_map(map, object)
    {
        if (count < MAPS_MAX && bytes_of(map) >= LEAST_MEMORY)
            makings[count++] = (struct making){.map = map, .bytes = bytes_of(map)};
    }
    qsort(makings, count, sizeof(makings[0]), compare_bytes);
    workers_run(make_one, makings, count);
    for (size_t i = 0; i < count; i++)
        if (makings[i].fd >= 0) {
            (void)bpf_map__reuse_fd(makings[i].map, makings[i].fd);
            close(makings[i].fd);
        }
}
