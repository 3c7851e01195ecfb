/* SPDX-License-Identifier: GPL-2.0 */
/* Just enough io_uring, by raw system calls. */
#ifndef TESTS_KERNEL_URING_H
#define TESTS_KERNEL_URING_H

#include <stdbool.h>
#include <sys/socket.h>

/* The opcodes of <linux/io_uring.h> from 6.11 on, which Debian 12's does not have. */
#define URING_OP_CONNECT 16
#define URING_OP_BIND    56
#define URING_OP_LISTEN  57

/*
 * 0, or negative errno: what the request ended with. asynchronous: it is handed to a worker thread
 * at once.
 */
int uring_bind(int fd, const void *address, socklen_t size, bool asynchronous);
int uring_listen(int fd, int backlog, bool asynchronous);
int uring_connect(int fd, const void *address, socklen_t size, bool asynchronous);

/* Submits all at once. Negative errno, or 0 and what each of them ended with. */
int uring_bind_together(const int *fds, const struct sockaddr_storage *addresses, socklen_t size,
                        unsigned int count, int *ret_results);

/* Does not wait for the end. */
int uring_connect_begin(int fd, const void *address, socklen_t size);
int uring_cancel(void); /* what the connect ended with */

/* 0, or negative errno: -EOPNOTSUPP where io_uring is there and this operation is not. */
int uring_probe(unsigned int opcode);

#endif
