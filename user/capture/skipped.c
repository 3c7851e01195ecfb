// SPDX-License-Identifier: GPL-2.0
#include "user/capture/skipped.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Of a program that the kernel tells nothing of, what it has told last: a count never falls. */
static uint64_t count_all(struct skipped *skipped)
{
    uint64_t count = 0;

    for (size_t i = 0; i < skipped->count; i++) {
        struct bpf_prog_info info = {0};
        __u32 size = sizeof(info);

        if (!bpf_obj_get_info_by_fd(skipped->programs[i], &info, &size))
            skipped->misses[i] = info.recursion_misses;
        count += skipped->misses[i];
    }
    return count;
}

int skipped_begin(struct skipped *skipped, const struct bpf_object *object)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, object)
    {
        int fd = bpf_program__fd(program);

        if (fd < 0 || skipped->count == SKIPPED_PROGRAMS_MAX)
            continue;
        fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (fd < 0)
            return -errno;
        skipped->programs[skipped->count++] = fd;
    }
    skipped->before = count_all(skipped);
    return 0;
}

uint64_t skipped_hooks(struct skipped *skipped, bool of_now)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (of_now || now.tv_sec != skipped->looked_s) {
        skipped->looked_s = now.tv_sec;
        skipped->hooks = count_all(skipped) - skipped->before;
    }
    return skipped->hooks;
}

void skipped_end(struct skipped *skipped)
{
    while (skipped->count > 0)
        close(skipped->programs[--skipped->count]);
}
