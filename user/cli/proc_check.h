/* SPDX-License-Identifier: GPL-2.0 */
/* Whoever has the sockets is told by /proc alone. */
#ifndef PORTTRACE_CLI_PROC_CHECK_H
#define PORTTRACE_CLI_PROC_CHECK_H

#include <stdbool.h>

#define PROC_MISSING "/proc is not mounted: mount -t proc proc /proc"

bool proc_is_mounted(void);

/* STATUS_DONE; or else it was complained of. */
int proc_check(void);

#endif
