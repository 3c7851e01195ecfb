// SPDX-License-Identifier: GPL-2.0
#include "user/host/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
    descriptors_fn *on_socket;
    void *context;
    unsigned int hidden;
};

/* Only what is a number and nothing else. */
static bool parse_number(const char *name, uint32_t *ret_number)
{
    unsigned long number;
    char *end;

    if (name[0] < '0' || name[0] > '9')
        return false;
    number = strtoul(name, &end, 10);
    *ret_number = (uint32_t)number;
    return !*end && number <= INT_MAX;
}

/* "socket:[123]" */
static bool parse_target(const char *target, uint64_t *ret_inode)
{
    static const char prefix[] = "socket:[";
    char *end;

    if (strncmp(target, prefix, sizeof(prefix) - 1))
        return false;
    *ret_inode = strtoull(target + sizeof(prefix) - 1, &end, 10);
    return *ret_inode && !strcmp(end, "]");
}

static int walk_process(struct walk *walk, DIR *directory, uint32_t pid)
{
    struct dirent *entry;
    char target[64];
    uint64_t inode;
    uint32_t fd;
    int result = 0;
    ssize_t size;

    while (!result && (entry = readdir(directory))) {
        if (!parse_number(entry->d_name, &fd))
            continue;
        size = readlinkat(dirfd(directory), entry->d_name, target, sizeof(target) - 1);
        if (size < 0 && (errno == EACCES || errno == EPERM)) {
            walk->hidden++;
            break;
        }
        if (size <= 0)
            continue;
        target[size] = '\0';
        if (parse_target(target, &inode))
            result = walk->on_socket(walk->context, pid, (int)fd, inode);
    }
    return result;
}

static int open_process(struct walk *walk, const char *proc_root, uint32_t pid)
{
    char path[PATH_MAX];
    DIR *directory;
    int result;

    snprintf(path, sizeof(path), "%s/%u/fd", proc_root, pid);
    directory = opendir(path);
    if (!directory) {
        walk->hidden += errno == EACCES || errno == EPERM;
        return 0;
    }
    result = walk_process(walk, directory, pid);
    closedir(directory);
    return result;
}

int descriptors_walk(const char *proc_root, descriptors_fn *on_socket, void *context,
                     unsigned int *ret_hidden)
{
    struct walk walk = {.on_socket = on_socket, .context = context};
    DIR *directory = opendir(proc_root);
    struct dirent *entry;
    int result = 0;
    uint32_t pid;

    *ret_hidden = 0;
    if (!directory)
        return -errno;
    while (!result && (entry = readdir(directory)))
        if (parse_number(entry->d_name, &pid) && pid)
            result = open_process(&walk, proc_root, pid);
    closedir(directory);
    *ret_hidden = walk.hidden;
    return result;
}
