// SPDX-License-Identifier: GPL-2.0
#include "user/model/user_manager.h"

#include <string.h>

#define MANAGER "/user@"
#define BELOW   ".service/"

bool user_manager_of(struct bytes cgroup, uint32_t *ret_uid)
{
    const char *at = cgroup.at ? memmem(cgroup.at, cgroup.size, MANAGER, strlen(MANAGER)) : NULL;
    const char *end, *digits;
    uint64_t uid = 0;

    if (!at)
        return false;
    end = cgroup.at + cgroup.size;
    digits = at += strlen(MANAGER);
    for (; at < end && *at >= '0' && *at <= '9' && uid <= UINT32_MAX; at++)
        uid = uid * 10 + (uint64_t)(*at - '0');
    if (at == digits || uid >= UINT32_MAX || (size_t)(end - at) <= strlen(BELOW) ||
        memcmp(at, BELOW, strlen(BELOW)) != 0)
        return false;
    *ret_uid = (uint32_t)uid;
    return true;
}
