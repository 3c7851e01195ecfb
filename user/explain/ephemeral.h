/* SPDX-License-Identifier: GPL-2.0 */
/* The range that the kernel chooses a port from, for one socket, and who uses it up. Pure. */
#ifndef PORTTRACE_EXPLAIN_EPHEMERAL_H
#define PORTTRACE_EXPLAIN_EPHEMERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "user/explain/facts.h"
#include "user/model/holder_list.h"

/* The range that this socket has. False: not known. */
bool ephemeral_range(const struct observation *seen, const struct facts *facts, uint16_t *ret_low,
                     uint16_t *ret_high);
/* How many ports of it are known to be in ip_local_reserved_ports, and whether all are. */
unsigned int ephemeral_reserved(const struct observation *seen, const struct facts *facts);
bool ephemeral_is_reserved(const struct observation *seen, const struct facts *facts);

/* Whether the call may have failed because no port of it could be had. */
bool ephemeral_may_be_short(const struct observation *seen);

/* Which ports of it were in the way of such a call. The list has all sockets there are, by port. */
void ephemeral_count(const struct observation *seen, const struct facts *facts,
                     const struct holder_list *holders, struct ephemeral_use *ret_use);

#endif
