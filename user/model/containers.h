/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_MODEL_CONTAINERS_H
#define PORTTRACE_MODEL_CONTAINERS_H

#include "user/model/observation.h"

/* "docker", "cri-o", ...; NULL: not a container, or not known whose. */
const char *container_runtime_name(enum runtime runtime);

#define CONTAINER_MACHINE_SIZE 65

/*
 * What machinectl calls the machine that units bear the name of: of "my\x2dbox" it is "my-box".
 * False: no machine is called so. ".host" is this host, which nobody means.
 */
bool container_machine_name(struct bytes in_units, char ret_name[CONTAINER_MACHINE_SIZE]);

/*
 * Whose containers a program of this name hands a port on to: it must not be ended for one of them.
 * RUNTIME_NONE: it is none of these.
 */
enum runtime container_proxy_runtime(const char *program);

#endif
