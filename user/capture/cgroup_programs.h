/* SPDX-License-Identifier: GPL-2.0 */
/* Which cgroup has programs of others that can refuse a bind or connect. */
#ifndef PORTTRACE_CAPTURE_CGROUP_PROGRAMS_H
#define PORTTRACE_CAPTURE_CGROUP_PROGRAMS_H

#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

/*
 * The nearest cgroup at or above path, an absolute path in the hierarchy, that has a program which
 * is asked at this operation of a socket of this family. Programs of a trace are not counted, of
 * whichever porttrace. 0, -ENOENT where there is none, -ENAMETOOLONG, or other negative errno:
 * not known. Does I/O.
 */
int cgroup_programs_find(const char *path, enum pt_op op, uint16_t family, char *ret_path,
                         size_t size);

#endif
