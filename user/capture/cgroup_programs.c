// SPDX-License-Identifier: GPL-2.0
#include "user/capture/cgroup_programs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/capture/mounts.h"

#define PROGRAMS_MAX 64 /* that the kernel lets be attached to one cgroup */
#define MAPS_MAX     64

/* libbpf names the maps of constants and variables after the object: ours is porttrace. */
#define OWN_MAPS "porttrac."

/* 1: ours, 0: of others, or negative errno. */
static int is_own_map(uint32_t id)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int fd = bpf_map_get_fd_by_id(id);
    int result;

    if (fd < 0)
        return -errno;
    result = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
    if (!result)
        result = !strncmp(info.name, OWN_MAPS, sizeof(OWN_MAPS) - 1);
    close(fd);
    return result;
}

static int is_own_program(uint32_t id)
{
    uint32_t maps[MAPS_MAX];
    struct bpf_prog_info info = {.nr_map_ids = MAPS_MAX, .map_ids = (uint64_t)(uintptr_t)maps};
    uint32_t size = sizeof(info);
    int fd = bpf_prog_get_fd_by_id(id);
    int result;

    if (fd < 0)
        return -errno;
    result = bpf_obj_get_info_by_fd(fd, &info, &size) ? -errno : 0;
    for (uint32_t i = 0; !result && i < info.nr_map_ids && i < MAPS_MAX; i++)
        result = is_own_map(maps[i]);
    close(fd);
    return result;
}

/* 1: some of others, 0: none, or negative errno. */
static int has_programs(int cgroup_fd, enum bpf_attach_type type)
{
    uint32_t programs[PROGRAMS_MAX], count = PROGRAMS_MAX;
    int unknown = 0;

    if (bpf_prog_query(cgroup_fd, type, 0, NULL, programs, &count))
        return errno == EINVAL ? 0 : -errno; /* EINVAL: this kernel has no such place */
    for (uint32_t i = 0; i < count; i++) {
        int own = is_own_program(programs[i]);

        if (!own)
            return 1;
        if (own < 0 && own != -ENOENT) /* ENOENT: it is gone by now */
            unknown = own;
    }
    return unknown;
}

/* The places where a program can refuse; the list ends with the place asked last, twice. */
static void places_of(enum pt_op op, uint16_t family, enum bpf_attach_type ret_places[2])
{
    bool ipv6 = family == AF_INET6;

    if (op == PT_OP_CONNECT) {
        ret_places[0] = ipv6 ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
        ret_places[1] = ret_places[0];
        return;
    }
    ret_places[0] = ipv6 ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
    ret_places[1] = ipv6 ? BPF_CGROUP_INET6_POST_BIND : BPF_CGROUP_INET4_POST_BIND;
}

static int look_at(int root_fd, const char *path, const enum bpf_attach_type places[2])
{
    int fd = openat(root_fd, path[1] ? path + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result;

    if (fd < 0)
        return -errno;
    result = has_programs(fd, places[0]);
    if (!result)
        result = has_programs(fd, places[1]);
    close(fd);
    return result;
}

/* "/a/b" to "/a", "/a" to "/"; false behind the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (!path[1])
        return false;
    slash[slash == path] = '\0';
    return true;
}

int cgroup_programs_find(const char *path, enum pt_op op, uint16_t family, char *ret_path,
                         size_t size)
{
    enum bpf_attach_type places[2];
    char at[PATH_MAX];
    int root_fd, result;

    /* What is outside of our own cgroup namespace cannot be reached by its path. */
    if (path[0] != '/' || !strncmp(path, "/..", 3))
        return -EINVAL;
    if ((size_t)snprintf(at, sizeof(at), "%s", path) >= sizeof(at))
        return -ENAMETOOLONG;
    root_fd = mounts_open("cgroup2");
    if (root_fd < 0)
        return root_fd;
    places_of(op, family, places);
    do {
        result = look_at(root_fd, at, places);
        if (result == -ENOENT) /* it has gone meanwhile; those above it are there */
            result = 0;
    } while (!result && go_up(at));
    close(root_fd);
    if (result <= 0)
        return result ? result : -ENOENT;
    return (size_t)snprintf(ret_path, size, "%s", at) >= size ? -ENAMETOOLONG : 0;
}
