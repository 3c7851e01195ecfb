// SPDX-License-Identifier: GPL-2.0
/* Who called: processes that are renamed, hostile, short-lived, changed or elsewhere. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/scenarios.h"

static void bind_one(struct scene *t, uint16_t port)
{
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, port), 0);
}

static void *thread_main(void *context)
{
    prctl(PR_SET_NAME, "a-thread");
    bind_one(context, 8080);
    return NULL;
}

static void thread(struct scene *t)
{
    pthread_t id;

    scene_require(t, pthread_create(&id, NULL, thread_main, t) == 0);
    scene_require(t, pthread_join(id, NULL) == 0);
}

static void bind_and_exit(struct scene *t, void *context)
{
    (void)context;
    bind_one(t, 8081);
}

static void short_lived(struct scene *t)
{
    int i;

    for (i = 0; i < 5; i++)
        scene_run_child(t, bind_and_exit, NULL);
}

static void renamed(struct scene *t)
{
    bind_one(t, 8082);
    scene_require(t, prctl(PR_SET_NAME, "renamed") == 0);
    bind_one(t, 8083);
}

static void hostile_comm(struct scene *t)
{
    static const char *const names[] = {
        "\033[31mred", "two\nlines", "quo\"te\\", "\xff\xfe\x80 bad", "\xe2\x82", "{\"a\":1}", " ",
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        scene_require(t, prctl(PR_SET_NAME, names[i]) == 0);
        bind_one(t, (uint16_t)(8084 + i));
    }
}

static void exec_other(struct scene *t)
{
    if (t->step) {
        bind_one(t, 8101);
        return;
    }
    bind_one(t, 8100);
    scene_exec(t, "again", NULL);
}

static void hostile_arguments(struct scene *t)
{
    static const char *const args[] = {
        "--flag=\033]0;title\007", "line\nbreak", "\"quoted\"", "\xc3\x28", "", "last", NULL,
    };

    if (!t->step)
        scene_exec(t, "exec", args);
    bind_one(t, 8102);
}

static void long_arguments(struct scene *t)
{
    static char text[4097];
    const char *const args[] = {text, "after", NULL};

    if (!t->step) {
        memset(text, 'x', sizeof(text) - 1);
        scene_exec(t, "exec", args);
    }
    bind_one(t, 8103);
}

static void many_arguments(struct scene *t)
{
    static const char *args[51];
    size_t i;

    if (!t->step) {
        for (i = 0; i < 50; i++)
            args[i] = i % 2 ? "--option" : "value";
        scene_exec(t, "exec", args);
    }
    bind_one(t, 8104);
}

static void other_user(struct scene *t)
{
    scene_become(t, 12345, 54321);
    bind_one(t, 8105);
}

static void other_cgroup(struct scene *t)
{
    scene_enter_cgroup(t, t->scenario->name);
    bind_one(t, 8106);
}

static void child_and_parent(struct scene *t)
{
    bind_one(t, 8107);
    scene_run_child(t, bind_and_exit, NULL);
}

/* As in a container: pids of its own, while the event names the pid that the host knows. */
static void other_pid_namespace(struct scene *t)
{
    scene_require(t, unshare(CLONE_NEWPID) == 0);
    scene_run_child(t, bind_and_exit, NULL);
}

/* A process may bind in a net namespace that is not its own, by a socket made before. */
static void socket_of_other_namespace(struct scene *t)
{
    int fd = scene_socket(t);

    scene_require(t, scene_network_up());
    scene_bind(t, fd, loopback(t->scenario->family, 8108), 0);
}

/* The worker is a thread of the process, and the call the process's own. */
static void by_worker_bind(struct scene *t)
{
    t->asynchronous = true;
    bind_one(t, 8110);
    scene_bind(t, scene_socket(t), loopback(t->scenario->family, 8110), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static void by_worker_connect(struct scene *t)
{
    int listener = scene_listener(t, 8111);

    t->asynchronous = true;
    scene_connect(t, scene_socket(t), loopback(t->scenario->family, 8111), 0);
    t->asynchronous = false;
    scene_accept(t, listener);
}

static void fail_and_exit(struct scene *t, void *context)
{
    (void)context;
    scene_bind(t, scene_socket(t), nowhere(t->scenario->family, 8109), EADDRNOTAVAIL);
    scene_expect_reason(t, REASON_ADDRESS_ABSENT);
}

static void short_lived_failure(struct scene *t)
{
    int i;

    for (i = 0; i < 5; i++)
        scene_run_child(t, fail_and_exit, NULL);
}

static void program_of_32_bit(struct scene *t)
{
    int fd = scene_socket(t);

    t->as_32bit = true;
    scene_bind(t, fd, loopback(t->scenario->family, 8110), 0);
    scene_listen(t, fd, 7, 0);
    t->as_32bit = false;
}

static void unbound_program_of_32_bit(struct scene *t)
{
    t->as_32bit = true;
    scene_listen(t, scene_socket(t), 7, 0);
    t->as_32bit = false;
}

static const struct scenario scenarios[] = {
    {"process-32-bit-tcp4", program_of_32_bit, TCP4, .needs = FEATURE_32_BIT},
    {"process-32-bit-tcp6", program_of_32_bit, TCP6, .needs = FEATURE_32_BIT},
    {"process-32-bit-unbound-tcp4", unbound_program_of_32_bit, TCP4, .needs = FEATURE_32_BIT},
    {"process-32-bit-unbound-tcp6", unbound_program_of_32_bit, TCP6, .needs = FEATURE_32_BIT},
    {"process-thread", thread, TCP4},
    {"process-short-lived", short_lived, TCP4},
    {"process-short-lived-failure", short_lived_failure, TCP6},
    {"process-renamed", renamed, TCP4},
    {"process-hostile-comm", hostile_comm, TCP4},
    {"process-exec", exec_other, TCP4},
    {"process-hostile-arguments", hostile_arguments, TCP4},
    {"process-long-arguments", long_arguments, TCP4},
    {"process-many-arguments", many_arguments, TCP4},
    {"process-other-user", other_user, TCP4},
    {"process-other-cgroup", other_cgroup, TCP4, .needs = FEATURE_CGROUP2},
    {"process-child-and-parent", child_and_parent, UDP4},
    {"process-pid-namespace", other_pid_namespace, TCP4},
    {"process-io_uring-worker-bind", by_worker_bind, TCP4, BY_URING_BIND},
    {"process-io_uring-worker-connect", by_worker_connect, TCP4, BY_URING},
    {"process-socket-of-other-namespace", socket_of_other_namespace, TCP4},
};
THEME(process, scenarios);
