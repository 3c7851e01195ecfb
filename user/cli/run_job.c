// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIGNAL_STATUS 128

static bool asks_to_end(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGQUIT;
}

/* A shell waits for the foreground group, and nobody else is told of a stop. */
static bool is_in_foreground(void)
{
    int fd = open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool is = fd >= 0 && tcgetpgrp(fd) == getpgrp();

    if (fd >= 0)
        close(fd);
    return is;
}

/* As the command stops, so that the shell takes its terminal back; and goes on with it. */
static void stop_too(const struct run_job *job)
{
    if (!is_in_foreground())
        return;
    raise(SIGSTOP);
    kill(job->child.pid, SIGCONT);
}

static void reap(struct run_job *job)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
        if (pid != job->child.pid)
            continue;
        if (WIFSTOPPED(status)) {
            stop_too(job);
            continue;
        }
        job->ended = true;
        job->status = status;
    }
    job->over |= job->ended && (!job->wait_for_all || (pid < 0 && errno == ECHILD));
}

static void handle(struct run_job *job, const struct run_signal *signal)
{
    if (job->ended && asks_to_end(signal->number)) {
        job->given_up = job->over;
        job->over = true;
    } else if (!job->ended && signal->sent && signal->sender != job->child.pid) {
        kill(job->child.pid, signal->number);
    }
}

void run_job_attend(struct run_job *job)
{
    struct run_signal signal;

    while (run_signals_take(&job->signals, &signal))
        handle(job, &signal);
    reap(job);
}

void run_job_await(struct run_job *job)
{
    struct pollfd ready = {.fd = job->signals.fd, .events = POLLIN};

    run_job_attend(job);
    while (!job->over) {
        poll(&ready, 1, -1);
        run_job_attend(job);
    }
}

int run_job_finish(const struct run_job *job)
{
    if (WIFEXITED(job->status))
        return WEXITSTATUS(job->status);
    run_signals_die(WTERMSIG(job->status));
    return SIGNAL_STATUS + WTERMSIG(job->status);
}
