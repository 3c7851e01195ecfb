// SPDX-License-Identifier: GPL-2.0
#include "user/host/end_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "user/host/process_stat.h"
#include "user/host/text_file.h"

#define NS_PER_S    1000000000ull
#define NS_PER_MS   1000000ull
#define FDINFO_MOST 4096

/* libc headers can be older than the system calls. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static bool is_socket(int folder_fd, const char *name, const char *wanted)
{
    char target[64];
    ssize_t length = readlinkat(folder_fd, name, target, sizeof(target) - 1);

    if (length < 0)
        return false;
    target[length] = '\0';
    return !strcmp(target, wanted);
}

/* 0, -ENOENT, also where the thread is gone, or other negative errno. */
static int thread_has_socket(uint32_t pid, const char *tid, const char *wanted)
{
    char path[PATH_MAX];
    const struct dirent *entry;
    int result = -ENOENT;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%u/task/%s/fd", pid, tid);
    folder = opendir(path);
    if (!folder)
        return errno == ESRCH ? -ENOENT : -errno;
    while (result && (entry = readdir(folder)))
        if (entry->d_name[0] != '.' && is_socket(dirfd(folder), entry->d_name, wanted))
            result = 0;
    closedir(folder);
    return result;
}

/* A thread can have descriptors of its own, and the first one can have ended before the others. */
static int has_socket(uint32_t pid, uint64_t inode)
{
    char path[32], wanted[40];
    const struct dirent *entry;
    int result = -ENOENT;
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%u/task", pid);
    snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
    folder = opendir(path);
    if (!folder)
        return errno == ENOENT ? -ESRCH : -errno;
    while (result && (entry = readdir(folder)))
        if (entry->d_name[0] != '.') {
            int seen = thread_has_socket(pid, entry->d_name, wanted);

            result = seen == -ENOENT ? result : seen;
        }
    closedir(folder);
    return result;
}

/* /proc tells the number that the process has there: it can be of another pid namespace. */
static int check_number(int pidfd, uint32_t pid)
{
    static const char label[] = "Pid:";
    char path[40], *text;
    const char *at;
    int seen, result;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
    result = text_file_read(path, FDINFO_MOST, &text, NULL);
    if (result)
        return result;
    at = strstr(text, label);
    if (!at || sscanf(at + strlen(label), "%d", &seen) != 1)
        result = -EBADMSG;
    else if (seen < 0)
        result = -ESRCH;
    else if ((uint32_t)seen != pid)
        result = -EXDEV;
    free(text);
    return result;
}

static int check(const struct pt_task *task, uint64_t socket_inode)
{
    struct process_stat stat;
    int result = process_stat_read(task->pid, &stat);

    if (result)
        return result;
    if (!process_stat_started(&stat, task->start_ns))
        return -ESRCH;
    result = has_socket(task->pid, socket_inode);
    return result == -ENOENT && stat.dead ? -ESRCH : result;
}

int end_process_open(const struct pt_task *task, uint64_t socket_inode)
{
    int pidfd = (int)syscall(SYS_pidfd_open, task->pid, 0);
    int result;

    if (pidfd < 0)
        return -errno;
    result = check_number(pidfd, task->pid);
    if (!result)
        result = check(task, socket_inode);
    /* If it is there still, the number was its own all the while, and /proc told of it. */
    if (!result)
        result = end_process_signal(pidfd, 0);
    if (result) {
        close(pidfd);
        return result;
    }
    return pidfd;
}

int end_process_signal(int pidfd, int signal)
{
    return syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0) ? -errno : 0;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

bool end_process_wait(int pidfd, uint64_t limit_ns)
{
    uint64_t end_ns = now_ns() + limit_ns, now;

    do {
        struct pollfd ended = {.fd = pidfd, .events = POLLIN};

        now = now_ns();
        if (poll(&ended, 1, now < end_ns ? (int)((end_ns - now) / NS_PER_MS) + 1 : 0) > 0)
            return true;
    } while (now < end_ns);
    return false;
}
