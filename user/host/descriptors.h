/* SPDX-License-Identifier: GPL-2.0 */
/* The descriptors of sockets as /proc shows them, of those processes that may be read. */
#ifndef PORTTRACE_HOST_DESCRIPTORS_H
#define PORTTRACE_HOST_DESCRIPTORS_H

#include <stdint.h>

/* Return of the callback: 0 go on, else stop and return that. */
typedef int descriptors_fn(void *context, uint32_t pid, int fd, uint64_t inode);

/* *ret_hidden: processes that may not be read. 0 or negative errno. */
int descriptors_walk(const char *proc_root, descriptors_fn *on_socket, void *context,
                     unsigned int *ret_hidden);

#endif
