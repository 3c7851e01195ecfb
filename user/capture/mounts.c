// SPDX-License-Identifier: GPL-2.0
#include "user/capture/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROOT_INODE 1 /* of every file system that is asked for here */

static int open_detached(const char *type)
{
    int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
    int mount, error;

    if (context < 0)
        return -errno;
    if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
        error = -errno;
        close(context);
        return error;
    }
    mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
    error = -errno;
    close(context);
    return mount < 0 ? error : mount;
}

static bool is_root(int directory)
{
    struct stat status;

    return !fstat(directory, &status) && status.st_ino == ROOT_INODE;
}

/* The first mount of the type that can be opened, else why the last one could not. */
static int open_mounted(const char *type, bool root_only)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry;
    int fd = -ENOENT;

    if (!mounts)
        return -errno;
    while (fd < 0 && (entry = getmntent(mounts))) {
        if (strcmp(entry->mnt_type, type))
            continue;
        fd = open(entry->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) {
            fd = -errno;
        } else if (root_only && !is_root(fd)) {
            close(fd);
            fd = -ENOENT;
        }
    }
    endmntent(mounts);
    return fd;
}

/* Whoever may mount it must not look into it for that: it belongs to root alone. */
static int check_access(int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        close(fd);
        return directory;
    }
    fd = -errno;
    close(directory);
    return fd;
}

/*
 * A mount of our own is made only where there is none: there is one cgroup2 for all, and another
 * mount of it sets its options. Without any, those of the host would be gone, as nsdelegate.
 */
int mounts_open(const char *type)
{
    int mounted = open_mounted(type, true);
    int detached;

    if (mounted >= 0)
        return check_access(mounted);
    detached = open_detached(type);
    if (detached >= 0)
        return check_access(detached);
    if (mounted == -ENOENT)
        mounted = open_mounted(type, false);
    return mounted == -ENOENT ? detached : mounted;
}
