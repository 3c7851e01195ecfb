// SPDX-License-Identifier: GPL-2.0
#include "user/host/netns.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_NETNS "/proc/thread-self/ns/net"

uint32_t netns_here(void)
{
    struct stat status;

    return stat(OWN_NETNS, &status) ? 0 : (uint32_t)status.st_ino;
}

/* A pid can have gone to another process, so what was opened is looked at. */
static int open_if(const char *path, uint32_t inode)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return -errno;
    if (!fstat(fd, &status) && status.st_ino == inode)
        return fd;
    close(fd);
    return -ESRCH;
}

/* suffix not empty: of the names in it those of processes count. */
static int open_among(const char *directory, const char *suffix, uint32_t inode)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    char path[320];
    int fd = -ESRCH;

    if (!dir)
        return -ESRCH;
    while (fd < 0 && (entry = readdir(dir))) {
        if (*suffix && !isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof(path), "%s/%s%s", directory, entry->d_name, suffix);
        fd = open_if(path, inode);
    }
    closedir(dir);
    return fd < 0 ? -ESRCH : fd;
}

int netns_open(uint32_t inode, pid_t pid)
{
    char path[64];
    int fd = open_if(OWN_NETNS, inode);

    if (fd < 0 && pid) {
        snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
        fd = open_if(path, inode);
    }
    if (fd < 0)
        fd = open_among("/run/netns", "", inode);
    if (fd < 0)
        fd = open_among("/proc", "/ns/net", inode);
    return fd;
}

bool netns_has_process(uint32_t inode, pid_t pid)
{
    struct stat status;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    return pid && !stat(path, &status) && status.st_ino == inode;
}

pid_t netns_find_process(uint32_t inode)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    pid_t found = 0;

    while (dir && !found && (entry = readdir(dir))) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

        if (netns_has_process(inode, pid))
            found = pid;
    }
    if (dir)
        closedir(dir);
    return found;
}

struct visit {
    int fd;
    int (*run)(void *context);
    void *context;
    int result;
};

static void *visit_netns(void *context)
{
    struct visit *visit = context;

    if (setns(visit->fd, CLONE_NEWNET))
        visit->result = -errno;
    else
        visit->result = visit->run(visit->context);
    return NULL;
}

static int is_here(int fd)
{
    struct stat status;

    return !fstat(fd, &status) && status.st_ino == netns_here();
}

int netns_run(int fd, int (*run)(void *context), void *context)
{
    struct visit visit = {.fd = fd, .run = run, .context = context};
    pthread_t thread;
    int error;

    if (is_here(fd)) /* that takes no privileges */
        return run(context);
    error = pthread_create(&thread, NULL, visit_netns, &visit);
    if (error)
        return -error;
    pthread_join(thread, NULL);
    return visit.result;
}
