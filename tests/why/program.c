// SPDX-License-Identifier: GPL-2.0
#include "tests/why/program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rules/spot.h"

#define KILL(number)                                                                               \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, 1),                                           \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

const char *program_path = "build/porttrace";

static int first_netns = -1;

void program_remember_netns(void)
{
    first_netns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (first_netns < 0)
        spot_die("/proc/self/ns/net: %s", strerror(errno));
}

static int confine(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        KILL(__NR_bind),
        KILL(__NR_listen),
        KILL(__NR_io_uring_setup),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            spot_die("waitpid: %s", strerror(errno));
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int program_check_confinement(void)
{
    pid_t pid = fork();

    if (!pid) {
        struct sockaddr_in address = {.sin_family = AF_INET};
        int fd = socket(AF_INET, SOCK_STREAM, 0);

        if (confine())
            _exit(2);
        _exit(bind(fd, (struct sockaddr *)&address, sizeof(address)) ? 1 : 0);
    }
    return wait_for(pid);
}

static char *read_all(int fd)
{
    size_t size = 0, capacity = 1 << 16;
    char *text = malloc(capacity);
    ssize_t got = 1;

    while (text && got > 0) {
        if (capacity - size < 4096) {
            capacity *= 2;
            text = realloc(text, capacity);
            continue;
        }
        got = read(fd, text + size, capacity - size - 1);
        size += got > 0 ? (size_t)got : 0;
    }
    if (!text)
        spot_die("no memory");
    text[size] = '\0';
    return text;
}

/* By a descriptor: another user may not be let into the folder where it is. */
static int execute(char **argv, uint32_t uid)
{
    int fd = open(program_path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 ||
        (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))))
        return 126;
    if (confine())
        return 126;
    execveat(fd, "", argv, environ, AT_EMPTY_PATH);
    return 127;
}

char *program_run(const char *const arguments[], int other_netns, uint32_t uid, int *ret_status)
{
    char **argv;
    char *text;
    int ends[2];
    pid_t pid;

    memcpy(&argv, &arguments, sizeof(argv)); /* execveat() changes nothing */
    if (pipe2(ends, O_CLOEXEC))
        spot_die("pipe: %s", strerror(errno));
    pid = fork();
    if (!pid) {
        if (dup2(ends[1], STDOUT_FILENO) < 0 || (other_netns && setns(first_netns, CLONE_NEWNET)))
            _exit(126);
        _exit(execute(argv, uid));
    }
    if (pid < 0)
        spot_die("fork: %s", strerror(errno));
    close(ends[1]);
    text = read_all(ends[0]);
    close(ends[0]);
    *ret_status = wait_for(pid);
    return text;
}
