/* SPDX-License-Identifier: GPL-2.0 */
/* All that can end or change a trace while it waits for events, behind one descriptor. */
#ifndef PORTTRACE_CLI_WAKEUP_H
#define PORTTRACE_CLI_WAKEUP_H

#include <stdbool.h>
#include <stdint.h>

struct wakeup {
    int fd; /* readable when wakeup_check() has something to say */
    int timer_fd;
};

enum wakeup_cause {
    WAKEUP_NOTHING,
    WAKEUP_RESIZE,
    WAKEUP_END,    /* a signal, or the time is over */
    WAKEUP_NOBODY, /* nobody reads the output any more */
};

/* duration_ns 0: no limit. Negative errno on failure. */
int wakeup_open(struct wakeup *ret_wakeup, int output_fd, uint64_t duration_ns);
void wakeup_close(struct wakeup *wakeup);

/* The most important thing that happened. Does not wait. */
enum wakeup_cause wakeup_check(const struct wakeup *wakeup);

#endif
