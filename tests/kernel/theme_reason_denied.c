// SPDX-License-Identifier: GPL-2.0
/* What is not allowed, by whom, and what allows it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/bpf.h"
#include "tests/kernel/confine.h"
#include "tests/kernel/expect.h"
#include "tests/kernel/keeper.h"
#include "tests/kernel/scenarios.h"

#define NOBODY 65534

static void ask(struct scene *t, uint16_t port, int want)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), want);
}

/* The one that is refused runs beside the one that follows the advice, who may. */
static void ask_privileged(struct scene *t, void *context)
{
    scene_become(t, NOBODY, NOBODY);
    ask(t, 90, EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
    keeper_wait(t, context);
    ask(t, 90, 0);
}

static void allow_privileged(struct scene *t, const char *start)
{
    if (!scene_follow(t, "sysctl -w net.ipv4.ip_unprivileged_port_start"))
        scene_sysctl(t, "ipv4/ip_unprivileged_port_start", start);
}

static void privileged(struct scene *t)
{
    struct keeper keeper;

    keeper_start(t, &keeper, ask_privileged, &keeper);
    allow_privileged(t, "90");
    keeper_step(t, &keeper);
    keeper_end(t, &keeper);
}

/* Root of a user namespace of its own, as in a container without root. */
static void ask_in_userns(struct scene *t, void *context)
{
    scene_become(t, NOBODY, NOBODY);
    scene_require(t, unshare(CLONE_NEWUSER) == 0);
    ask(t, 92, EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
    scene_note(t, "in its own user namespace at most");
    scene_no_advice(t, "setcap");
    scene_no_advice(t, "setpriv");
    keeper_wait(t, context);
    ask(t, 92, 0);
}

static void privileged_in_userns(struct scene *t)
{
    struct keeper keeper;

    keeper_start(t, &keeper, ask_in_userns, &keeper);
    allow_privileged(t, "92");
    keeper_step(t, &keeper);
    keeper_end(t, &keeper);
}

struct two_wrongs {
    struct keeper asker;
    struct keeper holder;
};

static void keep_privileged(struct scene *t, void *context)
{
    (void)context;
    scene_bound(t, 91);
}

static void ask_taken(struct scene *t, void *context)
{
    struct two_wrongs *wrongs = context;

    scene_become(t, NOBODY, NOBODY);
    ask(t, 91, EACCES);
    scene_expect_also(t, REASON_BOUND);
    scene_expect_held(t, REASON_PRIVILEGED_PORT, STATE_CLOSE, wrongs->holder.pid);
    keeper_wait(t, &wrongs->asker);
    ask(t, 91, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, wrongs->holder.pid);
    keeper_wait(t, &wrongs->asker);
    ask(t, 91, 0);
}

/* Both are said, and each is true when the other one is mended. */
static void privileged_and_taken(struct scene *t)
{
    struct two_wrongs wrongs;

    keeper_start(t, &wrongs.holder, keep_privileged, NULL);
    keeper_start(t, &wrongs.asker, ask_taken, &wrongs);
    allow_privileged(t, "91");
    keeper_step(t, &wrongs.asker);
    keeper_kill_as_advised(t, &wrongs.holder);
    keeper_step(t, &wrongs.asker);
    keeper_end(t, &wrongs.asker);
}

static void ask_unprivileged(struct scene *t, void *context)
{
    scene_become(t, NOBODY, NOBODY);
    ask(t, 1024, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, *(uint32_t *)context);
    scene_no_advice(t, "ip_unprivileged_port_start");
    ask(t, 1025, 0);
}

/* Near misses: the first port that is not privileged, and root, who may. */
static void not_privileged(struct scene *t)
{
    uint32_t pid = scene_pid(t);

    scene_bound(t, 1024);
    scene_bound(t, 92);
    scene_run_child(t, ask_unprivileged, &pid);
    ask(t, 92, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, pid);
}

static void make_netns(struct scene *t, void *context)
{
    (void)context;
    scene_become(t, NOBODY, NOBODY);
    scene_require(t, unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0);
}

/* Root may in the net namespaces of all users, so that ports of that kind are proposed too. */
static void privileged_from_above(struct scene *t)
{
    struct keeper user;
    char path[64];
    int netns;

    keeper_start(t, &user, make_netns, NULL);
    snprintf(path, sizeof(path), "/proc/%d/ns/net", user.child);
    netns = open(path, O_RDONLY | O_CLOEXEC);
    scene_require(t, netns >= 0 && setns(netns, CLONE_NEWNET) == 0);
    close(netns);
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 96), 0);
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 96), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
    scene_advice(t, "a free port: 97");
    scene_bind(t, scene_socket(t), wildcard(t->scenario->family, 97), 0);
    keeper_end(t, &user);
}

/* A descriptor, which is closed for an end of it. */
static int deny(struct scene *t, int error)
{
    int module = bpf_deny_by_lsm(scene_pid(t), error);

    scene_require(t, module >= 0);
    return module;
}

static void lsm(struct scene *t)
{
    int module = deny(t, EACCES);

    ask(t, 8250, EACCES);
    scene_expect_reason(t, REASON_LSM);
    scene_no_advice(t, "ip_unprivileged_port_start");
    close(module);
    ask(t, 8250, 0);
}

/* The module is asked before anybody looks at the port, which is taken. */
static void refuse_taken(struct scene *t, uint16_t port, int error)
{
    int module;

    scene_bound(t, port);
    module = deny(t, error);
    ask(t, port, error);
    scene_expect_also(t, REASON_BOUND);
    scene_expect_reason(t, REASON_LSM);
    close(module);
}

/* A module answers what it likes, also what others answer for other reasons. */
static void lsm_lies(struct scene *t)
{
    int module;

    refuse_taken(t, 8249, EADDRINUSE);
    module = deny(t, EAFNOSUPPORT);
    ask(t, 8248, EAFNOSUPPORT);
    scene_expect_reason(t, REASON_LSM);
    close(module);
    ask(t, 8248, 0);
}

static void lsm_and_taken(struct scene *t)
{
    refuse_taken(t, 8251, EACCES);
    ask(t, 8251, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static void ask_in_sandbox(struct scene *t, void *context)
{
    (void)context;
    confine_by_landlock(t, LANDLOCK_BIND_TCP);
    ask(t, 8252, EACCES);
    scene_expect_reason(t, REASON_LANDLOCK);
    scene_advice(t, "let it add a rule for this port");
}

static void landlock(struct scene *t)
{
    scene_run_child(t, ask_in_sandbox, NULL);
    confine_by_landlock_but(t, LANDLOCK_BIND_TCP, 8252);
    ask(t, 8252, 0);
}

/* Near misses: what Landlock was not told to handle is refused by others. */
static void landlock_elsewhere(struct scene *t)
{
    scene_bound(t, 8253);
    confine_by_landlock(t, LANDLOCK_CONNECT_TCP);
    ask(t, 8253, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
    scene_become(t, NOBODY, NOBODY);
    ask(t, 93, EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
}

static uint32_t bind_hook(const struct scene *t)
{
    return t->scenario->family == AF_INET6 ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
}

static void cgroup(struct scene *t)
{
    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK_ADDR, bind_hook(t));
    ask(t, 8254, EPERM);
    scene_expect_reason(t, REASON_CGROUP);
    scene_advice(t, "cgroup");
    confine_no_more_by_cgroup(t, bind_hook(t));
    ask(t, 8254, 0);
}

static void cgroup_after_bind(struct scene *t)
{
    uint32_t hook =
        t->scenario->family == AF_INET6 ? BPF_CGROUP_INET6_POST_BIND : BPF_CGROUP_INET4_POST_BIND;

    int fd;

    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK, hook);
    fd = scene_socket(t);
    scene_bind(t, fd, loopback(t->scenario->family, 8255), EPERM);
    scene_expect_reason(t, REASON_CGROUP);
    confine_no_more_by_cgroup(t, hook);
    scene_close(t, fd); /* before 6.1 the refused socket keeps its port */
    ask(t, 8255, 0);
}

/* A program is there, and it is not what refuses: it is asked about the other family only. */
static void cgroup_elsewhere(struct scene *t)
{
    scene_bound(t, 8256);
    confine_by_cgroup(t, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
                      t->scenario->family == AF_INET6 ? BPF_CGROUP_INET4_BIND
                                                      : BPF_CGROUP_INET6_BIND);
    ask(t, 8256, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
    scene_become(t, NOBODY, NOBODY);
    ask(t, 94, EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
}

static void ask_filtered(struct scene *t, void *context)
{
    (void)context;
    confine_by_seccomp(t, SYS_bind, EPERM);
    ask(t, 8257, EPERM);
    scene_expect_reason(t, REASON_SECCOMP);
    scene_no_advice(t, "kill");
    scene_advice(t, "let the filter allow bind(), or start the program without it");
}

static void seccomp(struct scene *t)
{
    scene_run_child(t, ask_filtered, NULL);
    ask(t, 8257, 0);
}

/* So does a filter. That this port is taken is true, and not why. */
static void seccomp_lies(struct scene *t)
{
    scene_bound(t, 8258);
    confine_by_seccomp(t, SYS_bind, EADDRINUSE);
    ask(t, 8258, EADDRINUSE);
    scene_expect_also(t, REASON_BOUND);
    scene_expect_reason(t, REASON_SECCOMP);
}

static void seccomp_lies_of_listen(struct scene *t)
{
    int fd = scene_bound(t, 8261);

    confine_by_seccomp(t, SYS_listen, EADDRINUSE);
    scene_listen(t, fd, 5, EADDRINUSE);
    scene_expect_reason(t, REASON_SECCOMP);
}

static void seccomp_says_access(struct scene *t)
{
    confine_by_seccomp(t, SYS_bind, EACCES);
    ask(t, 8259, EACCES);
    scene_expect_reason(t, REASON_SECCOMP);
    scene_no_advice(t, "ip_unprivileged_port_start");
}

/* A filter is there, and it lets this call pass. */
static void seccomp_elsewhere(struct scene *t)
{
    scene_bound(t, 8260);
    confine_by_seccomp(t, SYS_listen, EPERM);
    ask(t, 8260, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
    scene_become(t, NOBODY, NOBODY);
    ask(t, 95, EACCES);
    scene_expect_reason(t, REASON_PRIVILEGED_PORT);
}

#define BY_CGROUP   .needs = FEATURE_CGROUP2
#define BY_SECCOMP  .needs = FEATURE_SECCOMP
#define BY_LANDLOCK .needs = FEATURE_LANDLOCK_NET
#define BY_LSM      .needs = FEATURE_BPF_LSM

static const struct scenario scenarios[] = {
    {"reason-tcp4-privileged", privileged, TCP4},
    {"reason-tcp4-privileged-in-userns", privileged_in_userns, TCP4},
    {"reason-tcp6-privileged", privileged, TCP6},
    {"reason-udp4-privileged", privileged, UDP4},
    {"reason-tcp4-privileged-and-taken", privileged_and_taken, TCP4},
    {"reason-tcp6-privileged-and-taken", privileged_and_taken, TCP6},
    {"reason-udp4-privileged-and-taken", privileged_and_taken, UDP4},
    {"reason-tcp4-not-privileged", not_privileged, TCP4},
    {"reason-udp6-not-privileged", not_privileged, UDP6},
    {"reason-tcp4-privileged-from-above", privileged_from_above, TCP4},
    {"reason-tcp4-lsm", lsm, TCP4, BY_LSM},
    {"reason-udp6-lsm", lsm, UDP6, BY_LSM},
    {"reason-tcp4-lsm-lies", lsm_lies, TCP4, BY_LSM},
    {"reason-udp6-lsm-lies", lsm_lies, UDP6, BY_LSM},
    {"reason-tcp4-lsm-and-taken", lsm_and_taken, TCP4, BY_LSM},
    {"reason-tcp4-landlock", landlock, TCP4, BY_LANDLOCK},
    {"reason-tcp6-landlock", landlock, TCP6, BY_LANDLOCK},
    {"reason-tcp4-landlock-elsewhere", landlock_elsewhere, TCP4, BY_LANDLOCK},
    {"reason-tcp4-cgroup", cgroup, TCP4, BY_CGROUP},
    {"reason-tcp6-cgroup", cgroup, TCP6, BY_CGROUP},
    {"reason-udp4-cgroup", cgroup, UDP4, BY_CGROUP},
    {"reason-tcp4-cgroup-after-bind", cgroup_after_bind, TCP4, BY_CGROUP},
    {"reason-tcp4-cgroup-elsewhere", cgroup_elsewhere, TCP4, BY_CGROUP},
    {"reason-tcp6-cgroup-elsewhere", cgroup_elsewhere, TCP6, BY_CGROUP},
    {"reason-tcp4-seccomp", seccomp, TCP4, BY_SECCOMP},
    {"reason-udp6-seccomp", seccomp, UDP6, BY_SECCOMP},
    {"reason-tcp4-seccomp-lies", seccomp_lies, TCP4, BY_SECCOMP},
    {"reason-tcp4-seccomp-lies-of-listen", seccomp_lies_of_listen, TCP4, BY_SECCOMP},
    {"reason-tcp4-seccomp-says-access", seccomp_says_access, TCP4, BY_SECCOMP},
    {"reason-tcp4-seccomp-elsewhere", seccomp_elsewhere, TCP4, BY_SECCOMP},
};
THEME(reason_denied, scenarios);
