// SPDX-License-Identifier: GPL-2.0
/* Refusals by privilege and policy: privileged ports, Landlock, cgroup programs, seccomp. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/confine.h"
#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

static void privileged_port(struct scene *t)
{
    scene_become(t, 65534, 65534);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 80), EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
}

static void privileged_port_hides_conflict(struct scene *t)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 81), 0);
    scene_become(t, 65534, 65534);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 81), EACCES);
    scene_expect_also(t, REASON_BOUND);
    scene_expect_held(t, REASON_PRIVILEGED_PORT, STATE_CLOSE, scene_pid(t));
}

static void landlock_bind(struct scene *t)
{
    confine_by_landlock(t, LANDLOCK_BIND_TCP);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8080), EACCES);
    scene_expect_reason(t, REASON_LANDLOCK);
}

static void landlock_connect(struct scene *t)
{
    scene_listener(t, 8081);
    confine_by_landlock(t, LANDLOCK_CONNECT_TCP);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8081), EACCES);
    scene_expect_reason(t, REASON_LANDLOCK);
}

static void cgroup_bind(struct scene *t)
{
    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                      t->scenario->family == AF_INET6 ? BPF_CGROUP_INET6_BIND
                                                      : BPF_CGROUP_INET4_BIND);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8082), EPERM);
    scene_expect_reason(t, REASON_CGROUP);
}

static void cgroup_post_bind(struct scene *t)
{
    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK,
                      t->scenario->family == AF_INET6 ? BPF_CGROUP_INET6_POST_BIND
                                                      : BPF_CGROUP_INET4_POST_BIND);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8083), EPERM);
    scene_expect_reason(t, REASON_CGROUP);
}

static void cgroup_connect(struct scene *t)
{
    scene_listener(t, 8084);
    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                      t->scenario->family == AF_INET6 ? BPF_CGROUP_INET6_CONNECT
                                                      : BPF_CGROUP_INET4_CONNECT);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8084), EPERM);
    scene_expect_reason(t, REASON_CGROUP);
}

static void seccomp_bind(struct scene *t)
{
    confine_by_seccomp(t, SYS_bind, EPERM);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8085), EPERM);
    scene_expect_reason(t, REASON_SECCOMP);
}

static void seccomp_listen(struct scene *t)
{
    int fd = scene_bound(t, 8086);

    confine_by_seccomp(t, SYS_listen, EPERM);
    scene_listen(t, fd, 5, EPERM);
    scene_expect_reason(t, REASON_SECCOMP);
}

static void seccomp_connect(struct scene *t)
{
    confine_by_seccomp(t, SYS_connect, EPERM);
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8087), EPERM);
    scene_expect_reason(t, REASON_SECCOMP);
}

/* Whoever answers for the kernel may answer with any number. This child lets all but one pass. */
static void answer(struct scene *t, void *context)
{
    struct seccomp_notif asked;
    struct seccomp_notif_resp answer;
    int listener = *(int *)context, i;

    for (i = 0; i < 2; i++) {
        memset(&asked, 0, sizeof(asked));
        memset(&answer, 0, sizeof(answer));
        scene_require(t, ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) == 0);
        answer.id = asked.id;
        answer.error = i ? 0 : -1000000;
        answer.flags = i ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0;
        scene_require(t, ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0);
    }
}

static void seccomp_answered(struct scene *t)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    struct address address = loopback(t->scenario->family, 8088);
    int listener, child, fd = scene_socket(t);

    scene_require(t, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                            &program);
    scene_require(t, listener >= 0);
    child = scene_fork(t, answer, &listener);
    scene_require(t, syscall(SYS_bind, fd, &address.storage, address.size) == -1000000);
    scene_bind(t, fd, address, 0);
    scene_wait(t, child);
}

#define BY_CGROUP  .needs = FEATURE_CGROUP2
#define BY_SECCOMP .needs = FEATURE_SECCOMP

static const struct scenario scenarios[] = {
    {"tcp4-privileged-port", privileged_port, TCP4},
    {"tcp6-privileged-port", privileged_port, TCP6},
    {"udp4-privileged-port", privileged_port, UDP4},
    {"udp6-privileged-port", privileged_port, UDP6},
    {"mptcp4-privileged-port", privileged_port, MPTCP4},
    {"sctp4-privileged-port", privileged_port, SCTP4},
    {"tcp4-privileged-port-io_uring", privileged_port, TCP4, BY_URING_BIND},
    {"tcp4-privileged-port-hides-conflict", privileged_port_hides_conflict, TCP4},
    {"tcp6-privileged-port-hides-conflict", privileged_port_hides_conflict, TCP6},
    {"tcp4-landlock-bind", landlock_bind, TCP4, .needs = FEATURE_LANDLOCK_NET},
    {"tcp6-landlock-bind", landlock_bind, TCP6, .needs = FEATURE_LANDLOCK_NET},
    {"tcp4-landlock-connect", landlock_connect, TCP4, .needs = FEATURE_LANDLOCK_NET},
    {"tcp4-cgroup-bind", cgroup_bind, TCP4, BY_CGROUP},
    {"tcp6-cgroup-bind", cgroup_bind, TCP6, BY_CGROUP},
    {"udp4-cgroup-bind", cgroup_bind, UDP4, BY_CGROUP},
    {"tcp4-cgroup-post-bind", cgroup_post_bind, TCP4, BY_CGROUP},
    {"udp6-cgroup-post-bind", cgroup_post_bind, UDP6, BY_CGROUP},
    {"tcp4-cgroup-connect", cgroup_connect, TCP4, BY_CGROUP},
    {"tcp6-cgroup-connect", cgroup_connect, TCP6, BY_CGROUP},
    {"tcp4-seccomp-bind", seccomp_bind, TCP4, BY_SECCOMP},
    {"tcp4-seccomp-listen", seccomp_listen, TCP4, BY_SECCOMP},
    {"tcp4-seccomp-connect", seccomp_connect, TCP4, BY_SECCOMP},
    {"tcp4-seccomp-answered", seccomp_answered, TCP4, BY_SECCOMP},
};
THEME(policy, scenarios);
