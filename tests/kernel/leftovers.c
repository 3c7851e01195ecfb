// SPDX-License-Identifier: GPL-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/kernel/bpf.h"
#include "tests/kernel/leftovers.h"
#include "tests/kernel/scene.h"

#define PATIENCE_MS 5000
#define STEP_MS     50

static void add_ids_of_file(const char *path, struct bpf_ids *ids)
{
    static const struct {
        const char *key;
        int command;
    } kinds[] = {
        {"prog_id:", BPF_PROG_GET_FD_BY_ID},
        {"map_id:", BPF_MAP_GET_FD_BY_ID},
        {"link_id:", BPF_LINK_GET_FD_BY_ID},
    };
    FILE *file = fopen(path, "re");
    char line[256];
    uint32_t id;
    size_t i;

    while (file && fgets(line, sizeof(line), file))
        for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
            if (strncmp(line, kinds[i].key, strlen(kinds[i].key)) == 0 &&
                ids->count < LEFTOVERS_IDS_MAX) {
                id = (uint32_t)strtoul(line + strlen(kinds[i].key), NULL, 10);
                ids->at[ids->count].command = kinds[i].command;
                ids->at[ids->count++].id = id;
            }
    if (file)
        fclose(file);
}

void bpf_ids_of(int pid, struct bpf_ids *ret_ids)
{
    struct dirent *entry;
    char path[512];
    DIR *dir;

    memset(ret_ids, 0, sizeof(*ret_ids));
    snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
    dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", pid, entry->d_name);
        if (entry->d_name[0] != '.')
            add_ids_of_file(path, ret_ids);
    }
    if (dir)
        closedir(dir);
}

bool bpf_ids_gone(const struct bpf_ids *ids)
{
    size_t i = 0;
    int waited;

    for (waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
        while (i < ids->count && !bpf_exists(ids->at[i].command, ids->at[i].id))
            i++;
        if (i == ids->count)
            return true;
        usleep(STEP_MS * 1000);
    }
    return false;
}

static void read_all(int fd, char *to, size_t size)
{
    size_t length = 0;
    ssize_t got;

    while (fd >= 0 && length < size - 1 && (got = read(fd, to + length, size - 1 - length)) > 0)
        length += (size_t)got;
    to[length] = '\0';
    if (fd >= 0)
        close(fd);
}

/* An instance of tracefs that is mounted nowhere. */
static int open_probes(void)
{
    int fs = (int)syscall(SYS_fsopen, "tracefs", FSOPEN_CLOEXEC);
    int mount, fd = -1;

    if (fs < 0)
        return -1;
    if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
        mount = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
        fd = mount < 0 ? -1 : openat(mount, "kprobe_events", O_RDONLY | O_CLOEXEC);
        if (mount >= 0)
            close(mount);
    }
    close(fs);
    return fd;
}

static unsigned int pinned_count;

static int count_pinned(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)path;
    (void)status;
    (void)ftw;
    pinned_count += kind == FTW_F;
    return 0;
}

void surroundings_look(struct surroundings *ret_now)
{
    read_all(open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), ret_now->mounts,
             sizeof(ret_now->mounts));
    read_all(open_probes(), ret_now->probes, sizeof(ret_now->probes));
    pinned_count = 0;
    nftw("/sys/fs/bpf", count_pinned, 8, FTW_PHYS);
    ret_now->pinned = pinned_count;
}

const char *surroundings_differ(const struct surroundings *before, const struct surroundings *now)
{
    if (strcmp(before->mounts, now->mounts) != 0)
        return "a mount";
    if (strcmp(before->probes, now->probes) != 0)
        return "a kprobe event";
    return before->pinned == now->pinned ? NULL : "a pinned BPF object";
}

int cgroup_attachments(void)
{
    static const uint32_t types[] = {
        BPF_CGROUP_INET_SOCK_CREATE, BPF_CGROUP_INET_SOCK_RELEASE, BPF_CGROUP_INET4_BIND,
        BPF_CGROUP_INET6_BIND,       BPF_CGROUP_INET4_POST_BIND,   BPF_CGROUP_INET6_POST_BIND,
        BPF_CGROUP_INET4_CONNECT,    BPF_CGROUP_INET6_CONNECT,     BPF_CGROUP_UDP4_SENDMSG,
        BPF_CGROUP_UDP6_SENDMSG,     BPF_CGROUP_SOCK_OPS,          BPF_CGROUP_SETSOCKOPT,
    };
    const char *root = scene_cgroup_root();
    int total = 0, count;
    size_t i;

    if (!root)
        return -1;
    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        count = bpf_attached_count(root, types[i]);
        total += count > 0 ? count : 0;
    }
    return total;
}
