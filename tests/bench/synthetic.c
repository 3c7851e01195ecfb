// SPDX-License-Identifier: GPL-2.0
/*
 * Makes events in a running porttrace that was built with synthetic.bpf.c:
 *     synthetic CPU SECONDS RATE
 * RATE 0: as fast as one processor can. One line: nanoseconds per event, number of events.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/synthetic.h"

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static bool is_wanted(int fd)
{
    struct bpf_prog_info info = {0};
    __u32 size = sizeof(info);

    return !bpf_obj_get_info_by_fd(fd, &info, &size) && !strcmp(info.name, SYNTHETIC_PROGRAM);
}

/* A descriptor of the program, or negative errno. */
static int find_program(void)
{
    __u32 id = 0;

    while (!bpf_prog_get_next_id(id, &id)) {
        int fd = bpf_prog_get_fd_by_id(id);

        if (fd >= 0 && is_wanted(fd))
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -ENOENT;
}

/* Number of events made, or negative errno. */
static int make_batch(int program_fd, uint64_t wanted)
{
    struct synthetic_batch batch = {.count = wanted < SYNTHETIC_BATCH_MAX ? (unsigned int)wanted
                                                                          : SYNTHETIC_BATCH_MAX};
    LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = &batch, .ctx_size_in = sizeof(batch));
    int error = bpf_prog_test_run_opts(program_fd, &options);

    return error ? error : (int)options.retval;
}

static int make(int program_fd, double seconds, double rate)
{
    const uint64_t start_ns = now_ns(), enough_ns = (uint64_t)(seconds * 1e9);
    uint64_t passed_ns = 0, made = 0;

    while (passed_ns < enough_ns) {
        uint64_t due = rate > 0 ? (uint64_t)((double)passed_ns * rate / 1e9) : UINT64_MAX;
        int count = due > made ? make_batch(program_fd, due - made) : 0;

        if (count < 0)
            return count;
        made += (uint64_t)count;
        passed_ns = now_ns() - start_ns;
    }
    printf("%.2f %llu\n", made ? (double)passed_ns / (double)made : 0.0, (unsigned long long)made);
    return 0;
}

static int pin(unsigned long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

int main(int argc, char **argv)
{
    int program_fd, error;

    if (argc != 4) {
        fprintf(stderr, "usage: synthetic CPU SECONDS RATE\n");
        return 2;
    }
    program_fd = find_program();
    if (program_fd < 0) {
        fprintf(stderr, "synthetic: no porttrace with its program runs\n");
        return 1;
    }
    error = pin(strtoul(argv[1], NULL, 10));
    if (!error)
        error = make(program_fd, strtod(argv[2], NULL), strtod(argv[3], NULL));
    if (error)
        fprintf(stderr, "synthetic: %s\n", strerror(-error));
    close(program_fd);
    return error ? 1 : 0;
}
