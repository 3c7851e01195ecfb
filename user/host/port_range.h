/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_HOST_PORT_RANGE_H
#define PORTTRACE_HOST_PORT_RANGE_H

#include <sys/types.h>

#include "user/model/ports.h"

/*
 * From which a net namespace chooses ports (ip_local_port_range), 0 0: not known. The process may
 * be in it; 0: none is named. Does I/O.
 */
struct port_range port_range_of(uint32_t netns, pid_t pid);

#endif
