// SPDX-License-Identifier: GPL-2.0
#include "user/host/own_units.h"

#include <string.h>

#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/user_manager.h"

#define SERVICE    ".service"
#define NAME_SIZE  256
#define UNITS_MOST 16 /* for each a program is run */
#define INIT_PID   1

/* A service, and the process group of its main process. */
struct unit {
    struct bytes name;
    bool of_user;
    uint32_t uid;
    uint32_t group; /* 0: not known, or it has no main process */
};

struct units {
    struct unit at[UNITS_MOST];
    unsigned int count;
};

static bool take_unit(const struct process_facts *process, struct unit *ret_unit)
{
    struct bytes name = process->cgroup_facts.unit;
    size_t size = strlen(SERVICE);

    *ret_unit = (struct unit){.name = name};
    ret_unit->of_user = user_manager_of(process->cgroup, &ret_unit->uid);
    return process->cgroup_facts.runtime == RUNTIME_NONE && name.at && !name.truncated &&
           name.size > size && name.size < NAME_SIZE && name.at[0] != '-' &&
           !memchr(name.at, '\0', name.size) && !memcmp(name.at + name.size - size, SERVICE, size);
}

static uint32_t group_of(uint32_t pid)
{
    struct process_stat stat;

    return pid <= INIT_PID || process_stat_read(pid, &stat) ? 0 : stat.group;
}

static uint32_t ask(const struct unit *unit)
{
    char name[NAME_SIZE] = "";
    const struct service_unit asked = {.name = name, .of_user = unit->of_user, .uid = unit->uid};

    memcpy(name, unit->name.at, unit->name.size);
    return group_of(service_manager_main_pid(&asked));
}

static bool is_same(const struct unit *one, const struct unit *other)
{
    return one->of_user == other->of_user && one->uid == other->uid &&
           one->name.size == other->name.size &&
           !memcmp(one->name.at, other->name.at, one->name.size);
}

static uint32_t main_group(struct units *units, struct unit *unit)
{
    for (unsigned int i = 0; i < units->count; i++)
        if (is_same(&units->at[i], unit))
            return units->at[i].group;
    if (units->count == UNITS_MOST)
        return 0;
    unit->group = ask(unit);
    units->at[units->count++] = *unit;
    return unit->group;
}

void own_units_tell(struct process_facts *processes, unsigned int count)
{
    struct units units = {0};
    struct unit unit;

    if (!service_manager_runs())
        return;
    for (unsigned int i = 0; i < count; i++) {
        uint32_t main = take_unit(&processes[i], &unit) ? main_group(&units, &unit) : 0;

        processes[i].unit_is_own = main && group_of(processes[i].task.pid) == main;
    }
}
