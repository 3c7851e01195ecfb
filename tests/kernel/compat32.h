/* SPDX-License-Identifier: GPL-2.0 */
/* System calls as a 32-bit program makes them, which take other ways through the kernel. */
#ifndef TESTS_KERNEL_COMPAT32_H
#define TESTS_KERNEL_COMPAT32_H

#include <sys/socket.h>

/* Negative errno, or what the call returned. */
int compat32_bind(int fd, const struct sockaddr *address, int size);
int compat32_listen(int fd, int backlog);

int compat32_probe(void); /* 0, or a positive errno where the kernel has no such calls */

#endif
