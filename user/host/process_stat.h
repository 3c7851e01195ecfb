/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc/PID/stat says of a process. */
#ifndef PORTTRACE_HOST_PROCESS_STAT_H
#define PORTTRACE_HOST_PROCESS_STAT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct process_stat {
    char comm[16]; /* as the process calls itself */
    uint32_t parent_pid;
    uint32_t group;       /* process group id */
    uint64_t start_ticks; /* since the boot, in the kernel's hundredths of a second */
    bool dead;            /* a zombie: it has ended, its parent has not asked how */
    bool stopped;         /* by a signal, until SIGCONT */
};

/* 0, -ESRCH where there is no such process, or other negative errno. Does I/O. */
int process_stat_read(uint32_t pid, struct process_stat *ret_stat);

/* 0: there is none, or no such process. Does I/O. */
uint32_t process_stat_parent(uint32_t pid);

/* The text of the file. 0 or -EBADMSG. Pure, as the rest. */
int process_stat_parse(const char *text, struct process_stat *ret_stat);

/* Whether it started then, as far as the file can tell. start_ns: CLOCK_BOOTTIME. */
bool process_stat_started(const struct process_stat *stat, uint64_t start_ns);

#endif
