/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is given up once the hooks are in place. Reading the ring takes no privilege; looking up who
 * is in the way takes some, and only those are kept.
 */
#ifndef PORTTRACE_CLI_CONFINE_H
#define PORTTRACE_CLI_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The capabilities that are still needed, a bit each. lookups: sockets, net namespaces and
 * processes are looked at after refusals. signals: signals are passed on to processes of other
 * users. Pure.
 */
uint64_t confine_needed(bool lookups, bool signals);

/*
 * Gives up all other capabilities for good, in this thread and in those and the programs that it
 * starts from now on. 0 or negative errno.
 */
int confine_to(uint64_t capabilities);

#endif
