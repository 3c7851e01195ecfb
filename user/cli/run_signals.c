// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_signals.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void fill(sigset_t *set)
{
    static const int numbers[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM, SIGUSR1,
                                  SIGUSR2, SIGALRM, SIGCHLD, SIGWINCH};

    sigemptyset(set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(set, numbers[i]);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        sigaddset(set, number);
}

int run_signals_open(struct run_signals *ret_signals)
{
    struct run_signals signals = {.fd = -1};
    struct sigaction action;
    sigset_t set, blocked;

    fill(&set);
    blocked = set;
    /* A reader of reports that is gone, or a file at its limit, does not end the command. */
    sigaddset(&blocked, SIGPIPE);
    sigaddset(&blocked, SIGXFSZ);
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL; /* ignored, the kernel would take the status of the command away */
    if (sigaction(SIGCHLD, &action, &signals.child_action) ||
        sigprocmask(SIG_BLOCK, &blocked, &signals.mask))
        return -errno;
    signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals.fd < 0)
        return -errno;
    *ret_signals = signals;
    return 0;
}

void run_signals_close(struct run_signals *signals)
{
    close(signals->fd);
}

void run_signals_restore(const struct run_signals *signals)
{
    sigaction(SIGCHLD, &signals->child_action, NULL);
    sigprocmask(SIG_SETMASK, &signals->mask, NULL);
}

bool run_signals_take(const struct run_signals *signals, struct run_signal *ret_signal)
{
    struct signalfd_siginfo info;

    if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
        return false;
    *ret_signal = (struct run_signal){
        .number = (int)info.ssi_signo,
        .sent = info.ssi_signo != SIGCHLD && info.ssi_code <= SI_USER,
        .sender = (pid_t)info.ssi_pid,
    };
    return true;
}

void run_signals_die(int number)
{
    const struct rlimit no_core = {0};
    struct sigaction action;
    sigset_t set;

    /* The command has left its core, if any; ours would only be in its way. */
    setrlimit(RLIMIT_CORE, &no_core);
    prctl(PR_SET_DUMPABLE, 0);
    memset(&action, 0, sizeof(action));
    action.sa_handler = SIG_DFL;
    sigaction(number, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}
