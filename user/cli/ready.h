/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting for a descriptor that another program has made non-blocking: whoever has the other end of
 * a terminal or pipe in common with us shares that flag too.
 */
#ifndef PORTTRACE_CLI_READY_H
#define PORTTRACE_CLI_READY_H

#include <poll.h>

/* POLLIN or POLLOUT. 0 when it can be tried again, also after a signal, or negative errno. */
int ready_wait(int fd, short events);

#endif
