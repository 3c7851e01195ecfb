// SPDX-License-Identifier: GPL-2.0
#include "user/cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A handler can reach nothing else. */
static volatile sig_atomic_t end_asked;
static volatile sig_atomic_t resized;
static volatile sig_atomic_t stop_asked;
static int signal_fd = -1;

static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

static void on_signal(int number);

/* The next one, whichever it is, ends the program. One that is ignored stays ignored. */
static void end_with_the_next(void)
{
    struct sigaction action;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (!sigaction(ends[i], NULL, &action) && action.sa_handler == on_signal)
            signal(ends[i], SIG_DFL);
}

static void on_signal(int number)
{
    const uint64_t one = 1;
    int kept = errno;
    ssize_t written;

    if (number == SIGWINCH) {
        resized = 1;
    } else if (number == SIGTSTP) {
        stop_asked = 1;
    } else {
        end_asked = 1;
        end_with_the_next();
    }
    written = write(signal_fd, &one, sizeof(one));
    (void)written; /* full is readable too */
    errno = kept;
}

static int handle(int number, int flags, bool also_ignored)
{
    struct sigaction action, old;

    memset(&action, 0, sizeof(action));
    action.sa_handler = on_signal;
    action.sa_flags = flags;
    if (sigaction(number, NULL, &old))
        return -errno;
    if (old.sa_handler == SIG_IGN && !also_ignored)
        return 0;
    return sigaction(number, &action, NULL) ? -errno : 0;
}

int signals_open(void)
{
    int result;

    /* A reader that is gone, or a file at its limit, is told by the write. */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return -errno;
    signal_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (signal_fd < 0)
        return -errno;
    result = handle(SIGINT, 0, true);
    if (!result)
        result = handle(SIGTERM, 0, true);
    if (!result)
        result = handle(SIGHUP, 0, false);
    if (!result)
        result = handle(SIGWINCH, SA_RESTART, true);
    if (!result)
        return signal_fd;
    close(signal_fd);
    return result;
}

int signals_keep_terminal(void)
{
    int result = handle(SIGQUIT, 0, false);

    return result ? result : handle(SIGTSTP, SA_RESTART, false);
}

bool signals_take_stop(void)
{
    bool was = stop_asked;

    stop_asked = 0;
    return was;
}

void signals_stop(void)
{
    signal(SIGTSTP, SIG_DFL);
    raise(SIGTSTP);
    handle(SIGTSTP, SA_RESTART, false);
}

void signals_close(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGWINCH, SIG_DFL);
    close(signal_fd);
    signal_fd = -1;
}

bool signals_asked_to_end(void)
{
    return end_asked;
}

bool signals_take_resize(void)
{
    bool was = resized;

    resized = 0;
    return was;
}

void signals_clear(void)
{
    uint64_t count;
    ssize_t taken = read(signal_fd, &count, sizeof(count));

    (void)taken; /* nothing to clear is fine */
}
