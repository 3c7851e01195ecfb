/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When each of the paced binds was made and when a tracer's line about it arrived, in a file that
 * pace and arrival both map. The number of the bind is in its address: 127.77.HIGH.LOW.
 */
#ifndef PORTTRACE_BENCH_MOMENTS_H
#define PORTTRACE_BENCH_MOMENTS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOMENTS_MAX    65536
#define MOMENTS_PREFIX "127.77."

/* CLOCK_MONOTONIC; 0: not yet. */
struct moments {
    uint64_t made_ns[MOMENTS_MAX];
    uint64_t arrived_ns[MOMENTS_MAX];
};

static inline uint64_t moments_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static inline int moments_map(const char *path, struct moments **ret_moments)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void *mapped;

    if (fd < 0)
        return -errno;
    mapped = mmap(NULL, sizeof(**ret_moments), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        return -errno;
    *ret_moments = mapped;
    return 0;
}

#endif
