// SPDX-License-Identifier: GPL-2.0
#include "user/cli/lookups.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/cli/mounts.h"
#include "user/cli/values.h"
#include "user/host/netns.h"
#include "user/model/errors.h"

#define NSFS_TYPE    0x6e736673
#define CGROUP2_TYPE 0x63677270
#define CGROUP_ID    8 /* bytes of a file handle in a cgroup2 file system */
#define UID_GREATEST 4294967294u

static int refuse(struct strbuf *error, const char *typed, const char *reason)
{
    value_quote(error, typed);
    strbuf_putc(error, ' ');
    strbuf_puts(error, reason);
    return -EINVAL;
}

int lookup_user(const char *name, uint32_t *ret_uid, struct strbuf *error)
{
    struct passwd *entry = getpwnam(name);
    uint64_t uid;

    if (entry) {
        *ret_uid = entry->pw_uid;
        return 0;
    }
    if (!isdigit((unsigned char)name[0]))
        return refuse(error, name, "is not a user of this host; a number is allowed as well");
    if (value_number(name, "a user", 0, UID_GREATEST, &uid, error))
        return -EINVAL;
    *ret_uid = (uint32_t)uid;
    return 0;
}

/* "4026531840" and "net:[4026531840]", as ls and lsns write it. */
static bool is_netns_inode(const char *name, uint32_t *ret_inode)
{
    char *end;
    unsigned long number;

    if (!strncmp(name, "net:[", 5))
        name += 5;
    if (!isdigit((unsigned char)*name))
        return false;
    number = strtoul(name, &end, 10);
    if (*end == ']')
        end++;
    if (*end || number < NETNS_INODE_LEAST || number > UINT32_MAX)
        return false;
    *ret_inode = (uint32_t)number;
    return true;
}

#define NOT_A_NETNS                                                                                \
    "is not a net namespace; allowed: a name that ip netns shows, the path of one, a process id, " \
    "or an inode number"

static void netns_path(const char *name, char *ret_path, size_t size)
{
    const char *before = "/run/netns/", *after = "";

    if (!name[strspn(name, "0123456789")]) {
        before = "/proc/";
        after = "/ns/net";
    } else if (strchr(name, '/')) {
        before = "";
    }
    snprintf(ret_path, size, "%s%s%s", before, name, after);
}

int lookup_netns(const char *name, uint32_t *ret_inode, struct strbuf *error)
{
    char path[PATH_MAX];
    struct statfs system;
    struct stat status;

    if (is_netns_inode(name, ret_inode))
        return 0;
    netns_path(name, path, sizeof(path));
    if (stat(path, &status) || statfs(path, &system) || system.f_type != NSFS_TYPE)
        return refuse(error, name, NOT_A_NETNS);
    *ret_inode = (uint32_t)status.st_ino;
    return 0;
}

int lookup_netns_open(const char *name, int *ret_fd, struct strbuf *error)
{
    char path[PATH_MAX];
    struct statfs system;
    uint32_t inode;
    int fd;

    if (is_netns_inode(name, &inode)) {
        fd = netns_open(inode, 0);
    } else {
        netns_path(name, path, sizeof(path));
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 && (errno == EACCES || errno == EPERM))
            return refuse(error, name, "may not be looked at by this user");
    }
    if (fd < 0 || fstatfs(fd, &system) || system.f_type != NSFS_TYPE) {
        if (fd >= 0)
            close(fd);
        return refuse(error, name, NOT_A_NETNS);
    }
    *ret_fd = fd;
    return 0;
}

static bool is_cgroup2(const char *path)
{
    struct statfs system;

    return !statfs(path, &system) && system.f_type == CGROUP2_TYPE;
}

static int cgroup_id(const char *path, uint64_t *ret_id)
{
    union {
        struct file_handle handle;
        char room[sizeof(struct file_handle) + CGROUP_ID];
    } at = {.handle.handle_bytes = CGROUP_ID};
    int mount_id;

    if (name_to_handle_at(AT_FDCWD, path, &at.handle, &mount_id, 0))
        return -errno;
    if (at.handle.handle_bytes != CGROUP_ID)
        return -EBADMSG;
    memcpy(ret_id, at.handle.f_handle, CGROUP_ID);
    return 0;
}

int lookup_cgroup(const char *path, uint64_t *ret_id, struct strbuf *error)
{
    char mount[PATH_MAX], whole[2 * PATH_MAX];
    int result;

    snprintf(whole, sizeof(whole), "%s", path);
    if (path[0] != '/' || !is_cgroup2(path)) {
        if (mounts_find_here("cgroup2", mount, sizeof(mount)))
            return refuse(error, path,
                          "cannot be looked up, no cgroup2 is mounted; try: mount -t "
                          "cgroup2 none /sys/fs/cgroup");
        snprintf(whole, sizeof(whole), "%s/%s", mount, path);
        if (!is_cgroup2(whole)) {
            value_quote(error, path);
            strbuf_puts(error, " is not a cgroup; allowed: a directory below ");
            value_quote(error, mount);
            return -EINVAL;
        }
    }
    result = cgroup_id(whole, ret_id);
    return result ? refuse(error, path, error_message(-result)) : 0;
}

/* What the reasons of a look-up are put behind. */
static int named(const char *option, int result, struct strbuf *reason, struct strbuf *error)
{
    if (result)
        strbuf_printf(error, "--%s: %s", option, reason->text ? reason->text : "no memory");
    strbuf_free(reason);
    return result;
}

static int fill_users(struct trace_options *options, struct strbuf *error)
{
    struct filter *filter = &options->capture.filter;
    struct strbuf reason = {0};
    int result = 0;

    for (unsigned int i = 0; !result && i < options->users.count; i++)
        result = lookup_user(options->users.at[i], &filter->uids[filter->uid_count++], &reason);
    return named("user", result, &reason, error);
}

static int fill_netns(struct trace_options *options, bool inodes_only, struct strbuf *error)
{
    struct filter *filter = &options->capture.filter;
    struct strbuf reason = {0};
    int result = 0;

    for (unsigned int i = 0; !result && i < options->netns.count; i++) {
        const char *name = options->netns.at[i];
        uint32_t *inode = &filter->netns[filter->netns_count++];

        if (!inodes_only)
            result = lookup_netns(name, inode, &reason);
        else if (!is_netns_inode(name, inode))
            result = refuse(&reason, name,
                            "cannot be looked up for a file, which may be of "
                            "another time or host; allowed: an inode number");
    }
    return named("netns", result, &reason, error);
}

static int fill_cgroups(struct trace_options *options, struct strbuf *error)
{
    struct filter *filter = &options->capture.filter;
    struct strbuf reason = {0};
    int result = 0;

    for (unsigned int i = 0; !result && i < options->cgroups.count; i++)
        result = lookup_cgroup(options->cgroups.at[i], &filter->cgroup_ids[filter->cgroup_count++],
                               &reason);
    return named("cgroup", result, &reason, error);
}

static int check_pids(const struct trace_options *options, struct strbuf *error)
{
    const struct filter *filter = &options->capture.filter;

    for (unsigned int i = 0; i < filter->pid_count; i++) {
        if (!kill((pid_t)filter->pids[i], 0) || errno != ESRCH)
            continue;
        strbuf_printf(error, "--pid: there is no process %u", filter->pids[i]);
        return -EINVAL;
    }
    return 0;
}

int lookup_live_filter(struct trace_options *options, struct strbuf *error)
{
    int result = check_pids(options, error);

    if (!result)
        result = fill_users(options, error);
    if (!result)
        result = fill_netns(options, false, error);
    if (!result)
        result = fill_cgroups(options, error);
    return result;
}

void lookup_cgroup_paths(struct trace_options *options)
{
    char mount[PATH_MAX];
    size_t length;

    if (mounts_find_here("cgroup2", mount, sizeof(mount)))
        return;
    length = strlen(mount);
    for (unsigned int i = 0; i < options->cgroups.count; i++)
        if (!strncmp(options->cgroups.at[i], mount, length) &&
            strchr("/", options->cgroups.at[i][length]))
            options->cgroups.at[i] += length;
}

int lookup_file_filter(struct trace_options *options, struct strbuf *error)
{
    int result = fill_users(options, error);

    if (!result)
        result = fill_netns(options, true, error);
    if (!result)
        lookup_cgroup_paths(options);
    return result;
}

uint16_t lookup_service(const char *name, const char *protocol)
{
    const struct servent *service = getservbyname(name, protocol);

    return service ? ntohs((uint16_t)service->s_port) : 0;
}

/* Others, such as MPTCP and UDP-Lite, have no names of their own. */
static const char *protocol_of_services(const struct question *question)
{
    if (!question->protocol)
        return NULL;
    return question->type == SOCK_DGRAM ? "udp" : "tcp";
}

int lookup_question(struct question *question, struct strbuf *error)
{
    if (!question->service[0])
        return 0;
    question->endpoint.port = lookup_service(question->service, protocol_of_services(question));
    if (question->endpoint.port)
        return 0;
    value_quote(error, question->service);
    strbuf_puts(error, " is not a service that this host knows; a number from 1 to 65535 is "
                       "allowed as well");
    return -EINVAL;
}
