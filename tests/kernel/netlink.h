/* SPDX-License-Identifier: GPL-2.0 */
/* The few requests to rtnetlink that scenarios need. All return 0 or negative errno. */
#ifndef TESTS_KERNEL_NETLINK_H
#define TESTS_KERNEL_NETLINK_H

#include <stdint.h>

int link_add(const char *kind, const char *name);
int link_add_vrf(const char *name, uint32_t table);
int link_add_veth(const char *name, const char *peer);
int link_add_vxlan(const char *name, uint16_t port);
int link_enslave(const char *name, const char *master);
int link_up(const char *name);
int link_down(const char *name);
int link_delete(const char *name);
int address_add(const char *name, int family, const char *address, unsigned int prefix);

/* An IPv6 address that can be used at once. */
int address_add_nodad(const char *name, const char *address, unsigned int prefix);
int address_await_route(const char *address); /* over IPv6; -ETIMEDOUT */

int route_add(const char *device, int family, const char *address, unsigned int prefix);
int route_prohibit(int family, const char *address, unsigned int prefix);
int route_blackhole(int family, const char *address, unsigned int prefix);
int route_delete(int family, const char *address, unsigned int prefix);

#endif
