/* SPDX-License-Identifier: GPL-2.0 */
/* The path of a process in the hierarchy of cgroup2. */
#ifndef PORTTRACE_HOST_PROCESS_CGROUP_H
#define PORTTRACE_HOST_PROCESS_CGROUP_H

#include <stddef.h>
#include <sys/types.h>

/* From lines as in /proc/PID/cgroup. 0, -ENOENT or -ENAMETOOLONG. Pure. */
int process_cgroup_parse(const char *text, char *ret_path, size_t size);

/* 0 or negative errno. Does I/O. */
int process_cgroup_read(pid_t pid, char *ret_path, size_t size);

#endif
