// SPDX-License-Identifier: GPL-2.0
/* No program on a function of the kernel: cgroup programs and tracepoints. */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "user/capture/mounts.h"
#include "user/capture/plan.h"
#include "user/capture/tracepoint.h"

static const char *const cgroup_programs[] = {
    "cgroup_bind4",    "cgroup_bind6",      "cgroup_connect4",
    "cgroup_connect6", "cgroup_post_bind4", "cgroup_post_bind6",
    "cgroup_sendmsg4", "cgroup_sendmsg6",   "cgroup_sock_release",
};

/* Of all of these tells tp_exit. */
static const char *const tracepoints[] = {
    "syscalls/sys_exit_bind",   "syscalls/sys_exit_listen",  "syscalls/sys_exit_connect",
    "syscalls/sys_exit_sendto", "syscalls/sys_exit_sendmsg", "syscalls/sys_exit_sendmmsg",
};

#define ROOT_INODE   1 /* of every hierarchy of cgroups, since 5.5 */
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Which program fits the arguments of this kernel's tracepoint; NULL: it does not tell enough. */
static const char *io_uring_program(const struct kernel *kernel)
{
    switch (kernel_tracepoint_arguments(kernel, "io_uring_complete")) {
    case 7:
        return "tp_io_complete7";
    case 3: /* 5.10 has three as well, none of them the operation; it has no io_bind either */
        return kernel_has_function(kernel, "io_bind") ? "tp_io_complete3" : NULL;
    default:
        return NULL;
    }
}

/* Not all calls that are seen to begin are seen to end, and those must not fill the map. */
static int let_calls_fall_out(struct attachment *attachment)
{
    struct bpf_map *calls = bpf_object__find_map_by_name(attachment->object, "calls");

    return bpf_map__type(calls) == BPF_MAP_TYPE_HASH
               ? bpf_map__set_type(calls, BPF_MAP_TYPE_LRU_HASH)
               : 0;
}

static int select_programs(struct attachment *attachment)
{
    const char *io_uring = io_uring_program(attachment->kernel);
    int error = let_calls_fall_out(attachment);

    if (!error)
        error = plan_select_program(attachment, "tp_set_state");
    for (size_t i = 0; i < COUNT(cgroup_programs) && !error; i++)
        error = plan_select_program(attachment, cgroup_programs[i]);
    if (!error)
        error = plan_select_program(attachment, "tp_exit");
    if (!error && io_uring)
        error = plan_select_program(attachment, io_uring);
    return error;
}

static int open_file_system(struct attachment *attachment, const char *type)
{
    int fd = mounts_open(type);

    switch (fd) {
    case -EPERM:
        return plan_refuse(
            attachment, type, fd,
            "%s is not mounted, nor may it be mounted unseen: mount it, or give CAP_SYS_ADMIN",
            type);
    case -EACCES:
        return plan_refuse(attachment, type, fd,
                           "only root looks into %s: for others it takes CAP_DAC_READ_SEARCH",
                           type);
    case -EBUSY:
        return plan_refuse(attachment, type, -EOPNOTSUPP,
                           "not to be seen here, and mounting it could change its options for the "
                           "whole host: mount it, and /proc");
    case -ENODEV:
        return plan_refuse(attachment, type, -EOPNOTSUPP, "this kernel has no %s", type);
    }
    return fd < 0 ? plan_refuse(attachment, type, fd, "cannot be opened: %s", strerror(-fd)) : fd;
}

/* In a cgroup namespace even a mount of our own shows the namespace's root, and only what is below.
 */
static int check_is_root(struct attachment *attachment)
{
    struct stat status;

    if (fstat(attachment->cgroup_fd, &status))
        return plan_refuse(attachment, "cgroup2", -errno, "its root cannot be told: %s",
                           strerror(errno));
    if (status.st_ino != ROOT_INODE)
        return plan_refuse(attachment, "cgroup2", -EOPNOTSUPP,
                           "this is a cgroup namespace, from which most of the host is not seen: "
                           "run it by 'nsenter --cgroup=/proc/1/ns/cgroup'");
    return 0;
}

static int attach_cgroup_programs(struct attachment *attachment)
{
    int error;

    attachment->cgroup_fd = open_file_system(attachment, "cgroup2");
    if (attachment->cgroup_fd < 0)
        return attachment->cgroup_fd;
    error = check_is_root(attachment);
    for (size_t i = 0; i < COUNT(cgroup_programs) && !error; i++) {
        struct bpf_program *program =
            bpf_object__find_program_by_name(attachment->object, cgroup_programs[i]);

        error = plan_keep_link(attachment, bpf_program__section_name(program),
                               bpf_program__attach_cgroup(program, attachment->cgroup_fd));
    }
    return error;
}

static int attach_tracepoints(struct attachment *attachment)
{
    const struct bpf_program *program =
        bpf_object__find_program_by_name(attachment->object, "tp_exit");
    int error = 0;

    attachment->tracefs_fd = open_file_system(attachment, "tracefs");
    if (attachment->tracefs_fd < 0)
        return attachment->tracefs_fd;
    for (size_t i = 0; i < COUNT(tracepoints) && !error; i++)
        error = plan_keep_link(attachment, tracepoints[i],
                               tracepoint_attach(program, attachment->tracefs_fd, tracepoints[i]));
    return error;
}

/* Results are seen before calls are, so that no call is taken for one whose result was missed. */
static int attach_programs(struct attachment *attachment)
{
    const char *io_uring = io_uring_program(attachment->kernel);
    int error = attach_tracepoints(attachment);

    if (!error && io_uring)
        error = plan_attach_program(attachment, io_uring);
    if (!error)
        error = plan_attach_program(attachment, "tp_set_state");
    return error ? error : attach_cgroup_programs(attachment);
}

const struct plan plan_restricted = {
    .id = PT_PLAN_RESTRICTED,
    .name = "restricted",
    .select = select_programs,
    .attach = attach_programs,
};
