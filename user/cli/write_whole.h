/* SPDX-License-Identifier: GPL-2.0 */
/* Writes that are not done before all is written. */
#ifndef PORTTRACE_CLI_WRITE_WHOLE_H
#define PORTTRACE_CLI_WRITE_WHOLE_H

#include <stddef.h>

/* Waits for a reader that is slow, and goes on after a signal. 0 or negative errno. */
int write_whole(int fd, const char *at, size_t size);

#endif
