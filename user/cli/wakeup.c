// SPDX-License-Identifier: GPL-2.0
#include "user/cli/wakeup.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "user/cli/signals.h"

#define NS_PER_S   1000000000ull
#define EVENTS_MAX 4

static int add(int epoll_fd, int fd, uint32_t events, enum wakeup_cause cause)
{
    struct epoll_event event = {.events = events, .data.u32 = cause};

    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int add_timer(struct wakeup *wakeup, uint64_t duration_ns)
{
    struct itimerspec after = {.it_value = {.tv_sec = (time_t)(duration_ns / NS_PER_S),
                                            .tv_nsec = (long)(duration_ns % NS_PER_S)}};

    wakeup->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (wakeup->timer_fd < 0 || timerfd_settime(wakeup->timer_fd, 0, &after, NULL))
        return -errno;
    return add(wakeup->fd, wakeup->timer_fd, EPOLLIN, WAKEUP_END);
}

int wakeup_open(struct wakeup *ret_wakeup, int output_fd, uint64_t duration_ns)
{
    struct wakeup wakeup = {.fd = epoll_create1(EPOLL_CLOEXEC), .timer_fd = -1};
    int signal_fd, result = 0;

    if (wakeup.fd < 0)
        return -errno;
    if (duration_ns)
        result = add_timer(&wakeup, duration_ns);
    if (!result) {
        result = add(wakeup.fd, output_fd, 0, WAKEUP_NOBODY);
        if (result == -EPERM)
            result = 0; /* a regular file is always read */
    }
    if (!result) {
        signal_fd = signals_open();
        result = signal_fd < 0 ? signal_fd : add(wakeup.fd, signal_fd, EPOLLIN, WAKEUP_RESIZE);
    }
    if (result) {
        wakeup_close(&wakeup);
        return result;
    }
    *ret_wakeup = wakeup;
    return 0;
}

void wakeup_close(struct wakeup *wakeup)
{
    signals_close();
    if (wakeup->timer_fd >= 0)
        close(wakeup->timer_fd);
    close(wakeup->fd);
}

enum wakeup_cause wakeup_check(const struct wakeup *wakeup)
{
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(wakeup->fd, events, EVENTS_MAX, 0);
    enum wakeup_cause most = WAKEUP_NOTHING;

    signals_clear();
    for (int i = 0; i < count; i++)
        if (events[i].data.u32 > most)
            most = events[i].data.u32;
    if (most != WAKEUP_NOBODY && signals_asked_to_end())
        return WAKEUP_END;
    return most == WAKEUP_RESIZE && !signals_take_resize() ? WAKEUP_NOTHING : most;
}
