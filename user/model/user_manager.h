/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_MODEL_USER_MANAGER_H
#define PORTTRACE_MODEL_USER_MANAGER_H

#include "user/model/observation.h"

/*
 * Whether a cgroup is one of those that the systemd of a user has made, not that of the host:
 * .../user@1000.service/app.slice/web.service. Pure.
 */
bool user_manager_of(struct bytes cgroup, uint32_t *ret_uid);

#endif
