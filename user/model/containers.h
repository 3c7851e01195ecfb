/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_MODEL_CONTAINERS_H
#define PORTTRACE_MODEL_CONTAINERS_H

#include "user/model/observation.h"

/* "docker", "cri-o", ...; NULL: not a container, or not known whose. */
const char *container_runtime_name(enum runtime runtime);

#endif
