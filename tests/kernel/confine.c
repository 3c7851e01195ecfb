// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/bpf.h"
#include "tests/kernel/confine.h"

#define LANDLOCK_RULE_PORT 2

static void allow_port(struct scene *t, int fd, uint64_t access, uint16_t port)
{
    struct {
        uint64_t allowed_access;
        uint64_t port;
    } rule = {access, port};

    scene_require(t, syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PORT, &rule, 0) == 0);
}

static void restrict_self(struct scene *t, uint64_t access, uint16_t port)
{
    struct {
        uint64_t handled_access_fs;
        uint64_t handled_access_net;
    } rules = {.handled_access_net = access};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);

    scene_require(t, fd >= 0);
    if (port)
        allow_port(t, fd, access, port);
    scene_require(t, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    scene_require(t, syscall(SYS_landlock_restrict_self, fd, 0) == 0);
    close(fd);
}

void confine_by_landlock(struct scene *t, uint64_t access)
{
    restrict_self(t, access, 0);
}

void confine_by_landlock_but(struct scene *t, uint64_t access, uint16_t port)
{
    restrict_self(t, access, port);
}

void confine_by_cgroup(struct scene *t, uint32_t program, uint32_t attach)
{
    const char *cgroup = t->scenario->name;
    int error;

    scene_enter_cgroup(t, cgroup);
    error = bpf_attach_denying(scene_cgroup_root(), SCENE_CGROUP_NAME, cgroup, program, attach);
    if (error)
        scene_fail(t, "cannot attach a denying program: %s", strerrorname_np(-error));
}

void confine_no_more_by_cgroup(struct scene *t, uint32_t attach)
{
    int error = bpf_detach_all(scene_cgroup_root(), SCENE_CGROUP_NAME, t->scenario->name, attach);

    if (error)
        scene_fail(t, "cannot take a denying program away: %s", strerrorname_np(-error));
}

void confine_by_seccomp(struct scene *t, unsigned int number, unsigned int error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

    scene_require(t, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    scene_require(t, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}
