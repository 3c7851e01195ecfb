// SPDX-License-Identifier: GPL-2.0
/* The life of a scenario: its processes, and the surroundings they have to themselves. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/feature.h"
#include "tests/kernel/scene.h"

#define SCENE_SECONDS_MAX 120

void scene_fail(struct scene *t, const char *format, ...)
{
    va_list args;

    if (!t->log->failure[0]) {
        va_start(args, format);
        vsnprintf(t->log->failure, sizeof(t->log->failure), format, args);
        va_end(args);
    }
    _exit(1);
}

struct scene_log *scene_log_new(int *ret_fd)
{
    struct scene_log *log;
    int fd = memfd_create("scene", 0);

    if (fd < 0 || ftruncate(fd, sizeof(*log)))
        return NULL;
    log = mmap(NULL, sizeof(*log), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (log == MAP_FAILED)
        return NULL;
    *ret_fd = fd;
    return log;
}

void scene_log_free(struct scene_log *log)
{
    munmap(log, sizeof(*log));
}

/* Nothing that a test starts outlives the test. */
static void begin_process(struct scene *t)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(SCENE_SECONDS_MAX);
    memset(t->held, 0, sizeof(t->held));
    t->process = -1;
    t->entry = PT_ENTRY_SYSCALL;
}

bool scene_network_up(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    bool up = false;
    int fd;

    if (unshare(CLONE_NEWNET))
        return false;
    fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (!ioctl(fd, SIOCGIFFLAGS, &request)) {
        request.ifr_flags |= IFF_UP;
        up = !ioctl(fd, SIOCSIFFLAGS, &request);
    }
    close(fd);
    return up;
}

static void run_to_end(struct scene *t)
{
    if (t->scenario->entry)
        t->entry = t->scenario->entry;
    t->scenario->run(t);
    scene_expect_releases(t);
    t->log->finished = true;
    _exit(0);
}

void scene_play(const struct scenario *scenario, struct scene_log *log, int log_fd)
{
    static struct scene scene;
    struct scene *t = &scene;

    t->scenario = scenario;
    t->log = log;
    t->log_fd = log_fd;
    begin_process(t);
    scene_require(t, scene_network_up());
    run_to_end(t);
}

void scene_exec(struct scene *t, const char *step, const char *const *args)
{
    char fd[16];
    const char *argv[64] = {"runner", "--resume", fd, t->scenario->name, step};
    size_t count = 5, i;

    scene_expect_releases(t);
    snprintf(fd, sizeof(fd), "%d", t->log_fd);
    for (i = 0; args && args[i] && count < 63; i++)
        argv[count++] = args[i];
    execv("/proc/self/exe", (char *const *)(uintptr_t)argv);
    scene_fail(t, "exec: %m");
}

int scene_resume(int argc, char **argv)
{
    static struct scene scene;
    struct scene *t = &scene;

    if (argc < 5)
        return 2;
    t->log_fd = atoi(argv[2]);
    t->log = mmap(NULL, sizeof(*t->log), PROT_READ | PROT_WRITE, MAP_SHARED, t->log_fd, 0);
    t->scenario = scenario_find(argv[3]);
    t->step = argv[4];
    if (t->log == MAP_FAILED || !t->scenario)
        return 2;
    begin_process(t);
    run_to_end(t);
    return 0;
}

int scene_fork(struct scene *t, scene_child_fn *run, void *context)
{
    int pid = fork();

    scene_require(t, pid >= 0);
    if (pid)
        return pid;
    begin_process(t);
    run(t, context);
    scene_expect_releases(t);
    _exit(0);
}

void scene_wait(struct scene *t, int pid)
{
    int status;

    scene_require(t, waitpid(pid, &status, 0) == pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) && !t->log->failure[0])
        scene_fail(t, "a child exited with %d", WEXITSTATUS(status));
    if (t->log->failure[0])
        _exit(1);
}

void scene_run_child(struct scene *t, scene_child_fn *run, void *context)
{
    scene_wait(t, scene_fork(t, run, context));
}

void scene_wait_for_go(struct scene *t)
{
    __atomic_store_n(&t->log->ready, true, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&t->log->go, __ATOMIC_SEQ_CST))
        usleep(5000);
}

void scene_become(struct scene *t, uint32_t uid, uint32_t gid)
{
    scene_require(t, setgroups(0, NULL) == 0);
    scene_require(t, setresgid(gid, gid, gid) == 0);
    scene_require(t, setresuid(uid, uid, uid) == 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* cleared by the change of user */
}

static void write_file(struct scene *t, const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        scene_fail(t, "cannot write %s to %s: %m", text, path);
    close(fd);
}

void scene_sysctl(struct scene *t, const char *name, const char *value)
{
    char path[256];

    snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
    write_file(t, path, value);
}

void scene_one_ephemeral_port(struct scene *t, uint16_t port)
{
    char range[32];

    snprintf(range, sizeof(range), "%u %u", port, port);
    scene_sysctl(t, "ipv4/ip_local_port_range", range);
}

const char *scene_cgroup_root(void)
{
    static char root[SCENE_PATH_MAX];
    char line[4096], *rest;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");

    if (!mounts)
        return NULL;
    root[0] = '\0';
    while (!root[0] && fgets(line, sizeof(line), mounts)) {
        rest = strstr(line, " - cgroup2 ");
        if (rest)
            sscanf(line, "%*s %*s %*s %*s %511s", root);
    }
    fclose(mounts);
    return root[0] ? root : NULL;
}

static int cgroup_path(char *to, size_t size, const char *name, const char *file)
{
    return snprintf(to, size, "%s/%s.%s%s", scene_cgroup_root(), SCENE_CGROUP_NAME, name, file);
}

void scene_settle(void)
{
    usleep(feature_emulated() ? 200000 : 20000);
}

void scene_enter_cgroup(struct scene *t, const char *name)
{
    char path[SCENE_PATH_MAX * 2];

    cgroup_path(path, sizeof(path), name, "");
    scene_require(t, mkdir(path, 0755) == 0 || errno == EEXIST);
    cgroup_path(path, sizeof(path), name, "/cgroup.procs");
    write_file(t, path, "0");
}

void scene_remove_cgroups(void)
{
    char pattern[SCENE_PATH_MAX * 2];
    glob_t found;
    size_t i;

    if (!scene_cgroup_root())
        return;
    cgroup_path(pattern, sizeof(pattern), "*", "");
    if (!glob(pattern, GLOB_ONLYDIR, NULL, &found))
        for (i = 0; i < found.gl_pathc; i++)
            rmdir(found.gl_pathv[i]);
    globfree(&found);
}
