// SPDX-License-Identifier: GPL-2.0
#include <bpf/libbpf.h>
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

static int open_cgroup(const char *root, const char *prefix, const char *name)
{
    char path[1024];
    int fd;

    snprintf(path, sizeof(path), "%s/%s.%s", root, prefix, name);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int bpf_attach_denying(const char *root, const char *prefix, const char *name,
                       uint32_t program_type, uint32_t attach_type)
{
    union bpf_attr attr;
    int cgroup, program, result;

    program = load_denying(program_type, attach_type);
    if (program < 0)
        return program;
    cgroup = open_cgroup(root, prefix, name);
    if (cgroup < 0) {
        close(program);
        return cgroup;
    }
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

int bpf_detach_all(const char *root, const char *prefix, const char *name, uint32_t attach_type)
{
    int program, result, cgroup = open_cgroup(root, prefix, name);
    union bpf_attr attr;
    uint32_t id = 0;

    if (cgroup < 0)
        return cgroup;
    memset(&attr, 0, sizeof(attr));
    attr.query.target_fd = (uint32_t)cgroup;
    attr.query.attach_type = attach_type;
    attr.query.prog_ids = (uint64_t)(uintptr_t)&id;
    attr.query.prog_cnt = 1;
    result = bpf_call(BPF_PROG_QUERY, &attr);
    memset(&attr, 0, sizeof(attr));
    attr.prog_id = id;
    program = result ? result : bpf_call(BPF_PROG_GET_FD_BY_ID, &attr);
    if (program >= 0) {
        memset(&attr, 0, sizeof(attr));
        attr.target_fd = (uint32_t)cgroup;
        attr.attach_bpf_fd = (uint32_t)program;
        attr.attach_type = attach_type;
        result = bpf_call(BPF_PROG_DETACH, &attr);
        close(program);
    } else {
        result = program;
    }
    close(cgroup);
    return result;
}

static int load_lsm(uint32_t pid, int error)
{
    const struct bpf_insn code[] = {
        {.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_current_pid_tgid},
        {.code = BPF_ALU64 | BPF_RSH | BPF_K, .dst_reg = BPF_REG_0, .imm = 32},
        {.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = BPF_REG_0, .imm = (int)pid, .off = 2},
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = -error},
        {.code = BPF_JMP | BPF_EXIT},
        {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
        {.code = BPF_JMP | BPF_EXIT},
    };
    int hook = libbpf_find_vmlinux_btf_id("socket_bind", BPF_LSM_MAC);
    union bpf_attr attr;

    if (hook < 0)
        return hook;
    memset(&attr, 0, sizeof(attr));
    attr.prog_type = BPF_PROG_TYPE_LSM;
    attr.expected_attach_type = BPF_LSM_MAC;
    attr.attach_btf_id = (uint32_t)hook;
    attr.insns = (uint64_t)(uintptr_t)code;
    attr.insn_cnt = sizeof(code) / sizeof(code[0]);
    attr.license = (uint64_t)(uintptr_t) "GPL";
    return bpf_call(BPF_PROG_LOAD, &attr);
}

int bpf_deny_by_lsm(uint32_t pid, int error)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    union bpf_attr attr;
    int program, result;

    setrlimit(RLIMIT_MEMLOCK, &unlimited);
    program = load_lsm(pid, error);
    if (program < 0)
        return program;
    memset(&attr, 0, sizeof(attr));
    attr.raw_tracepoint.prog_fd = (uint32_t)program;
    result = bpf_call(BPF_RAW_TRACEPOINT_OPEN, &attr);
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
