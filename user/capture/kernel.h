/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel says of itself in its BTF. */
#ifndef PORTTRACE_CAPTURE_KERNEL_H
#define PORTTRACE_CAPTURE_KERNEL_H

#include <stdbool.h>

struct btf;

struct kernel {
    struct btf *btf;
};

int kernel_load(struct kernel *ret_kernel); /* -ENOENT: it has no BTF */
void kernel_unload(struct kernel *kernel);
bool kernel_has_function(const struct kernel *kernel, const char *name);
int kernel_function_arguments(const struct kernel *kernel, const char *name);   /* or -ENOENT */
int kernel_tracepoint_arguments(const struct kernel *kernel, const char *name); /* or -ENOENT */

#endif
