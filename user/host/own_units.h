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
 * Fills in .unit_is_anothers of processes that are described. Each service is asked about once. Of
 * a process that has ended meanwhile nothing can be known: it counts as a stranger.
 */
void own_units_tell(struct process_facts *processes, unsigned int count);

#endif
