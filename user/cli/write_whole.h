/* SPDX-License-Identifier: GPL-2.0 */
/* Writes that are not done before all is written, and that leave nothing half of it in a file. */
#ifndef PORTTRACE_CLI_WRITE_WHOLE_H
#define PORTTRACE_CLI_WRITE_WHOLE_H

#include <stddef.h>
#include <sys/types.h>

/* How many of these bytes are whole lines, or whole records. */
typedef size_t whole_fn(const char *at, size_t size);

size_t whole_lines(const char *at, size_t size);

/*
 * Waits for a reader that is slow, and goes on after a signal. 0, or negative errno: a regular file
 * then ends with what is whole of it.
 */
int write_whole(int fd, const char *at, size_t size, whole_fn *whole);

/* These bytes go from a regular file, if nobody has written to it since it ended here with them. */
void write_take_back(int fd, off_t end, size_t size);

#endif
