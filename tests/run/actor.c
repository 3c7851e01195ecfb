// SPDX-License-Identifier: GPL-2.0
/*
 * What the tests of porttrace run have it run; PORT is one of 127.0.0.1.
 * usage: actor hold PORT              listens there until its parent ends; says "ready" first
 *        actor bind PORT [TIMES MS]   binds and lets go so often; the last errno is its status
 *        actor twice PORT            listens there and binds once more, with a new socket
 *        actor inherit PORT          listens there; a child that has inherited that binds once more
 *        actor ways PORT              binds in ways that are refused each for another reason
 *        actor thread PORT            binds in a thread
 *        actor daemon PORT MS         a daemon binds after so long; its parent is gone at once
 *        actor uring PORT             binds by io_uring; 77: this kernel cannot
 *        actor connect PORT           connects
 *        actor later PORT             connects without waiting, and learns afterwards how it ended
 *        actor noise PORT LINES       prints lines, each by one write, and binds meanwhile
 *        actor reset COMMAND...       with the default actions of SIGINT and SIGQUIT, which a
 *                                     shell has its background jobs ignore
 *        actor pty KEY COMMAND...     a terminal and its shell: types KEY after "ready" was
 *                                     printed, continues what stops, prints how it ended
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/uring.h"

#define NOT_HERE     77
#define LINE_LENGTH  60
#define NOISE_BINDS  50 /* lines between two of them */
#define CONTINUE_US  300000
#define OUTPUT_BYTES 65536

static struct sockaddr_in address_of(const char *port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
}

/* 0 or the errno. */
static int try_bind(const char *port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = bind(fd, (const struct sockaddr *)&address, sizeof(address)) ? errno : 0;

    close(fd);
    return error;
}

static bool listens(const char *port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (!bind(fd, (const struct sockaddr *)&address, sizeof(address)) && !listen(fd, 1))
        return true;
    perror("actor: listen");
    return false;
}

static int bind_twice(const char *port)
{
    return listens(port) ? try_bind(port) : 1;
}

static int bind_in_child(const char *port)
{
    int status;

    if (!listens(port))
        return 1;
    if (!fork())
        _exit(try_bind(port));
    return wait(&status) > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int hold(const char *port)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!listens(port))
        return 1;
    puts("ready");
    fflush(stdout);
    for (;;)
        pause();
}

static int bind_often(const char *port, const char *times, const char *pause_ms)
{
    int error = 0;

    for (long left = times ? strtol(times, NULL, 10) : 1; left > 0; left--) {
        error = try_bind(port);
        if (pause_ms)
            usleep((useconds_t)strtoul(pause_ms, NULL, 10) * 1000);
    }
    return error;
}

static int try_bind_with(const char *port, int family, int option, socklen_t size)
{
    struct sockaddr_in address = address_of(port);
    int on = 1, fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error;

    if (option && setsockopt(fd, SOL_SOCKET, option, &on, sizeof(on)))
        return 1;
    error = bind(fd, (const struct sockaddr *)&address, size) ? errno : 0;
    close(fd);
    return error;
}

static int bind_in_ways(const char *port)
{
    socklen_t size = sizeof(struct sockaddr_in);

    try_bind_with(port, AF_INET, 0, (socklen_t)-1);
    try_bind_with(port, AF_INET6, 0, size);
    try_bind_with(port, AF_INET, 0, size);
    try_bind_with(port, AF_INET, SO_REUSEADDR, size);
    return try_bind_with(port, AF_INET, SO_REUSEPORT, size);
}

static void *bind_in_thread(void *port)
{
    return (void *)(intptr_t)try_bind(port);
}

static int bind_by_thread(char *port)
{
    pthread_t thread;
    void *error;

    if (pthread_create(&thread, NULL, bind_in_thread, port) || pthread_join(thread, &error))
        return 1;
    return (int)(intptr_t)error;
}

static int bind_as_daemon(const char *port, const char *after_ms)
{
    if (fork())
        return 0;
    setsid();
    if (fork())
        _exit(0);
    usleep((useconds_t)strtoul(after_ms, NULL, 10) * 1000);
    _exit(try_bind(port));
}

static int bind_by_uring(const char *port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (uring_probe(URING_OP_BIND))
        return NOT_HERE;
    return -uring_bind(fd, &address, sizeof(address), false);
}

static int try_connect(const char *port)
{
    struct sockaddr_in address = address_of(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return connect(fd, (const struct sockaddr *)&address, sizeof(address)) ? errno : 0;
}

static int try_connect_later(const char *port)
{
    struct sockaddr_in address = address_of(port);
    int error, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct pollfd ended = {.fd = fd, .events = POLLOUT};
    socklen_t size = sizeof(error);

    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    if (errno != EINPROGRESS || poll(&ended, 1, 1000) != 1)
        return 2;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? 2 : error;
}

static int reset_and_run(char **command)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    execvp(command[0], command);
    return 127;
}

static int make_noise(const char *port, const char *lines)
{
    char line[LINE_LENGTH + 1];

    memset(line, 'n', sizeof(line));
    line[LINE_LENGTH] = '\n';
    for (long i = 0; i < strtol(lines, NULL, 10); i++) {
        if (write(STDERR_FILENO, line, sizeof(line)) != sizeof(line))
            return 1;
        if (i % NOISE_BINDS == 0)
            try_bind(port);
    }
    return 0;
}

/* The shell of the terminal: one job in the foreground. */
static void __attribute__((noreturn)) run_job(char **command)
{
    pid_t job = fork();
    int status;

    if (!job) {
        setpgid(0, 0);
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(STDIN_FILENO, getpgrp());
        signal(SIGTTOU, SIG_DFL);
        _exit(reset_and_run(command));
    }
    signal(SIGTTOU, SIG_IGN);
    while (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
        printf("job stopped by %d\n", WSTOPSIG(status));
        fflush(stdout);
        usleep(CONTINUE_US);
        kill(-job, SIGCONT);
    }
    if (WIFSIGNALED(status))
        printf("job died of %d\n", WTERMSIG(status));
    else
        printf("job ended with %d\n", WEXITSTATUS(status));
    fflush(stdout);
    _exit(0);
}

static int run_on_terminal(const char *key, char **command)
{
    static char output[OUTPUT_BYTES];
    size_t length = 0;
    bool typed = false;
    ssize_t got;
    int terminal;
    pid_t shell = forkpty(&terminal, NULL, NULL, NULL);

    if (!shell)
        run_job(command);
    while (shell > 0 && length < sizeof(output) - 1 &&
           (got = read(terminal, output + length, sizeof(output) - 1 - length)) > 0) {
        length += (size_t)got;
        output[length] = '\0';
        if (typed || !strstr(output, "ready"))
            continue;
        typed = true;
        if (write(terminal, key, strlen(key)) < 0)
            return 1;
    }
    fputs(output, stdout);
    return shell < 0 || waitpid(shell, NULL, 0) != shell;
}

int main(int argc, char **argv)
{
    const char *what = argc > 2 ? argv[1] : "";

    if (!strcmp(what, "hold"))
        return hold(argv[2]);
    if (!strcmp(what, "bind"))
        return bind_often(argv[2], argc > 3 ? argv[3] : NULL, argc > 4 ? argv[4] : NULL);
    if (!strcmp(what, "twice"))
        return bind_twice(argv[2]);
    if (!strcmp(what, "inherit"))
        return bind_in_child(argv[2]);
    if (!strcmp(what, "ways"))
        return bind_in_ways(argv[2]);
    if (!strcmp(what, "thread"))
        return bind_by_thread(argv[2]);
    if (!strcmp(what, "daemon") && argc > 3)
        return bind_as_daemon(argv[2], argv[3]);
    if (!strcmp(what, "uring"))
        return bind_by_uring(argv[2]);
    if (!strcmp(what, "connect"))
        return try_connect(argv[2]);
    if (!strcmp(what, "later"))
        return try_connect_later(argv[2]);
    if (!strcmp(what, "reset"))
        return reset_and_run(argv + 2);
    if (!strcmp(what, "noise") && argc > 3)
        return make_noise(argv[2], argv[3]);
    if (!strcmp(what, "pty") && argc > 3)
        return run_on_terminal(argv[2], argv + 3);
    fputs("usage: see the source\n", stderr);
    return 2;
}
