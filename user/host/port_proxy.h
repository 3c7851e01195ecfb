/* SPDX-License-Identifier: GPL-2.0 */
/* Programs that hold a port for a container. Pure. */
#ifndef PORTTRACE_HOST_PORT_PROXY_H
#define PORTTRACE_HOST_PORT_PROXY_H

#include <linux/types.h>
#include <stdbool.h>

#include "user/model/observation.h"

/* "docker-proxy", "rootlesskit", ...; NULL: the process is none of these. */
const char *port_proxy_name(const struct process_facts *process);

/*
 * Anybody can call a program so and give it the address of somebody's container. Docker runs its
 * own as root, outside of every container; only such a one says which container it leads to.
 */
bool port_proxy_is_trusted(const struct process_facts *process);

/* Where a docker-proxy leads, by its arguments. False: they do not tell. */
bool port_proxy_target(struct bytes args, struct pt_endpoint *ret_to);

/*
 * The name of the container that has this address, without the slash, if it is the one that the
 * text of a config.v2.json of Docker is about. False: it is not.
 */
bool port_proxy_container(const char *config, const char *address, struct bytes *ret_name);

#endif
