/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel says of itself, most of it in its BTF. */
#ifndef PORTTRACE_CAPTURE_KERNEL_H
#define PORTTRACE_CAPTURE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

struct btf;

struct kernel {
    struct btf *btf;
    char modules[256]; /* security modules in use, each between commas; empty: not known */
};

int kernel_load(struct kernel *ret_kernel); /* -ENOENT: it has no BTF */
void kernel_unload(struct kernel *kernel);
bool kernel_has_function(const struct kernel *kernel, const char *name);
int kernel_function_arguments(const struct kernel *kernel, const char *name);   /* or -ENOENT */
int kernel_tracepoint_arguments(const struct kernel *kernel, const char *name); /* or -ENOENT */
bool kernel_uses_module(const struct kernel *kernel, const char *name); /* or it is not known */
uint64_t kernel_tick_ns(void);                                          /* of its timers */

#endif
