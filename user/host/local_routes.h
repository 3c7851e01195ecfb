/* SPDX-License-Identifier: GPL-2.0 */
/* Which route of a table an IPv4 address falls under. */
#ifndef PORTTRACE_HOST_LOCAL_ROUTES_H
#define PORTTRACE_HOST_LOCAL_ROUTES_H

#include <netinet/in.h>
#include <stdint.h>

struct local_route {
    int prefix;      /* bits; -1: there is no route for it */
    uint8_t type;    /* RTN_LOCAL, ... */
    int32_t ifindex; /* 0 not known */
};

/* fd is rtnetlink_open()'s. 0, -ENOENT: there is no such table, or other negative errno. Does I/O.
 */
int local_routes_find(int fd, uint32_t table, struct in_addr address,
                      struct local_route *ret_route);

/*
 * Takes one more route in the order of the table: of two of the same length the first one counts.
 * destination NULL: it has none. Pure.
 */
void local_routes_weigh(struct in_addr address, const struct in_addr *destination,
                        const struct local_route *route, struct local_route *best);

#endif
