// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command with less than root has.
 * usage: confine [OPTION...] COMMAND [ARGUMENT...]
 *   -u  as this user and group, without any capability
 *   -c  keeps these capabilities, across the exec too
 *   -s  a seccomp filter refuses these calls with EPERM
 *   -l  at most this much locked memory
 *   -x  without any mount of this type, in a mount namespace of its own; may be repeated
 *   -m  with a mount of TYPE:FOLDER[:ro|:OPTIONS], likewise; may be repeated, done last
 *   -n  in this folder of cgroup2, which is the root of a cgroup namespace of its own
 *   -o  the kernel says that it is Linux 2.6
 *   -b  its standard streams do not block, as if another program had set them so
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <mntent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define CANNOT_CONFINE  125
#define SYSCALLS_MAX    8
#define CAPABILITY_BITS 64
#define MOUNTS_MAX      4

struct name {
    const char *text;
    unsigned int number;
};

static const struct name capability_names[] = {
    {"cap_bpf", CAP_BPF},
    {"cap_perfmon", CAP_PERFMON},
    {"cap_net_admin", CAP_NET_ADMIN},
    {"cap_dac_read_search", CAP_DAC_READ_SEARCH},
    {"cap_sys_admin", CAP_SYS_ADMIN},
    {"cap_sys_resource", CAP_SYS_RESOURCE},
    {NULL, 0},
};

static const struct name syscall_names[] = {
    {"fsopen", SYS_fsopen},
    {"bpf", SYS_bpf},
    {"perf_event_open", SYS_perf_event_open},
    {NULL, 0},
};

struct confinement {
    bool other_user;
    uid_t uid;
    uint64_t capabilities;
    unsigned int syscalls[SYSCALLS_MAX];
    unsigned int syscall_count;
    bool limited;
    rlim_t memlock_bytes;
    const char *without[MOUNTS_MAX];
    unsigned int without_count;
    char *mounts[MOUNTS_MAX];
    unsigned int mount_count;
    const char *cgroup;
    bool old_kernel;
    bool non_blocking;
};

static void fail(const char *what)
{
    fprintf(stderr, "confine: %s: %s\n", what, strerror(errno));
    exit(CANNOT_CONFINE);
}

static unsigned int number_of(const struct name *names, const char *text)
{
    for (; names->text; names++)
        if (!strcmp(names->text, text))
            return names->number;
    errno = EINVAL;
    fail(text);
    return 0;
}

static void take_option(int option, struct confinement *wanted)
{
    char *rest = optarg, *word;

    switch (option) {
    case 'u':
        wanted->other_user = true;
        wanted->uid = (uid_t)strtoul(optarg, NULL, 10);
        return;
    case 'c':
        while ((word = strsep(&rest, ",")))
            wanted->capabilities |= 1ull << number_of(capability_names, word);
        return;
    case 's':
        while ((word = strsep(&rest, ",")) && wanted->syscall_count < SYSCALLS_MAX)
            wanted->syscalls[wanted->syscall_count++] = number_of(syscall_names, word);
        return;
    case 'l':
        wanted->limited = true;
        wanted->memlock_bytes = strtoul(optarg, NULL, 10);
        return;
    case 'x':
        if (wanted->without_count == MOUNTS_MAX)
            fail(optarg);
        wanted->without[wanted->without_count++] = optarg;
        return;
    case 'm':
        if (wanted->mount_count == MOUNTS_MAX)
            exit(CANNOT_CONFINE);
        wanted->mounts[wanted->mount_count++] = optarg;
        return;
    case 'n':
        wanted->cgroup = optarg;
        return;
    case 'o':
        wanted->old_kernel = true;
        return;
    case 'b':
        wanted->non_blocking = true;
        return;
    default:
        exit(CANNOT_CONFINE);
    }
}

/* Needs no privilege afterwards: no new ones are given by what is executed. */
static void refuse_syscalls(const struct confinement *wanted)
{
    struct sock_filter code[2 + 2 * SYSCALLS_MAX];
    struct sock_fprog program = {.filter = code};
    unsigned short at = 0;

    code[at++] =
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (unsigned int i = 0; i < wanted->syscall_count; i++) {
        code[at++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, wanted->syscalls[i], 0, 1);
        code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
    }
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program.len = at;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
        fail("seccomp");
}

static void enter_cgroup(const char *folder)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
    file = fopen(path, "we");
    if (!file || fprintf(file, "%d\n", getpid()) < 0 || fclose(file) || unshare(CLONE_NEWCGROUP))
        fail(folder);
}

static void keep_capabilities(uint64_t kept)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[2];

    for (unsigned int i = 0; i < 2; i++) {
        uint32_t bits = (uint32_t)(kept >> 32 * i);

        sets[i] = (struct __user_cap_data_struct){bits, bits, bits};
    }
    if (syscall(SYS_capset, &header, sets))
        fail("capset");
    for (unsigned int capability = 0; capability < CAPABILITY_BITS; capability++)
        if (kept >> capability & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
            fail("ambient capability");
}

/* Root gets back at exec what is in the bounding set. */
static void drop_others(uint64_t kept)
{
    for (unsigned int capability = 0; capability < CAPABILITY_BITS; capability++)
        if (!(kept >> capability & 1) && prctl(PR_CAPBSET_READ, capability) == 1 &&
            prctl(PR_CAPBSET_DROP, capability))
            fail("bounding set");
}

static void become(const struct confinement *wanted)
{
    gid_t gid = wanted->uid;

    drop_others(wanted->capabilities);
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) || setgroups(0, NULL) || setresgid(gid, gid, gid) ||
        setresuid(wanted->uid, wanted->uid, wanted->uid))
        fail("other user");
    keep_capabilities(wanted->capabilities);
}

/* Only the topmost mount of a folder can be told from /proc, so it is read again each time. */
static bool unmount_one(const char *type)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    struct mntent *entry;
    bool found = false;

    if (!mounts)
        fail("mounts");
    while (!found && (entry = getmntent(mounts)))
        if (!strcmp(entry->mnt_type, type)) {
            found = true;
            if (umount2(entry->mnt_dir, MNT_DETACH))
                fail(entry->mnt_dir);
        }
    endmntent(mounts);
    return found;
}

static void change_mounts(const struct confinement *wanted)
{
    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        fail("mount namespace");
    for (unsigned int i = 0; i < wanted->without_count; i++)
        while (unmount_one(wanted->without[i]))
            continue;
    for (unsigned int i = 0; i < wanted->mount_count; i++) {
        char *rest = wanted->mounts[i];
        const char *type = strsep(&rest, ":"), *folder = strsep(&rest, ":");

        bool read_only = rest && !strcmp(rest, "ro");

        if (!folder ||
            mount(type, folder, type, read_only ? MS_RDONLY : 0, read_only ? NULL : rest))
            fail(type);
    }
}

static void unblock_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK))
            fail("standard streams");
}

int main(int argc, char **argv)
{
    struct confinement wanted = {0};
    int option;

    while ((option = getopt(argc, argv, "+u:c:s:l:x:m:n:ob")) != -1)
        take_option(option, &wanted);
    if (optind >= argc) {
        fputs("confine: a command is missing\n", stderr);
        return CANNOT_CONFINE;
    }
    if (wanted.limited) {
        const struct rlimit limit = {wanted.memlock_bytes, wanted.memlock_bytes};

        if (setrlimit(RLIMIT_MEMLOCK, &limit))
            fail("memlock");
    }
    if (wanted.without_count || wanted.mount_count)
        change_mounts(&wanted);
    if (wanted.cgroup)
        enter_cgroup(wanted.cgroup);
    if (wanted.old_kernel && personality(UNAME26) < 0)
        fail("personality");
    if (wanted.non_blocking)
        unblock_streams();
    if (wanted.other_user)
        become(&wanted);
    if (wanted.syscall_count)
        refuse_syscalls(&wanted);
    execvp(argv[optind], argv + optind);
    fail(argv[optind]);
}
