// SPDX-License-Identifier: GPL-2.0
#include "user/capture/kernel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

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

int kernel_load(struct kernel *ret_kernel)
{
    struct btf *btf = btf__load_vmlinux_btf();

    if (!btf)
        return -errno;
    ret_kernel->btf = btf;
    load_modules(ret_kernel);
    return 0;
}

void kernel_unload(struct kernel *kernel)
{
    btf__free(kernel->btf);
    kernel->btf = NULL;
}

bool kernel_has_function(const struct kernel *kernel, const char *name)
{
    return btf__find_by_name_kind(kernel->btf, name, BTF_KIND_FUNC) > 0;
}

int kernel_function_arguments(const struct kernel *kernel, const char *name)
{
    int id = btf__find_by_name_kind(kernel->btf, name, BTF_KIND_FUNC);

    if (id <= 0)
        return -ENOENT;
    return btf_vlen(btf__type_by_id(kernel->btf, btf__type_by_id(kernel->btf, (__u32)id)->type));
}

/* Tracepoints that BPF can attach to are typedefs of pointers to functions. */
static const struct btf_type *tracepoint_prototype(const struct kernel *kernel, const char *name)
{
    const struct btf_type *type;
    char full[128];
    int id;

    snprintf(full, sizeof(full), "btf_trace_%s", name);
    id = btf__find_by_name_kind(kernel->btf, full, BTF_KIND_TYPEDEF);
    if (id <= 0)
        return NULL;
    type = btf__type_by_id(kernel->btf, btf__type_by_id(kernel->btf, (__u32)id)->type);
    return btf__type_by_id(kernel->btf, type->type);
}

int kernel_tracepoint_arguments(const struct kernel *kernel, const char *name)
{
    const struct btf_type *prototype = tracepoint_prototype(kernel, name);

    return prototype ? btf_vlen(prototype) - 1 : -ENOENT;
}
