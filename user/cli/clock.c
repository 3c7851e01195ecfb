// SPDX-License-Identifier: GPL-2.0
#include "user/cli/clock.h"

#include <time.h>

#define NS_PER_S 1000000000ull
#define SAMPLES  8

static uint64_t clock_ns(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_boot_ns(void)
{
    return clock_ns(CLOCK_BOOTTIME);
}

uint64_t clock_wall_ns(void)
{
    return clock_ns(CLOCK_REALTIME);
}

/* The sample that took least time was interrupted least. */
uint64_t clock_wall_offset_ns(void)
{
    uint64_t least_ns = UINT64_MAX, offset_ns = 0;

    for (int i = 0; i < SAMPLES; i++) {
        uint64_t before_ns = clock_boot_ns();
        uint64_t wall_ns = clock_wall_ns();
        uint64_t took_ns = clock_boot_ns() - before_ns;

        if (took_ns >= least_ns)
            continue;
        least_ns = took_ns;
        offset_ns = wall_ns - (before_ns + took_ns / 2);
    }
    return offset_ns;
}

int64_t clock_utc_offset_s(uint64_t wall_ns)
{
    time_t at = (time_t)(wall_ns / NS_PER_S);
    struct tm local;

    return localtime_r(&at, &local) ? local.tm_gmtoff : 0;
}
