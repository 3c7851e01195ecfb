// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/bpf.h"

static int bpf_call(int command, union bpf_attr *attr)
{
    int result = (int)syscall(SYS_bpf, command, attr, sizeof(*attr));

    return result < 0 ? -errno : result;
}

static int load_denying(uint32_t program_type, uint32_t attach_type)
{
    const struct bpf_insn code[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    union bpf_attr attr;

    setrlimit(RLIMIT_MEMLOCK, &unlimited); /* 5.10 charges programs to it */
    memset(&attr, 0, sizeof(attr));
    attr.prog_type = program_type;
    attr.expected_attach_type = attach_type;
    attr.insns = (uint64_t)(uintptr_t)code;
    attr.insn_cnt = sizeof(code) / sizeof(code[0]);
    attr.license = (uint64_t)(uintptr_t) "GPL";
    return bpf_call(BPF_PROG_LOAD, &attr);
}

int bpf_attach_denying(const char *root, const char *prefix, const char *name,
                       uint32_t program_type, uint32_t attach_type)
{
    union bpf_attr attr;
    char path[1024];
    int cgroup, program, result;

    program = load_denying(program_type, attach_type);
    if (program < 0)
        return program;
    snprintf(path, sizeof(path), "%s/%s.%s", root, prefix, name);
    cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgroup < 0)
        return -errno;
    memset(&attr, 0, sizeof(attr));
    attr.target_fd = (uint32_t)cgroup;
    attr.attach_bpf_fd = (uint32_t)program;
    attr.attach_type = attach_type;
    attr.attach_flags = BPF_F_ALLOW_MULTI;
    result = bpf_call(BPF_PROG_ATTACH, &attr);
    close(cgroup);
    close(program);
    return result;
}

int bpf_attached_count(const char *cgroup, uint32_t attach_type)
{
    int fd = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    union bpf_attr attr;
    int result;

    if (fd < 0)
        return -errno;
    memset(&attr, 0, sizeof(attr));
    attr.query.target_fd = (uint32_t)fd;
    attr.query.attach_type = attach_type;
    result = bpf_call(BPF_PROG_QUERY, &attr);
    close(fd);
    return result < 0 ? result : (int)attr.query.prog_cnt;
}

bool bpf_exists(int command, uint32_t id)
{
    union bpf_attr attr;
    int fd;

    memset(&attr, 0, sizeof(attr));
    attr.prog_id = id; /* one union member with the ids of maps and links */
    fd = bpf_call(command, &attr);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}
