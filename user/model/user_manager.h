/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_MODEL_USER_MANAGER_H
#define PORTTRACE_MODEL_USER_MANAGER_H

#include "user/model/observation.h"

struct user_manager {
    uint32_t uid;
    struct bytes below; /* the rest of the path, as that manager would have it: /app.slice/... */
};

/*
 * Whether a cgroup is one of those that the systemd of a user has made, not that of the host:
 * .../user@1000.service/app.slice/web.service. Only below slices, as all else may be handed over to
 * somebody who makes a user@1000.service of the own. Pure.
 */
bool user_manager_of(struct bytes cgroup, struct user_manager *ret_manager);

#endif
