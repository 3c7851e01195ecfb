// SPDX-License-Identifier: GPL-2.0
#include "user/capture/kernel.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>

int kernel_load(struct kernel *ret_kernel)
{
    struct btf *btf = btf__load_vmlinux_btf();

    if (!btf)
        return -errno;
    ret_kernel->btf = btf;
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
