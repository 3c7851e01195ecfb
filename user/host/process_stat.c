// SPDX-License-Identifier: GPL-2.0
#include "user/host/process_stat.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/host/text_file.h"

#define STAT_MOST   4096
#define NS_PER_TICK 10000000ull /* of what /proc counts in, whatever the kernel does */

/* The name stands in parentheses and can hold any of them, so the last one counts. */
int process_stat_parse(const char *text, struct process_stat *ret_stat)
{
    const char *start = strchr(text, '('), *end = strrchr(text, ')');
    struct process_stat stat = {0};
    char state;

    if (!start || !end || end <= start ||
        sscanf(end + 1,
               " %c %u %u %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
               "%*d %lu",
               &state, &stat.parent_pid, &stat.group, &stat.start_ticks) != 4)
        return -EBADMSG;
    snprintf(stat.comm, sizeof(stat.comm), "%.*s", (int)(end - start - 1), start + 1);
    stat.dead = state == 'Z' || state == 'X';
    stat.stopped = state == 'T';
    *ret_stat = stat;
    return 0;
}

int process_stat_read(uint32_t pid, struct process_stat *ret_stat)
{
    char path[32];
    char *text;
    int result;

    snprintf(path, sizeof(path), "/proc/%u/stat", pid);
    result = text_file_read(path, STAT_MOST, &text, NULL);
    if (result)
        return result == -ENOENT ? -ESRCH : result;
    result = process_stat_parse(text, ret_stat);
    free(text);
    return result;
}

uint32_t process_stat_parent(uint32_t pid)
{
    struct process_stat stat;

    return process_stat_read(pid, &stat) ? 0 : stat.parent_pid;
}

bool process_stat_started(const struct process_stat *stat, uint64_t start_ns)
{
    return stat->start_ticks == start_ns / NS_PER_TICK;
}
