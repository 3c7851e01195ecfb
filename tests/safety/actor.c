// SPDX-License-Identifier: GPL-2.0
/*
 * Binds 127.0.0.1:PORT as somebody who wants to be taken for somebody else, prints "PID ERRNO" and
 * waits for the end of standard input. Options act in this order:
 *   -p PID   in a child that has this number
 *   -u UID   as this user
 *   -U       in a user namespace of its own, as its root
 *   -P PID   in a pid namespace of its own, in which it has this number; after -U
 *   -c NAME  under this name
 *   -a TEXT  with this command line, written over its own
 *   -r PATH  its executable is replaced by a copy of PATH
 *   -l       listens, too
 *   -k       a child keeps the socket, and the one that has bound it ends
 * usage: actor [OPTION]... PORT
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct act {
    int pid, inner_pid;
    const char *user, *name, *replacement;
    char command_line[256]; /* a copy: what it is written over goes */
    bool user_namespace, listens, leaves;
    uint16_t port;
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "actor: %s: %s\n", what, strerror(errno));
    exit(77);
}

/* The parent waits for it, and ends as it does. pid 0: any number. */
static void go_on_in_child(int pid)
{
    pid_t numbers[] = {pid};
    struct clone_args args = {.exit_signal = SIGCHLD,
                              .set_tid = (uint64_t)(uintptr_t)numbers,
                              .set_tid_size = pid ? 1 : 0};
    long child = syscall(SYS_clone3, &args, sizeof(args));
    int status;

    require(child >= 0, "clone3");
    if (!child) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return;
    }
    require(waitpid((pid_t)child, &status, 0) == child, "waitpid");
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static void become(const char *user)
{
    uid_t uid = (uid_t)strtoul(user, NULL, 10);

    require(!setgroups(0, NULL) && !setresgid(uid, uid, uid) && !setresuid(uid, uid, uid), "user");
    prctl(PR_SET_DUMPABLE, 1); /* its own files in /proc are its own, as after an exec */
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    require(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
    close(fd);
}

static void enter_user_namespace(void)
{
    unsigned int uid = getuid(), gid = getgid();
    char map[64];

    require(!unshare(CLONE_NEWUSER), "a user namespace");
    snprintf(map, sizeof(map), "0 %u 1\n", uid);
    write_file("/proc/self/uid_map", map);
    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof(map), "0 %u 1\n", gid);
    write_file("/proc/self/gid_map", map);
}

/* The first process of a pid namespace has the number 1. */
static void enter_pid_namespace(int pid)
{
    require(!unshare(CLONE_NEWPID), "a pid namespace");
    go_on_in_child(1);
    go_on_in_child(pid);
}

/* All the strings of the kernel's argument area, from the first one on. */
static void overwrite(char **argv, const char *text)
{
    char *from = argv[0], *end = from;

    require(from, "a command line");
    for (char **at = argv; *at; at++)
        end = *at + strlen(*at) + 1;
    memset(from, 0, (size_t)(end - from));
    snprintf(from, (size_t)(end - from), "%s", text);
}

/* As an update of a program does it: the old file goes, another one comes in its place. */
static void replace_executable(const char *replacement)
{
    char path[4096];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1);
    int from = open(replacement, O_RDONLY | O_CLOEXEC), to;

    require(size > 0 && from >= 0, replacement);
    path[size] = '\0';
    require(!unlink(path), path);
    to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
    require(to >= 0 && sendfile(to, from, NULL, 1 << 20) > 0, path);
    close(from);
    close(to);
}

static int take_port(const struct act *act)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(act->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    require(fd >= 0, "socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
        return errno;
    return act->listens && listen(fd, 1) ? errno : 0;
}

static void await_end(void)
{
    char byte;

    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
}

static int parse(int argc, char **argv, struct act *act)
{
    int option;

    while ((option = getopt(argc, argv, "p:P:u:c:a:r:Ulk")) != -1) {
        switch (option) {
        case 'p':
            act->pid = (int)strtol(optarg, NULL, 10);
            break;
        case 'P':
            act->inner_pid = (int)strtol(optarg, NULL, 10);
            break;
        case 'u':
            act->user = optarg;
            break;
        case 'c':
            act->name = optarg;
            break;
        case 'a':
            snprintf(act->command_line, sizeof(act->command_line), "%s", optarg);
            break;
        case 'r':
            act->replacement = optarg;
            break;
        case 'U':
            act->user_namespace = true;
            break;
        case 'l':
            act->listens = true;
            break;
        case 'k':
            act->leaves = true;
            break;
        default:
            return -1;
        }
    }
    if (optind + 1 != argc)
        return -1;
    act->port = (uint16_t)strtoul(argv[optind], NULL, 10);
    return 0;
}

int main(int argc, char **argv)
{
    struct act act = {0};
    int error;

    if (parse(argc, argv, &act)) {
        fputs("usage: actor [OPTION]... PORT\n", stderr);
        return 2;
    }
    if (act.pid)
        go_on_in_child(act.pid);
    if (act.user)
        become(act.user);
    if (act.user_namespace)
        enter_user_namespace();
    if (act.inner_pid)
        enter_pid_namespace(act.inner_pid);
    if (act.name)
        prctl(PR_SET_NAME, act.name);
    if (act.command_line[0])
        overwrite(argv, act.command_line);
    if (act.replacement)
        replace_executable(act.replacement);
    error = take_port(&act);
    printf("%d %d\n", getpid(), error);
    fflush(stdout);
    if (act.leaves && fork())
        return 0;
    await_end();
    return 0;
}
