// SPDX-License-Identifier: GPL-2.0
#include "user/capture/loader.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "bpf/config.h"
#include "porttrace.skel.h"
#include "user/capture/log.h"
#include "user/capture/maps.h"
#include "user/capture/programs.h"
#include "user/capture/workers.h"

#define JOBS_MAX 256

struct job {
    struct bpf_program *program;
    enum bpf_prog_type type;
    struct bpf_prog_load_opts options;
    struct bpf_insn *instructions;
    size_t count;
    int fd; /* or negative errno */
};

struct loader {
    const struct kernel *kernel;
    struct job jobs[JOBS_MAX];
    size_t count;
};

static struct loader *loading; /* libbpf's callback has no context */

/* Where what is loaded has a target, its name in the types of the kernel begins with .before. */
static const struct section {
    const char *name;
    enum bpf_prog_type type;
    enum bpf_attach_type attach_type;
    const char *before;
    uint32_t kind; /* of the target */
} sections[] = {
    {"fexit+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, "", BTF_KIND_FUNC},
    {"fentry+", BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, "", BTF_KIND_FUNC},
    {"tp_btf+", BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, "btf_trace_", BTF_KIND_TYPEDEF},
    {"iter+", BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, "bpf_iter_", BTF_KIND_FUNC},
    {"kprobe+", BPF_PROG_TYPE_KPROBE, 0, NULL, 0},
    {"kretprobe+", BPF_PROG_TYPE_KPROBE, 0, NULL, 0},
    {"tracepoint+", BPF_PROG_TYPE_TRACEPOINT, 0, NULL, 0},
    {"cgroup/bind4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, NULL, 0},
    {"cgroup/bind6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND, NULL, 0},
    {"cgroup/connect4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, NULL, 0},
    {"cgroup/connect6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, NULL, 0},
    {"cgroup/sendmsg4", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, NULL, 0},
    {"cgroup/sendmsg6", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG, NULL, 0},
    {"cgroup/post_bind4", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, NULL, 0},
    {"cgroup/post_bind6", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND, NULL, 0},
    {"cgroup/sock_release", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, NULL, 0},
};

#define SECTIONS (sizeof(sections) / sizeof(sections[0]))

bool loader_target(const char *section, char *ret_name, size_t size, uint32_t *ret_kind)
{
    const char *target = strchr(section, '/');
    size_t length = target ? (size_t)(target - section) : 0;

    for (size_t i = 0; i < SECTIONS; i++)
        if (sections[i].before && strcspn(sections[i].name, "+") == length &&
            !strncmp(section, sections[i].name, length)) {
            snprintf(ret_name, size, "%s%s", sections[i].before, target + 1);
            *ret_kind = sections[i].kind;
            return true;
        }
    return false;
}

static int find_target(const struct bpf_program *program, struct bpf_prog_load_opts *options)
{
    char name[128];
    uint32_t kind;

    if (!loader_target(bpf_program__section_name(program), name, sizeof(name), &kind))
        return 0;
    options->attach_btf_id = types_find(&loading->kernel->types, name, kind);
    if (options->attach_btf_id)
        return 0;
    log_add("this kernel has no %s", name);
    return -ESRCH;
}

static bool loads_number(const struct bpf_insn *instruction)
{
    return instruction->code == (BPF_LD | BPF_IMM | BPF_DW) && !instruction->src_reg;
}

/*
 * To libbpf a type has its number in the copy, which no other number loaded that way is as large
 * as; and bpf_rdonly_cast() is a helper, so that it need not look for it among all functions.
 */
static int link_to_kernel(struct job *job)
{
    const struct kernel *kernel = loading->kernel;
    bool by_type = programs_direct_reads(kernel);

    for (size_t i = 0; i < job->count; i++) {
        struct bpf_insn *at = &job->instructions[i];
        int32_t number = 0;

        if (by_type && loads_number(at)) {
            number = (int32_t)kernel_copied_type(kernel, (uint32_t)at->imm);
            at->imm = number ? number : at->imm;
        } else if (at->code == (BPF_JMP | BPF_CALL) && !at->src_reg && at->imm == PT_RDONLY_CAST) {
            number = (int32_t)types_find(&kernel->types, PROGRAMS_CAST, BTF_KIND_FUNC);
            if (!number)
                return -EOPNOTSUPP;
            at->src_reg = BPF_PSEUDO_KFUNC_CALL;
            at->imm = number;
        }
        if (at->code == (BPF_LD | BPF_IMM | BPF_DW))
            i++; /* its other half */
    }
    return 0;
}

/* What libbpf loads instead does nothing; its descriptor will be that of the program. */
static int put_in_place(struct bpf_program *program, struct bpf_prog_load_opts *options)
{
    struct bpf_insn nothing[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    LIBBPF_OPTS(bpf_prog_load_opts, none, .log_level = options->log_level);
    int error = bpf_program__set_type(program, BPF_PROG_TYPE_SOCKET_FILTER);

    if (!error)
        error = bpf_program__set_insns(program, nothing, 2);
    *options = none;
    return error;
}

static int take_program(struct bpf_program *program, struct bpf_prog_load_opts *options, long i)
{
    struct job *job = loading && loading->count < JOBS_MAX ? &loading->jobs[loading->count] : NULL;
    int error;

    if (!job)
        return -E2BIG;
    error = find_target(program, options);
    if (error)
        return error;
    *job = (struct job){
        .program = program,
        .type = sections[i].type,
        .options = *options,
        .count = bpf_program__insn_cnt(program),
        .fd = -ECANCELED,
    };
    job->options.fd_array = NULL;
    if (!log_is_wanted()) {
        job->options.line_info = NULL;
        job->options.line_info_cnt = 0;
    }
    job->instructions = calloc(job->count, sizeof(*job->instructions));
    if (!job->instructions)
        return -ENOMEM;
    memcpy(job->instructions, bpf_program__insns(program), job->count * sizeof(*job->instructions));
    loading->count++;
    error = link_to_kernel(job);
    return error ? error : put_in_place(program, options);
}

int loader_register(void)
{
    static bool registered;

    for (size_t i = 0; i < SECTIONS && !registered; i++) {
        LIBBPF_OPTS(libbpf_prog_handler_opts, options, .cookie = (long)i,
                    .prog_prepare_load_fn = take_program);
        /* For programs of the type TRACING libbpf would read all types of the kernel. */
        enum bpf_prog_type type = sections[i].type == BPF_PROG_TYPE_TRACING
                                      ? BPF_PROG_TYPE_RAW_TRACEPOINT
                                      : sections[i].type;
        int id =
            libbpf_register_prog_handler(sections[i].name, type, sections[i].attach_type, &options);

        if (id < 0)
            return id;
    }
    registered = true;
    return 0;
}

/* The longest first, so that in the end nobody waits long for another. */
static int compare_lengths(const void *a, const void *b)
{
    const struct job *first = a, *second = b;

    return (first->count < second->count) - (first->count > second->count);
}

static void load_one(void *context, size_t i)
{
    struct job *job = &((struct job *)context)[i];
    size_t size = 0;
    char *log = (char *)(uintptr_t)bpf_program__log_buf(job->program, &size);

    job->options.log_buf = job->options.log_level ? log : NULL;
    job->options.log_size = job->options.log_level ? (__u32)size : 0;
    job->fd = bpf_prog_load(job->type, bpf_program__name(job->program), "GPL", job->instructions,
                            job->count, &job->options);
}

/* Says what libbpf would, and what the verifier says to whoever wants to know. */
static int tell_failure(struct job *job)
{
    int error = job->fd;
    size_t size = 1 << 20;
    char *log = log_is_wanted() ? calloc(1, size) : NULL;

    log_add("prog '%s': BPF program load failed: %s\n", bpf_program__name(job->program),
            strerror(-error));
    if (log) {
        job->options.log_level = 1;
        job->options.log_buf = log;
        job->options.log_size = (__u32)size;
        job->fd = bpf_prog_load(job->type, bpf_program__name(job->program), "GPL",
                                job->instructions, job->count, &job->options);
        log_add("%s\n", log);
    }
    free(log);
    return error;
}

/* Libbpf goes on with the descriptor that it has. */
static int hand_over(struct job *job, int rodata_fd)
{
    int error = 0;

    if (job->fd < 0)
        return tell_failure(job);
    /* As libbpf does: so a program is known for ours, also if it uses no constants. */
    bpf_prog_bind_map(job->fd, rodata_fd, NULL);
    if (dup3(job->fd, bpf_program__fd(job->program), O_CLOEXEC) < 0)
        error = -errno;
    close(job->fd);
    job->fd = -ECANCELED;
    return error;
}

static int load_taken(struct loader *loader, int rodata_fd)
{
    int error = 0;

    qsort(loader->jobs, loader->count, sizeof(loader->jobs[0]), compare_lengths);
    workers_run(load_one, loader->jobs, loader->count);
    for (size_t i = 0; i < loader->count && !error; i++)
        error = hand_over(&loader->jobs[i], rodata_fd);
    return error;
}

static void free_jobs(struct loader *loader)
{
    for (size_t i = 0; i < loader->count; i++) {
        if (loader->jobs[i].fd >= 0)
            close(loader->jobs[i].fd);
        free(loader->jobs[i].instructions);
    }
}

int loader_load(const struct kernel *kernel, struct porttrace *skeleton)
{
    struct loader *loader = calloc(1, sizeof(*loader));
    int error;

    if (!loader)
        return -ENOMEM;
    loader->kernel = kernel;
    maps_make(skeleton->obj);
    loading = loader;
    error = porttrace__load(skeleton);
    loading = NULL;
    if (!error)
        error = load_taken(loader, bpf_map__fd(skeleton->maps.rodata));
    free_jobs(loader);
    free(loader);
    return error;
}
