/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_MOUNTS_H
#define PORTTRACE_CLI_MOUNTS_H

#include <stddef.h>

/*
 * Where the first file system of this type is mounted, from lines as in /proc/self/mountinfo. 0,
 * -ENOENT where none is, or -ENAMETOOLONG. Pure.
 */
int mounts_find(const char *mountinfo, const char *type, char *ret_path, size_t size);

/* As above, of this process. Does I/O. */
int mounts_find_here(const char *type, char *ret_path, size_t size);

#endif
