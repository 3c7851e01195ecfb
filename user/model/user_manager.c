// SPDX-License-Identifier: GPL-2.0
#include "user/model/user_manager.h"

#include <string.h>

#include "user/model/unit_name.h"

#define SLICE   ".slice"
#define MANAGER "user@"
#define SERVICE ".service"

/* Takes the first off a path that begins with a slash. False: there is none. */
static bool take_name(struct bytes *path, struct bytes *ret_name)
{
    const char *slash;

    if (!path->size || path->at[0] != '/')
        return false;
    *ret_name = (struct bytes){.at = path->at + 1, .size = path->size - 1};
    slash = memchr(ret_name->at, '/', ret_name->size);
    if (slash)
        ret_name->size = (uint32_t)(slash - ret_name->at);
    path->at += ret_name->size + 1;
    path->size -= ret_name->size + 1;
    return true;
}

static bool read_uid(struct bytes name, uint32_t *ret_uid)
{
    size_t before = strlen(MANAGER), behind = strlen(SERVICE);
    uint64_t uid = 0;

    if (name.size <= before + behind || memcmp(name.at, MANAGER, before) != 0 ||
        !unit_name_is(name, SERVICE))
        return false;
    for (size_t i = before; i < name.size - behind; i++) {
        if (name.at[i] < '0' || name.at[i] > '9' || uid >= UINT32_MAX)
            return false;
        uid = uid * 10 + (uint64_t)(name.at[i] - '0');
    }
    *ret_uid = (uint32_t)uid;
    return uid < UINT32_MAX;
}

bool user_manager_of(struct bytes cgroup, struct user_manager *ret_manager)
{
    struct bytes name;

    *ret_manager = (struct user_manager){.below = cgroup};
    do
        if (!take_name(&ret_manager->below, &name))
            return false;
    while (unit_name_is(name, SLICE));
    return read_uid(name, &ret_manager->uid) && ret_manager->below.size > 1;
}
