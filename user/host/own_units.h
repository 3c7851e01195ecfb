/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose the service is that a process is in. Who logs in by ssh, or has a job of cron, starts
 * processes inside of a service that serves others too: it must not be stopped for one of them.
 * Does I/O.
 */
#ifndef PORTTRACE_HOST_OWN_UNITS_H
#define PORTTRACE_HOST_OWN_UNITS_H

#include "user/model/observation.h"

/*
 * Fills in .unit_is_own of processes that are described: those in the process group of the main
 * process, and, where the main process watches over a container for podman, those in that
 * container and the proxy that has its ports. A service may have no main process, and nothing can
 * be known of what has ended meanwhile. Each service is asked about once, and none any more of a
 * manager that does not answer.
 */
void own_units_tell(struct process_facts *processes, unsigned int count);

#endif
