// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kernel/caller.h"

/* Whole files of /proc only: they are read in one go. */
static size_t read_file(struct scene *t, const char *path, char *to, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t length = 0;
    ssize_t got = 1;

    scene_require(t, fd >= 0);
    while (length < size - 1 && (got = read(fd, to + length, size - 1 - length)) > 0)
        length += (size_t)got;
    scene_require(t, got >= 0);
    close(fd);
    to[length] = '\0';
    return length;
}

/* Of "N:CONTROLLERS:PATH", or NULL. */
static const char *cgroup_path_of(const char *text, const char *controllers)
{
    const char *line = strstr(text, controllers);

    return line ? line + strlen(controllers) : NULL;
}

/*
 * The path below the cgroup2 mount; in the root of that, the path that the memory hierarchy of
 * cgroup v1 has, where there is one: there hosts that are not moved to v2 keep their services.
 */
static void describe_cgroup(struct scene *t, struct caller *caller)
{
    char text[4096] = "\n";
    const char *path, *legacy;

    read_file(t, "/proc/self/cgroup", text + 1, sizeof(text) - 1);
    path = cgroup_path_of(text, "\n0::");
    legacy = cgroup_path_of(text, ":memory:");
    if (path && legacy && strncmp(path, "/\n", 2) == 0)
        path = legacy;
    if (path)
        snprintf(caller->cgroup, sizeof(caller->cgroup), "%.*s", (int)strcspn(path, "\n"), path);
}

/* The ids as the initial pid namespace has them: that of the mounted /proc. */
static void describe_ids(struct scene *t, struct caller *caller)
{
    char link[64] = "";
    char *parent;
    char status[4096];

    scene_require(t, readlink("/proc/thread-self", link, sizeof(link) - 1) > 0);
    scene_require(t, sscanf(link, "%u/task/%u", &caller->pid, &caller->tid) == 2);
    read_file(t, "/proc/self/status", status, sizeof(status));
    parent = strstr(status, "\nPPid:");
    scene_require(t, parent != NULL);
    caller->parent_pid = (uint32_t)strtoul(parent + 6, NULL, 10);
}

static unsigned int describe_process(struct scene *t, uint32_t pid)
{
    unsigned int slot = __atomic_fetch_add(&t->log->process_count, 1, __ATOMIC_SEQ_CST);
    struct process *process;
    unsigned int known;

    if (slot >= SCENE_PROCESSES_MAX)
        scene_fail(t, "more than %d processes", SCENE_PROCESSES_MAX);
    process = &t->log->processes[slot];
    scene_require(t, readlink("/proc/self/exe", process->exe, sizeof(process->exe) - 1) > 0);
    process->args_size = read_file(t, "/proc/self/cmdline", process->args, sizeof(process->args));
    known = __atomic_fetch_add(&t->log->pid_count, 1, __ATOMIC_SEQ_CST);
    t->log->pids[known % SCENE_PROCESSES_MAX] = pid;
    return slot;
}

void caller_describe(struct scene *t, struct caller *caller)
{
    struct stat netns;
    char comm[64] = "";
    size_t length;

    memset(caller, 0, sizeof(*caller));
    describe_ids(t, caller);
    caller->uid = getuid();
    caller->gid = getgid();
    scene_require(t, stat("/proc/self/ns/net", &netns) == 0);
    caller->netns = netns.st_ino;
    length = read_file(t, "/proc/self/comm", comm, sizeof(comm));
    comm[length - 1] = '\0'; /* a newline; there may be others before */
    memcpy(caller->comm, comm, sizeof(caller->comm) - 1);
    if (t->process < 0)
        t->process = (int)describe_process(t, caller->pid);
    caller->process = (unsigned int)t->process;
    describe_cgroup(t, caller);
}
