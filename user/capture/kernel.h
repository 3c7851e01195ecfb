/* SPDX-License-Identifier: GPL-2.0 */
/* What the running kernel says of itself, most of it in its BTF. */
#ifndef PORTTRACE_CAPTURE_KERNEL_H
#define PORTTRACE_CAPTURE_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "user/capture/types_copy.h"

#define KERNEL_BTF "/sys/kernel/btf/vmlinux"

/* Names announced to .types before it is loaded are found fast. All else is zero until then. */
struct kernel {
    struct types types;
    char modules[256]; /* security modules in use, each between commas; empty: not known */
    bool has_copy;
    int copy_fd; /* of .types, what is announced of them */
    char copy_path[32];
    struct types_copied copied;
};

int kernel_load(struct kernel *kernel); /* -ENOENT: it has no BTF */
void kernel_unload(struct kernel *kernel);
bool kernel_is_loaded(const struct kernel *kernel);

/* Where types_copy() of it is, for libbpf, once it is loaded. NULL: cannot be made, see errno. */
const char *kernel_copy_path(struct kernel *kernel);

/* Which type has this number in the copy; 0: it is no number of the copy. */
uint32_t kernel_copied_type(const struct kernel *kernel, uint32_t number);

bool kernel_has_function(const struct kernel *kernel, const char *name);
int kernel_function_arguments(const struct kernel *kernel, const char *name);   /* or -ENOENT */
int kernel_tracepoint_arguments(const struct kernel *kernel, const char *name); /* or -ENOENT */
bool kernel_uses_module(const struct kernel *kernel, const char *name); /* or it is not known */
uint64_t kernel_tick_ns(void);                                          /* of its timers */

#endif
