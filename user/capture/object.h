/* SPDX-License-Identifier: GPL-2.0 */
/* The object with all programs, opened to be relocated by what user/capture/types.h has read. */
#ifndef PORTTRACE_CAPTURE_OBJECT_H
#define PORTTRACE_CAPTURE_OBJECT_H

#include "user/capture/kernel.h"

struct porttrace;

/* The first one also fills in the kernel. 0, or negative errno: -ENOENT, the kernel has no BTF. */
int object_open(struct kernel *kernel, struct porttrace **ret_skeleton);

#endif
