// SPDX-License-Identifier: GPL-2.0
/*
 * Binds at a steady rate, each to an address of its own, and notes when:
 *     pace CPU FIRST COUNT RATE MOMENTS
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "tests/bench/moments.h"

#define PORT      40077
#define NS_PER_S  1000000000u
#define ADDRESS_0 0x7f4d0000u /* 127.77.0.0 */

static int bind_once(uint32_t number)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons(PORT),
                                        .sin_addr.s_addr = htonl(ADDRESS_0 + number)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) || close(fd))
        return -errno;
    return 0;
}

/* Sleeping would make the rate depend on the timers of the machine. */
static int pace(struct moments *moments, uint32_t first, uint32_t count, uint32_t rate)
{
    const uint64_t start_ns = moments_now_ns();

    for (uint32_t i = 0; i < count; i++) {
        const uint64_t due_ns = start_ns + (uint64_t)i * NS_PER_S / rate;
        int error;

        while (moments_now_ns() < due_ns)
            ;
        moments->made_ns[first + i] = moments_now_ns();
        error = bind_once(first + i);
        if (error)
            return error;
    }
    return 0;
}

/*
 * perf trace reads one processor's events after the other's: it may learn of our exec before our
 * fork, and then has the name of the parent. It learns the name once more where the binds are.
 */
static int pin(unsigned long cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) || prctl(PR_SET_NAME, "pace"))
        return -errno;
    return 0;
}

int main(int argc, char **argv)
{
    struct moments *moments = NULL;
    unsigned long first, count, rate;
    int error;

    first = argc == 6 ? strtoul(argv[2], NULL, 10) : 0;
    count = argc == 6 ? strtoul(argv[3], NULL, 10) : 0;
    rate = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
    if (!count || first > MOMENTS_MAX || count > MOMENTS_MAX - first || !rate || rate > NS_PER_S) {
        fprintf(stderr, "usage: pace CPU FIRST COUNT RATE MOMENTS\n");
        return 2;
    }
    error = moments_map(argv[5], &moments);
    if (!error)
        error = pin(strtoul(argv[1], NULL, 10));
    if (!error)
        error = pace(moments, (uint32_t)first, (uint32_t)count, (uint32_t)rate);
    if (error)
        fprintf(stderr, "pace: %s\n", strerror(-error));
    return error ? 1 : 0;
}
