/* SPDX-License-Identifier: GPL-2.0 */
/* Net namespaces by inode number, and work done inside of them. Does I/O. */
#ifndef PORTTRACE_HOST_NETNS_H
#define PORTTRACE_HOST_NETNS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

uint32_t netns_here(void); /* of the calling thread; 0 not known */

/*
 * A descriptor of the net namespace of this inode: by the process if it is in it (0: none is
 * named), else by any other one that is, or a name that ip netns gave. -ESRCH: none was found, or
 * other negative errno.
 */
int netns_open(uint32_t inode, pid_t pid);

bool netns_has_process(uint32_t inode, pid_t pid);
pid_t netns_find_process(uint32_t inode); /* 0: none was found */

/*
 * What run() returns, called in a thread that is in the namespace; the caller's thread stays where
 * it is. Negative errno where it could not be entered: -EPERM without privileges.
 */
int netns_run(int fd, int (*run)(void *context), void *context);

#endif
