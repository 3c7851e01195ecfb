// SPDX-License-Identifier: GPL-2.0
#include "user/host/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/enrich/cgroup.h"

#define NS_PER_S              1000000000ull
#define INITIAL_PID_NAMESPACE 0xeffffffcu /* fixed in include/linux/proc_ns.h */
#define DELETED               " (deleted)"

/* Whatever becomes of the number, what is read below this is of one process. */
static int open_process(const char *proc_root, uint32_t pid)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof(path), "%s/%" PRIu32, proc_root, pid);
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    return fd;
}

/* The beginning of a file, ended by NUL; *ret_whole is how much there is. Negative errno. */
static ssize_t read_file(int process_fd, const char *name, char *to, size_t room, size_t *ret_whole)
{
    char rest[4096];
    size_t size = 0, whole;
    ssize_t got = 1;
    int error = 0;
    int fd = openat(process_fd, name, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno == ENOENT ? -ESRCH : -errno;
    while (got > 0 && size < room - 1) {
        got = read(fd, to + size, room - 1 - size);
        size += got > 0 ? (size_t)got : 0;
    }
    whole = size;
    while (got > 0 && ret_whole) {
        got = read(fd, rest, sizeof(rest));
        whole += got > 0 ? (size_t)got : 0;
    }
    if (got < 0)
        error = -errno;
    close(fd);
    to[size] = '\0';
    if (ret_whole)
        *ret_whole = whole;
    return error ? error : (ssize_t)size;
}

/* pid (name) state parent ...: the name may hold anything, brackets and spaces too. */
static int parse_stat(const char *stat, size_t size, struct pt_task *task)
{
    const char *end = memrchr(stat, ')', size);
    uint64_t start_ticks;
    char state;

    if (!end ||
        sscanf(end + 1,
               " %c %" SCNu32 " %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
               "%*s %" SCNu64,
               &state, &task->parent_pid, &start_ticks) != 3)
        return -EBADMSG;
    task->start_ns = start_ticks * (NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK));
    return 0;
}

static int read_stat(int process_fd, struct pt_task *task)
{
    char stat[1024];
    ssize_t size = read_file(process_fd, "stat", stat, sizeof(stat), NULL);

    return size < 0 ? (int)size : parse_stat(stat, (size_t)size, task);
}

/* The second number in "Uid:\t1000\t1000\t1000\t1000" is the effective one. */
static int parse_effective(const char *status, const char *label, uint32_t *ret_id)
{
    const char *at = strstr(status, label);

    if (!at || sscanf(at + strlen(label), "%*u %" SCNu32, ret_id) != 1)
        return -EBADMSG;
    return 0;
}

/* Unlike in stat nothing in it is escaped there. */
static int read_name(int process_fd, struct pt_task *task)
{
    char name[64];
    ssize_t size = read_file(process_fd, "comm", name, sizeof(name), NULL);

    if (size < 0)
        return (int)size;
    if (size && name[size - 1] == '\n')
        size--;
    if (size >= (ssize_t)sizeof(task->comm))
        size = sizeof(task->comm) - 1;
    memset(task->comm, 0, sizeof(task->comm));
    memcpy(task->comm, name, (size_t)size);
    return 0;
}

int process_read_task(const char *proc_root, uint32_t pid, struct pt_task *ret_task)
{
    char status[4096];
    ssize_t size;
    int error;
    int fd = open_process(proc_root, pid);

    if (fd < 0)
        return fd;
    *ret_task = (struct pt_task){.pid = pid, .tid = pid};
    error = read_stat(fd, ret_task);
    if (!error)
        error = read_name(fd, ret_task);
    if (!error) {
        size = read_file(fd, "status", status, sizeof(status), NULL);
        error = size < 0 ? (int)size : parse_effective(status, "\nUid:", &ret_task->uid);
    }
    if (!error)
        error = parse_effective(status, "\nGid:", &ret_task->gid);
    close(fd);
    return error;
}

bool process_all_visible(const char *proc_root)
{
    char path[PATH_MAX];
    struct stat status;

    snprintf(path, sizeof(path), "%s/self/ns/pid", proc_root);
    return !stat(path, &status) && status.st_ino == INITIAL_PID_NAMESPACE;
}

/*
 * NSpid has a number for each pid namespace from that of the /proc down to that of the process. A
 * kernel without pid namespaces does not tell it.
 */
bool process_numbers_are_ours(const char *proc_root)
{
    static const char label[] = "\nNSpid:";
    char path[PATH_MAX], status[4096];
    unsigned int deeper;
    const char *at;
    ssize_t size;
    int fd;

    snprintf(path, sizeof(path), "%s/self", proc_root);
    fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    size = read_file(fd, "status", status, sizeof(status), NULL);
    close(fd);
    if (size <= 0)
        return false;
    at = strstr(status, label);
    return !at || sscanf(at + strlen(label), "%*u%*[ \t]%u", &deeper) != 1;
}

/* In ticks, since that is all that /proc tells. */
static bool same_start(uint64_t a_ns, uint64_t b_ns)
{
    uint64_t tick_ns = NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);

    return a_ns / tick_ns == b_ns / tick_ns;
}

static bool ends_with(const char *text, size_t size, const char *end)
{
    return size > strlen(end) && !memcmp(text + size - strlen(end), end, strlen(end));
}

/* A file may really be called "x (deleted)". */
static bool exe_is_deleted(int process_fd, const char *path)
{
    struct stat exe, named;

    return fstatat(process_fd, "exe", &exe, 0) || stat(path, &named) ||
           exe.st_ino != named.st_ino || exe.st_dev != named.st_dev;
}

static int describe_exe(int process_fd, struct arena *arena, struct process_facts *facts)
{
    char path[PATH_MAX];
    ssize_t size = readlinkat(process_fd, "exe", path, sizeof(path) - 1);

    if (size <= 0) /* of a kernel thread there is none */
        return size < 0 && errno != ENOENT ? -errno : 0;
    path[size] = '\0';
    facts->exe_deleted = ends_with(path, (size_t)size, DELETED) && exe_is_deleted(process_fd, path);
    if (facts->exe_deleted)
        size -= (ssize_t)strlen(DELETED);
    facts->exe =
        (struct bytes){.at = arena_copy(arena, path, (size_t)size), .size = (uint32_t)size};
    return facts->exe.at ? 0 : -ENOMEM;
}

static int describe_args(int process_fd, struct arena *arena, struct process_facts *facts)
{
    char args[PT_ARGS_MAX + 1];
    size_t whole = 0;
    ssize_t size = read_file(process_fd, "cmdline", args, sizeof(args), &whole);

    if (size < 0)
        return (int)size;
    facts->args_size = whole > UINT32_MAX ? UINT32_MAX : (uint32_t)whole;
    facts->args = (struct bytes){.at = arena_copy(arena, args, (size_t)size),
                                 .size = (uint32_t)size,
                                 .truncated = whole > (size_t)size};
    return facts->args.at ? 0 : -ENOMEM;
}

/* Of a line "4:memory,pids:/path" the path, if the controller is in the list. */
static const char *path_of(const char *line, const char *controller)
{
    const char *list = strchr(line, ':');
    const char *path = list ? strchr(list + 1, ':') : NULL;
    size_t size = strlen(controller);

    if (!path)
        return NULL;
    for (const char *at = list + 1;; at = strchr(at, ',') + 1) {
        size_t left = strcspn(at, ",:");

        if (left == size && !memcmp(at, controller, size))
            return path + 1;
        if (at[left] != ',')
            return NULL;
    }
}

/* As the programs choose it: of v2, or where that has nothing but its root, of v1. */
static const char *choose_cgroup(char *lines)
{
    static const char *const controllers[] = {"", "memory", "pids"};
    const char *chosen[3] = {NULL};
    char *rest = lines;
    char *line;

    while ((line = strsep(&rest, "\n")))
        for (int i = 0; i < 3; i++)
            if (!chosen[i])
                chosen[i] = path_of(line, controllers[i]);
    if (chosen[0] && strcmp(chosen[0], "/"))
        return chosen[0];
    if (chosen[1] || chosen[2])
        return chosen[1] ? chosen[1] : chosen[2];
    return chosen[0];
}

static int describe_cgroup(int process_fd, struct arena *arena, struct process_facts *facts)
{
    char lines[16384];
    ssize_t size = read_file(process_fd, "cgroup", lines, sizeof(lines), NULL);
    const char *path;

    if (size < 0)
        return size == -ESRCH ? 0 : (int)size; /* the kernel may be without cgroups */
    path = choose_cgroup(lines);
    if (!path)
        return 0;
    facts->cgroup =
        (struct bytes){.at = arena_copy(arena, path, strlen(path)), .size = (uint32_t)strlen(path)};
    if (!facts->cgroup.at)
        return -ENOMEM;
    facts->cgroup_facts = cgroup_parse(facts->cgroup);
    return 0;
}

int process_describe(const char *proc_root, struct arena *arena, struct process_facts *facts)
{
    struct pt_task now = {0};
    int result, error;
    int fd = open_process(proc_root, facts->task.pid);

    if (fd < 0)
        return fd;
    error = read_stat(fd, &now);
    if (!error && !same_start(now.start_ns, facts->task.start_ns))
        error = -ESRCH;
    if (!error) {
        error = describe_args(fd, arena, facts);
        result = describe_cgroup(fd, arena, facts);
        error = error ? error : result;
        result = describe_exe(fd, arena, facts);
        facts->described = !error;
        error = error ? error : result;
    }
    close(fd);
    return error;
}
