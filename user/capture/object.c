// SPDX-License-Identifier: GPL-2.0
#include "user/capture/object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/loader.h"
#include "user/capture/programs.h"

/* What stands behind ___ is only ours. */
static int want_name(struct types *types, const char *name)
{
    const char *flavor = strstr(name, "___");

    return types_want(types, name, flavor ? (size_t)(flavor - name) : strlen(name));
}

static int want_parts(struct types *types, const struct btf *btf, const struct btf_type *type)
{
    bool values = btf_is_enum(type);
    int error = 0;

    if (!values && !btf_is_composite(type))
        return 0;
    for (__u32 i = 0; i < btf_vlen(type) && !error; i++)
        error = want_name(types, btf__name_by_offset(btf, values ? btf_enum(type)[i].name_off
                                                                 : btf_members(type)[i].name_off));
    return error;
}

static int want_types(struct types *types, const struct bpf_object *object)
{
    const struct btf *btf = bpf_object__btf(object);
    int error = 0;

    for (__u32 id = 1; id < btf__type_cnt(btf) && !error; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        error = want_name(types, btf__name_by_offset(btf, type->name_off));
        if (!error)
            error = want_parts(types, btf, type);
    }
    return error;
}

static int want_targets(struct types *types, const struct bpf_object *object)
{
    struct bpf_program *program;
    uint32_t kind;
    char name[128];
    int error = 0;

    bpf_object__for_each_program(program, object)
    {
        if (!error && loader_target(bpf_program__section_name(program), name, sizeof(name), &kind))
            error = types_want(types, name, strlen(name));
    }
    return error;
}

/* What chooses the object is wanted, too. */
static int fill_in(struct kernel *kernel, const struct bpf_object *object)
{
    int error = want_types(&kernel->types, object);

    if (!error)
        error = want_targets(&kernel->types, object);
    if (!error)
        error = want_name(&kernel->types, PROGRAMS_CAST);
    return error ? error : kernel_load(kernel);
}

/* Its names are those of both objects, and few kernels take the other one. */
static int open_first(struct kernel *kernel, const char *btf, struct porttrace **ret_skeleton)
{
    struct porttrace *skeleton = programs_open(true, btf);
    int error = skeleton ? fill_in(kernel, skeleton->obj) : -errno;

    if (!error && programs_direct_reads(kernel))
        *ret_skeleton = skeleton;
    else
        porttrace__destroy(skeleton);
    return error;
}

int object_open(struct kernel *kernel, struct porttrace **ret_skeleton)
{
    const char *btf = kernel_copy_path(kernel);
    int error = loader_register();

    *ret_skeleton = NULL;
    if (!error && !btf)
        error = -errno;
    if (!error && !kernel_is_loaded(kernel))
        error = open_first(kernel, btf, ret_skeleton);
    if (error || *ret_skeleton)
        return error;
    *ret_skeleton = programs_open(programs_direct_reads(kernel), btf);
    return *ret_skeleton ? 0 : -errno;
}
