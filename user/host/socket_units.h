/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that systemd listens on for a service. Pure. */
#ifndef PORTTRACE_HOST_SOCKET_UNITS_H
#define PORTTRACE_HOST_SOCKET_UNITS_H

#include <linux/types.h>
#include <stdbool.h>

#include "user/model/observation.h"
#include "user/model/strbuf.h"

/*
 * The unit that is started for the socket of this type and endpoint, from what systemctl
 * list-sockets --show-types prints. False: none is named.
 */
bool socket_units_find(const char *list, uint16_t type, const struct pt_endpoint *local,
                       struct bytes *ret_unit);

/* All socket units that the list has for that unit, a blank between them; out is empty before. */
void socket_units_of(const char *list, struct bytes unit, struct strbuf *out);

#endif
