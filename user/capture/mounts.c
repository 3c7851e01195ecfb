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

int mounts_open_detached(const char *type)
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

/* The first mount of cgroup2 that shows the root of the hierarchy we are in. */
static int open_mounted_cgroup2(void)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry;
    int fd = -ENOENT;

    if (!mounts)
        return -errno;
    while (fd < 0 && (entry = getmntent(mounts)))
        if (!strcmp(entry->mnt_type, "cgroup2")) {
            fd = open(entry->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            if (fd < 0)
                fd = -errno;
        }
    endmntent(mounts);
    return fd;
}

int mounts_open_cgroup2(void)
{
    int fd = mounts_open_detached("cgroup2");

    return fd >= 0 ? fd : open_mounted_cgroup2();
}
