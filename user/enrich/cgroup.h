/* SPDX-License-Identifier: GPL-2.0 */
/* Which systemd unit, container and Kubernetes pod the path of a cgroup stands for. Pure. */
#ifndef PORTTRACE_ENRICH_CGROUP_H
#define PORTTRACE_ENRICH_CGROUP_H

#include "user/model/observation.h"

struct cgroup_facts cgroup_parse(struct bytes path);

#endif
