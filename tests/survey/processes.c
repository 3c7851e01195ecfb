// SPDX-License-Identifier: GPL-2.0
/* Which processes have a socket, and how they are described. */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"
#include "tests/survey/check.h"

#define LISTEN 10

static void keep(void *context)
{
    (void)context;
}

static int send_descriptor(int through, int fd)
{
    char byte = 0, space[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)};
    struct cmsghdr *control = CMSG_FIRSTHDR(&message);

    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = CMSG_LEN(sizeof(fd));
    memcpy(CMSG_DATA(control), &fd, sizeof(fd));
    return sendmsg(through, &message, 0) == 1 ? 0 : -1;
}

/* -1: none came. */
static int take_descriptor(int from)
{
    char byte, space[CMSG_SPACE(sizeof(int))];
    struct iovec part = {&byte, 1};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof(space)};

    struct cmsghdr *control;
    int fd;

    if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != 1 || !(control = CMSG_FIRSTHDR(&message)))
        return -1;
    memcpy(&fd, CMSG_DATA(control), sizeof(fd));
    return fd;
}

static void receive_descriptor(void *context)
{
    if (take_descriptor(*(int *)context) < 0)
        _exit(1);
}

/* By fork, by a message, and twice in one process. */
static void shared_listener(struct scene *t)
{
    int fd, again, pair[2] = {-1, -1};
    const struct holder *row;
    pid_t stranger, child;

    CHECK(t, !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    fd = scene_listener(2101);
    again = dup(fd);
    CHECK(t, !send_descriptor(pair[0], fd));
    child = scene_process(keep, NULL);
    close(fd);
    close(again);
    stranger = scene_process(receive_descriptor, &pair[1]);
    scene_look(t, 2101);
    row = scene_row(t, LISTEN);
    CHECK(t, t->row_count == 1);
    CHECK(t, row->process_count == 2);
    CHECK(t, process_of(row, child)->fd >= 0 && process_of(row, child)->fd < again);
    CHECK(t, process_of(row, stranger)->fd >= 0);
    CHECK(t, row->processes[0].process->task.pid == (uint32_t)child);
    CHECK(t, row->seen.task.pid == (uint32_t)child);
    CHECK(t, row->seen.task.parent_pid == (uint32_t)getpid());
    CHECK(t, row->seen.socket.protocol == IPPROTO_TCP && row->seen.local.family == AF_INET);
    CHECK(t, row->seen.socket.options == PT_OPTION_REUSEADDR);
    CHECK(t, row->seen.flags == (PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BOUND | PT_HOLDER_UID_KNOWN |
                                 PT_HOLDER_BUCKET_KNOWN));
    CHECK(t, !row->seen.fastreuse && !row->seen.fastreuseport && !row->seen.peer.family);
    CHECK(t, t->survey.complete || t->survey.missing);
    scene_end(child);
    scene_end(stranger);
    close(pair[0]);
    close(pair[1]);
    scene_look(t, 2101);
    CHECK(t, t->row_count == 0);
}

static void described(struct scene *t)
{
    int fd = scene_listener(2102);
    char exe[4096], args[PT_ARGS_MAX];
    ssize_t exe_size = readlink("/proc/self/exe", exe, sizeof(exe));
    const struct process_facts *process;
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t args_size = file ? fread(args, 1, sizeof(args), file) : 0;

    scene_look(t, 2102);
    process = process_of(scene_row(t, LISTEN), getpid())->process;
    CHECK(t, process->described && !process->exe_deleted);
    CHECK(t, process->exe.size == exe_size && !memcmp(process->exe.at, exe, process->exe.size));
    CHECK(t, process->args.size == args_size && !memcmp(process->args.at, args, args_size));
    CHECK(t, process->args_size == args_size && !process->args.truncated);
    CHECK(t, process->task.uid == 0 && process->task.start_ns);
    CHECK(t, process->cgroup.at && process->cgroup.at[0] == '/');
    if (file)
        fclose(file);
    close(fd);
}

static void listen_elsewhere(void *context)
{
    if (unshare(CLONE_NEWNET) || link_up("lo") || scene_listener(*(uint16_t *)context) < 0)
        _exit(1);
}

static void other_netns(struct scene *t)
{
    uint16_t port = 2103;
    pid_t other = scene_process(listen_elsewhere, &port);
    int fd = scene_listener(port);
    const struct holder *row;

    scene_look(t, port);
    CHECK(t, t->row_count == 2);
    CHECK(t, scene_count(t, LISTEN) == 1);
    for (unsigned int i = 0; i < t->row_count; i++) {
        row = &t->rows[i];
        CHECK(t, row->process_count == 1);
        CHECK(t, row->seen.task.pid ==
                     (uint32_t)(row->seen.task.netns == t->netns ? getpid() : other));
    }
    scene_end(other);
    close(fd);
}

static void listen_and_leave(uint16_t port, int through)
{
    int listener;

    if (unshare(CLONE_NEWNET) || link_up("lo"))
        _exit(1);
    listener = scene_listener(port);
    _exit(scene_connection(port) < 0 || send_descriptor(through, listener));
}

/* Only a socket keeps the net namespace. What waits to be accepted there is seen from inside. */
static void netns_without_process(struct scene *t)
{
    int pair[2] = {-1, -1}, listener;
    pid_t other;

    CHECK(t, !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    other = fork();
    if (other == 0)
        listen_and_leave(2104, pair[0]);
    waitpid(other, NULL, 0);
    listener = take_descriptor(pair[1]);
    CHECK(t, listener >= 0);
    scene_look(t, 2104);
    CHECK(t, t->row_count == 2);
    for (unsigned int i = 0; i < t->row_count; i++) {
        const struct holder *row = &t->rows[i];

        CHECK(t, row->seen.task.netns != t->netns);
        CHECK(t, row->process_count == (row->seen.socket.state == LISTEN ? 1 : 0));
    }
    close(listener);
    close(pair[0]);
    close(pair[1]);
}

/* A socket whose only descriptor is on its way. */
static void in_flight(struct scene *t)
{
    int pair[2] = {-1, -1};
    const struct holder *row;
    int fd = scene_listener(2105);

    CHECK(t, !socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    CHECK(t, !send_descriptor(pair[0], fd));
    close(fd);
    scene_look(t, 2105);
    row = scene_row(t, LISTEN);
    CHECK(t, row->process_count == 0);
    CHECK(t, !(row->seen.flags & (PT_HOLDER_OWNER_KNOWN | PT_HOLDER_KERNEL | PT_HOLDER_ORPHAN)));
    CHECK(t, row->seen.flags & PT_HOLDER_BOUND);
    close(pair[0]);
    close(pair[1]);
}

static void look_as_nobody(void *context)
{
    struct scene *t = context;
    struct surveyor *surveyor;
    int fd;

    t->failed = false;
    closefrom(3);
    if (setgid(65534) || setuid(65534))
        _exit(2);
    surveyor = surveyor_new();
    t->surveyor = surveyor;
    fd = scene_listener(2106);
    CHECK(t, fd >= 0);
    scene_look(t, 2106);
    CHECK(t, t->row_count == 1);
    CHECK(t, scene_row(t, LISTEN)->process_count == 1);
    CHECK(t, scene_row(t, LISTEN)->seen.uid == 65534);
    CHECK(t, process_of(scene_row(t, LISTEN), getpid())->fd == fd);
    CHECK(t, process_of(scene_row(t, LISTEN), getpid())->process->described);
    CHECK(t, !t->survey.complete && strstr(t->survey.missing, "processes of other users"));
    CHECK(t, strstr(t->survey.missing, "net namespaces") && strstr(t->survey.missing, "root"));
    scene_look(t, 2107);
    CHECK(t, scene_count(t, LISTEN) == 1);
    CHECK(t, scene_row(t, LISTEN)->process_count == 0);
    surveyor_free(surveyor);
    fflush(NULL);
    _exit(t->failed);
}

/* A process of one user that root has made is not readable; it has to be its own. */
static void unprivileged(struct scene *t)
{
    int fd = scene_listener(2107);
    int status = -1;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0)
        look_as_nobody(t);
    waitpid(child, &status, 0);
    CHECK(t, status == 0);
    close(fd);
}

static unsigned int open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    unsigned int count = 0;

    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static void no_leak(struct scene *t)
{
    int fd = scene_listener(2108);
    unsigned int descriptors;
    size_t memory;

    for (int i = 0; i < 3; i++)
        scene_look(t, 0);
    descriptors = open_descriptors();
    memory = mallinfo2().uordblks;
    for (int i = 0; i < 10; i++)
        scene_look(t, 0);
    CHECK(t, open_descriptors() == descriptors);
    /* Others come and go on the host: a leak of every survey would still be more. */
    CHECK(t, mallinfo2().uordblks < memory + 60000);
    close(fd);
}

const struct check process_checks[] = {
    {"shared-listener", shared_listener},
    {"described", described},
    {"other-netns", other_netns},
    {"netns-without-process", netns_without_process},
    {"in-flight", in_flight},
    {"unprivileged", unprivileged},
    {"no-leak", no_leak},
    {NULL, NULL},
};
