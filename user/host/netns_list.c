// SPDX-License-Identifier: GPL-2.0
#include "user/host/netns_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/host/netns.h"

#define NSFS_MAGIC 0x6e736673

/* Where ip-netns and container runtimes keep those that may be without a process. */
static const char *const keepers[] = {"/run/netns", "/run/docker/netns", "/var/run/docker/netns"};

bool netns_list_has(const struct netns_list *list, uint32_t inode)
{
    for (unsigned int i = 0; i < list->count; i++)
        if (list->at[i].inode == inode)
            return true;
    return false;
}

/* Takes fd over, also when it fails. */
static int add(struct netns_list *list, uint32_t inode, int fd, const char *path)
{
    unsigned int room = list->room ? list->room * 2 : 16;
    char *copy = strdup(path);
    struct netns *moved;

    if (copy && list->count == list->room) {
        moved = reallocarray(list->at, room, sizeof(*moved));
        if (moved) {
            list->at = moved;
            list->room = room;
        }
    }
    if (!copy || list->count == list->room) {
        free(copy);
        if (fd >= 0)
            close(fd);
        return -ENOMEM;
    }
    list->at[list->count++] = (struct netns){inode, fd, copy};
    return 0;
}

static int inode_at(const char *path, uint32_t *ret_inode)
{
    struct stat status;

    if (stat(path, &status))
        return -errno;
    *ret_inode = (uint32_t)status.st_ino;
    return 0;
}

/* wanted 0: whatever it is. */
static int add_of(struct netns_list *list, const char *path, uint32_t wanted)
{
    uint32_t inode = 0;
    int error = inode_at(path, &inode);

    if (error == -EACCES || error == -EPERM)
        list->hidden++;
    if (error || (wanted && inode != wanted)) /* most likely it has ended meanwhile */
        return 0;
    return netns_list_has(list, inode) ? 0 : add(list, inode, -1, path);
}

int netns_list_add_thread(struct netns_list *list, const char *proc_root, uint32_t pid,
                          uint32_t tid, uint32_t inode)
{
    char path[PATH_MAX];

    if (netns_list_has(list, inode))
        return 0;
    snprintf(path, sizeof(path), "%s/%" PRIu32 "/task/%" PRIu32 "/ns/net", proc_root, pid, tid);
    return add_of(list, path, inode);
}

int netns_list_add_processes(struct netns_list *list, const char *proc_root)
{
    DIR *directory = opendir(proc_root);
    char path[PATH_MAX];
    struct dirent *entry;
    int error = 0;

    if (!directory)
        return -errno;
    while (!error && (entry = readdir(directory))) {
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "%s/%s/ns/net", proc_root, entry->d_name);
        error = add_of(list, path, 0);
    }
    closedir(directory);
    return error;
}

/* A name stays there as a plain file when its namespace is taken away. */
static int add_kept(struct netns_list *list, const char *keeper)
{
    DIR *directory = opendir(keeper);
    char path[PATH_MAX];
    struct dirent *entry;
    struct statfs system;
    uint32_t inode = 0;
    int error = 0;

    if (!directory)
        return 0;
    while (!error && (entry = readdir(directory))) {
        snprintf(path, sizeof(path), "%s/%s", keeper, entry->d_name);
        if (!statfs(path, &system) && system.f_type == NSFS_MAGIC && !inode_at(path, &inode) &&
            !netns_list_has(list, inode))
            error = add(list, inode, -1, path);
    }
    closedir(directory);
    return error;
}

int netns_list_start(struct netns_list *list, const char *proc_root)
{
    char path[PATH_MAX];
    uint32_t inode = 0;
    int error;

    *list = (struct netns_list){0};
    snprintf(path, sizeof(path), "%s/thread-self/ns/net", proc_root);
    error = inode_at(path, &inode);
    if (!error)
        error = add(list, inode, -1, path);
    for (size_t i = 0; !error && i < sizeof(keepers) / sizeof(keepers[0]); i++)
        error = add_kept(list, keepers[i]);
    if (error)
        netns_list_free(list);
    return error;
}

void netns_list_free(struct netns_list *list)
{
    for (unsigned int i = 0; i < list->count; i++) {
        free(list->at[i].path);
        if (list->at[i].fd >= 0)
            close(list->at[i].fd);
    }
    free(list->at);
    *list = (struct netns_list){0};
}

/* Negative errno or a descriptor of the net namespace that a socket of another process is in. */
static int open_of_socket(uint32_t pid, int fd)
{
    int process_fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    int socket_fd = -1;
    int netns_fd = -1;
    int error = 0;

    if (process_fd >= 0)
        socket_fd = (int)syscall(SYS_pidfd_getfd, process_fd, fd, 0);
    if (socket_fd >= 0)
        netns_fd = ioctl(socket_fd, SIOCGSKNS);
    if (netns_fd < 0)
        error = -errno;
    if (socket_fd >= 0)
        close(socket_fd);
    if (process_fd >= 0)
        close(process_fd);
    return error ? error : netns_fd;
}

int netns_list_add_socket(struct netns_list *list, uint32_t pid, int fd, uint32_t inode)
{
    int netns_fd = open_of_socket(pid, fd);
    struct stat status;

    if (netns_fd < 0)
        return netns_fd;
    if (fstat(netns_fd, &status) || (uint32_t)status.st_ino != inode) {
        close(netns_fd);
        return -ESRCH;
    }
    return add(list, inode, netns_fd, "");
}

struct visit {
    const struct netns_list *list;
    uint32_t inode;
    netns_fn *fn;
    void *context;
    unsigned int unreachable;
    int result;
};

/* Negative errno, -ENOENT when the path leads elsewhere by now. */
static int enter(const struct netns *netns)
{
    int fd = netns->fd >= 0 ? netns->fd : open(netns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    int error = 0;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &status) || (uint32_t)status.st_ino != netns->inode)
        error = -ENOENT;
    else if (setns(fd, CLONE_NEWNET))
        error = -errno;
    if (netns->fd < 0)
        close(fd);
    return error;
}

static void *visit_all(void *context)
{
    struct visit *visit = context;
    uint32_t here = 0;
    int error;

    for (unsigned int i = 0; !visit->result && i < visit->list->count; i++) {
        const struct netns *netns = &visit->list->at[i];

        if (visit->inode && visit->inode != netns->inode)
            continue;
        if (!here)
            here = netns_here();
        error = here == netns->inode ? 0 : enter(netns);
        if (!error) {
            here = netns->inode;
            visit->result = visit->fn(visit->context, netns->inode);
        } else if (error != -ENOENT && error != -ESRCH) {
            visit->unreachable++;
        }
    }
    return NULL;
}

int netns_visit(const struct netns_list *list, uint32_t inode, netns_fn *fn, void *context,
                unsigned int *ret_unreachable)
{
    struct visit visit = {.list = list, .inode = inode, .fn = fn, .context = context};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, visit_all, &visit);

    if (error)
        return -error;
    pthread_join(thread, NULL);
    *ret_unreachable += visit.unreachable;
    return visit.result;
}
