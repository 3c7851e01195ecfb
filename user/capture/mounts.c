// SPDX-License-Identifier: GPL-2.0
#include "user/capture/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* The first mount of the type that can be opened, else why the last one could not. */
static int open_mounted(const char *type)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry;
    int fd = -ENOENT;

    if (!mounts)
        return -errno;
    while (fd < 0 && (entry = getmntent(mounts)))
        if (!strcmp(entry->mnt_type, type)) {
            fd = open(entry->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (fd < 0)
                fd = -errno;
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

int mounts_open(const char *type)
{
    int detached = open_detached(type);
    int mounted = detached < 0 ? open_mounted(type) : -ENOENT;

    if (detached >= 0)
        return check_access(detached);
    return mounted == -ENOENT ? detached : mounted;
}
