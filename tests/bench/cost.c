// SPDX-License-Identifier: GPL-2.0
/*
 * What a command costs: nanoseconds, microseconds of the processor, kilobytes of memory at its
 * peak, status. A program of its own, because the peak of a process counts that of who started it.
 * usage: cost FILE COMMAND...    standard output of the command goes to the file
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static long long us_of(struct timeval time)
{
    return time.tv_sec * 1000000ll + time.tv_usec;
}

int main(int argc, char **argv)
{
    struct rusage usage;
    long long start_ns, end_ns;
    int status;
    pid_t pid;

    if (argc < 3)
        errx(2, "usage: cost FILE COMMAND...");
    start_ns = now_ns();
    pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (!pid) {
        int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);

        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
            err(1, "%s", argv[1]);
        execvp(argv[2], argv + 2);
        err(127, "%s", argv[2]);
    }
    if (wait4(pid, &status, 0, &usage) != pid)
        err(1, "wait");
    end_ns = now_ns();
    printf("%lld %lld %ld %d\n", end_ns - start_ns, us_of(usage.ru_utime) + us_of(usage.ru_stime),
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
    return 0;
}
