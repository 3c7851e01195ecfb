/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_PRIORITY_H
#define PORTTRACE_CLI_PRIORITY_H

/*
 * Whoever reads the ring has to get a processor in time, also where processes are started by the
 * thousand: among 400 that want to run on each, it would have to wait for a second. Nothing is done
 * where nice is set already, or where that may not be.
 */
void priority_raise(void);

#endif
