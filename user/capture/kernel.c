// SPDX-License-Identifier: GPL-2.0
#include "user/capture/kernel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PROTOTYPE_DEPTH 4
#define COPY_MOST       (1u << 20) /* bytes, by far */

/* The names stand between commas. Without the file, all that are built in may be in use. */
static void load_modules(struct kernel *kernel)
{
    FILE *file = fopen("/sys/kernel/security/lsm", "re");

    kernel->modules[0] = '\0';
    if (!file)
        return;
    if (!fgets(kernel->modules + 1, sizeof(kernel->modules) - 2, file)) {
        fclose(file);
        return;
    }
    fclose(file);
    kernel->modules[0] = ',';
    memcpy(kernel->modules + strcspn(kernel->modules, "\n"), ",", sizeof(","));
}

bool kernel_uses_module(const struct kernel *kernel, const char *name)
{
    char between[32];

    snprintf(between, sizeof(between), ",%s,", name);
    return !kernel->modules[0] || strstr(kernel->modules, between);
}

uint64_t kernel_tick_ns(void)
{
    struct timespec tick = {0};

    /* Coarse clocks advance with the kernel's timers. */
    clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
    return (uint64_t)tick.tv_nsec;
}

bool kernel_is_loaded(const struct kernel *kernel)
{
    return kernel->types.count > 0;
}

/* The limit of files (ulimit -f) holds for those in memory, too. */
static bool is_room_for_copy(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) || limit.rlim_cur >= COPY_MOST;
}

/* Nobody reads it before it is loaded, and a file that is not there yet has no path. */
const char *kernel_copy_path(struct kernel *kernel)
{
    if (!kernel->has_copy && is_room_for_copy()) {
        int fd = memfd_create("porttrace-btf", MFD_CLOEXEC);

        if (fd < 0)
            return NULL;
        kernel->copy_fd = fd;
        kernel->has_copy = true;
        snprintf(kernel->copy_path, sizeof(kernel->copy_path), "/proc/self/fd/%d", fd);
    }
    if (!kernel->has_copy)
        return KERNEL_BTF;
    if (!access(kernel->copy_path, R_OK))
        return kernel->copy_path;
    /* Without /proc libbpf reads all of them, and goes by the numbers of the kernel. */
    close(kernel->copy_fd);
    kernel->has_copy = false;
    return KERNEL_BTF;
}

int kernel_load(struct kernel *kernel)
{
    int error = types_open(&kernel->types, KERNEL_BTF);

    if (!error && kernel->has_copy)
        error = types_copy(&kernel->types, kernel->copy_fd, &kernel->copied);
    if (error) {
        kernel_unload(kernel);
        return error;
    }
    load_modules(kernel);
    return 0;
}

void kernel_unload(struct kernel *kernel)
{
    types_close(&kernel->types);
    free(kernel->copied.ids);
    kernel->copied = (struct types_copied){0};
    if (kernel->has_copy)
        close(kernel->copy_fd);
    kernel->has_copy = false;
}

uint32_t kernel_copied_type(const struct kernel *kernel, uint32_t number)
{
    const struct types_copied *copied = &kernel->copied;

    return number > TYPES_COPY_BASE && number - TYPES_COPY_BASE <= copied->count
               ? copied->ids[number - TYPES_COPY_BASE]
               : 0;
}

bool kernel_has_function(const struct kernel *kernel, const char *name)
{
    return types_find(&kernel->types, name, BTF_KIND_FUNC) > 0;
}

/* The prototype behind a function or a pointer to one; NULL: there is none. */
static const struct btf_type *prototype_of(const struct kernel *kernel, uint32_t id)
{
    const struct btf_type *type = types_get(&kernel->types, id);

    for (int depth = 0; type && depth < PROTOTYPE_DEPTH && !btf_is_func_proto(type); depth++) {
        if (!btf_is_func(type) && !btf_is_typedef(type) && !btf_is_ptr(type))
            return NULL;
        type = types_get(&kernel->types, type->type);
    }
    return type && btf_is_func_proto(type) ? type : NULL;
}

int kernel_function_arguments(const struct kernel *kernel, const char *name)
{
    const struct btf_type *prototype =
        prototype_of(kernel, types_find(&kernel->types, name, BTF_KIND_FUNC));

    return prototype ? btf_vlen(prototype) : -ENOENT;
}

/* Tracepoints that BPF can attach to are typedefs of pointers to functions, with a context first.
 */
int kernel_tracepoint_arguments(const struct kernel *kernel, const char *name)
{
    const struct btf_type *prototype;
    char full[128];

    snprintf(full, sizeof(full), "btf_trace_%s", name);
    prototype = prototype_of(kernel, types_find(&kernel->types, full, BTF_KIND_TYPEDEF));
    return prototype ? btf_vlen(prototype) - 1 : -ENOENT;
}
