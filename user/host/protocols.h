/* SPDX-License-Identifier: GPL-2.0 */
/* Which protocols this kernel has. Does I/O. */
#ifndef PORTTRACE_HOST_PROTOCOLS_H
#define PORTTRACE_HOST_PROTOCOLS_H

#include <stdbool.h>
#include <stdint.h>

/* Not there now; a module may be loaded for its first socket. False also where it is not known. */
bool protocol_is_missing(uint16_t protocol);

#endif
