/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends a process that has a socket, and surely no other: it is held by a descriptor (pidfd) before
 * it is looked at, so that a number that is used again cannot be mistaken for it. Does I/O.
 */
#ifndef PORTTRACE_HOST_END_PROCESS_H
#define PORTTRACE_HOST_END_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/observation.h"

/*
 * A descriptor of the process, if it is the one that started then and still has the socket. -ESRCH:
 * it is gone, or the number is another's; -ENOENT: it has the socket no more; -EXDEV: in /proc the
 * number is another's than here; or other negative errno, as where it may not be looked at.
 */
int end_process_open(const struct pt_task *task, uint64_t socket_inode);

/* 0 or negative errno; -ESRCH: it has ended. */
int end_process_signal(int pidfd, int signal);

/* Whether it ended within that time. */
bool end_process_wait(int pidfd, uint64_t limit_ns);

#endif
