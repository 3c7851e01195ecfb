/* SPDX-License-Identifier: GPL-2.0 */
/* What it takes to look at the sockets of a host at all. */
#ifndef PORTTRACE_CLI_HOST_CHECK_H
#define PORTTRACE_CLI_HOST_CHECK_H

#include <stdbool.h>

#define PROC_MISSING "/proc is not mounted: mount -t proc proc /proc"

bool host_has_proc(void);

/* STATUS_DONE; or else what is missing was complained of. */
int host_check(void);

/* The same, where processes are to be ended by their number in /proc. */
int host_check_numbers(void);

#endif
