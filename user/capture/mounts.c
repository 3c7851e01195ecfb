// SPDX-License-Identifier: GPL-2.0
#include "user/capture/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2           "cgroup2"
#define CGROUP_ROOT_INODE 1

/* Fixed in include/linux/proc_ns.h. */
#define INITIAL_CGROUP_NAMESPACE 0xeffffffbu
#define INITIAL_PID_NAMESPACE    0xeffffffcu

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

/* Something else may be mounted over it, and a part of the hierarchy is not enough. */
static bool is_whole_cgroup2(int fd)
{
    struct stat status;
    struct statfs system;

    return !fstatfs(fd, &system) && system.f_type == CGROUP2_SUPER_MAGIC && !fstat(fd, &status) &&
           status.st_ino == CGROUP_ROOT_INODE;
}

static int open_whole(const char *type, const char *root, const char *folder)
{
    char path[PATH_MAX];
    int fd;

    if ((size_t)snprintf(path, sizeof(path), "%s%s", root, folder) >= sizeof(path))
        return -ENAMETOOLONG;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (!strcmp(type, CGROUP2) && !is_whole_cgroup2(fd)) {
        close(fd);
        return -ENOENT;
    }
    return fd;
}

/* The first mount of the type that can be opened, else why the last one could not. */
static int open_mounted(const char *type, const char *table, const char *root)
{
    FILE *mounts = setmntent(table, "re");
    struct mntent *entry;
    int fd = -ENOENT;

    if (!mounts)
        return -errno;
    while (fd < 0 && (entry = getmntent(mounts)))
        if (!strcmp(entry->mnt_type, type))
            fd = open_whole(type, root, entry->mnt_dir);
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

/* Of this process. Where /proc does not tell, either may be so. */
static bool is_namespace(const char *path, ino_t number, bool if_not_known)
{
    struct stat status;

    return stat(path, &status) ? if_not_known : status.st_ino == number;
}

/* So the table says: where it cannot be read, nobody knows. */
static bool is_nowhere_in(const char *type, const char *table)
{
    FILE *mounts = setmntent(table, "re");
    struct mntent *entry;
    bool found = false;

    if (!mounts)
        return false;
    while (!found && (entry = getmntent(mounts)))
        found = !strcmp(entry->mnt_type, type);
    endmntent(mounts);
    return !found;
}

/*
 * The options of cgroup2, such as nsdelegate, are those of the last mount by the initial cgroup
 * namespace, for the whole system: from there it is mounted only where that is nowhere done, by the
 * table of the first process of the system.
 */
static int open_cgroup2(void)
{
    int fd = open_mounted(CGROUP2, "/proc/self/mounts", "");

    if (fd >= 0)
        return fd;
    if (!is_namespace("/proc/self/ns/cgroup", INITIAL_CGROUP_NAMESPACE, true))
        return open_detached(CGROUP2);
    fd = open_mounted(CGROUP2, "/proc/1/mounts", "/proc/1/root");
    if (fd >= 0)
        return fd;
    return is_namespace("/proc/self/ns/pid", INITIAL_PID_NAMESPACE, false) &&
                   is_nowhere_in(CGROUP2, "/proc/self/mounts") &&
                   is_nowhere_in(CGROUP2, "/proc/1/mounts")
               ? open_detached(CGROUP2)
               : -EBUSY;
}

int mounts_open(const char *type)
{
    int detached, mounted;

    if (!strcmp(type, CGROUP2))
        return open_cgroup2();
    mounted = open_mounted(type, "/proc/self/mounts", "");
    if (mounted >= 0)
        return mounted;
    detached = open_detached(type);
    if (detached >= 0)
        return check_access(detached);
    return mounted == -ENOENT ? detached : mounted;
}
