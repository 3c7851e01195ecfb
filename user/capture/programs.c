// SPDX-License-Identifier: GPL-2.0
#include "user/capture/programs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/config.h"
#include "porttrace.skel.h"
#include "porttrace_direct.skel.h"

bool programs_direct_reads(const struct kernel *kernel)
{
    return kernel_has_function(kernel, PROGRAMS_CAST);
}

#define SAME_PLACE(section, variable)                                                              \
    _Static_assert(offsetof(struct porttrace__##section, variable) ==                              \
                       offsetof(struct porttrace_direct__##section, variable),                     \
                   #variable " is reached in both objects by the type of one")

SAME_PLACE(rodata, config);
SAME_PLACE(bss, control);
SAME_PLACE(bss, storms);
SAME_PLACE(bss, described);
SAME_PLACE(bss, held_query);

/* Both objects have the same programs and maps. */
static void choose_object(struct bpf_object_skeleton *skeleton, bool direct_reads)
{
    if (direct_reads)
        skeleton->data = (void *)(uintptr_t)porttrace_direct__elf_bytes(&skeleton->data_sz);
}

/*
 * The BTF is named, so that libbpf does not look through that of all modules for types that this
 * kernel does not have: from 5.11 on that takes CAP_SYS_ADMIN, and nothing here is of a module.
 */
struct porttrace *programs_open(bool direct_reads, const char *btf)
{
    LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = btf);
    struct porttrace *programs = calloc(1, sizeof(*programs));
    int error = programs ? porttrace__create_skeleton(programs) : -ENOMEM;

    if (!error) {
        choose_object(programs->skeleton, direct_reads);
        error = bpf_object__open_skeleton(programs->skeleton, &options);
    }
    if (!error)
        return programs;
    porttrace__destroy(programs);
    errno = -error;
    return NULL;
}

/* Whole pages, which come back from the file of the program. */
static void shed_pages(const void *bytes, size_t size)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = ((uintptr_t)bytes + page - 1) / page * page;
    uintptr_t to = ((uintptr_t)bytes + size) / page * page;

    if (to > from)
        madvise((void *)from, to - from, MADV_DONTNEED);
}

void programs_shed(void)
{
    size_t size = 0;
    const void *bytes = porttrace_direct__elf_bytes(&size);

    shed_pages(bytes, size);
    bytes = porttrace__elf_bytes(&size);
    shed_pages(bytes, size);
}
