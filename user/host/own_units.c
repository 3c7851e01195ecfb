// SPDX-License-Identifier: GPL-2.0
#include "user/host/own_units.h"

#include <errno.h>
#include <string.h>

#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/user_manager.h"

#define SERVICE    ".service"
#define NAME_SIZE  256
#define UNITS_MOST 256 /* for each a program is run */
#define INIT_PID   1
#define MONITOR    "conmon"

/* A service, and its main process. */
struct unit {
    struct bytes name;
    bool of_user;
    uint32_t uid;
    uint32_t group;  /* 0: not known, or it has no main process */
    bool is_monitor; /* of the one container that the service was started for */
    bool unanswered; /* its manager is silent */
};

struct units {
    struct unit at[UNITS_MOST];
    unsigned int count;
};

/* As podman makes it with --cgroups=split, which is how systemd has it start one: below the
 * service. */
static bool is_in_container_of(const struct process_facts *process)
{
    return process->cgroup_facts.runtime == RUNTIME_PODMAN &&
           !process->cgroup_facts.container_is_trusted;
}

static bool take_unit(const struct process_facts *process, struct unit *ret_unit)
{
    struct bytes name = process->cgroup_facts.unit;
    size_t size = strlen(SERVICE);

    *ret_unit = (struct unit){.name = name};
    ret_unit->of_user = user_manager_of(process->cgroup, &ret_unit->uid);
    return (process->cgroup_facts.runtime == RUNTIME_NONE || is_in_container_of(process)) &&
           name.at && !name.truncated && name.size > size && name.size < NAME_SIZE &&
           name.at[0] != '-' && !memchr(name.at, '\0', name.size) &&
           !memcmp(name.at + name.size - size, SERVICE, size);
}

/* 0: it is not known. */
static uint32_t group_of(uint32_t pid, struct process_stat *ret_stat)
{
    return pid <= INIT_PID || process_stat_read(pid, ret_stat) ? 0 : ret_stat->group;
}

static bool has_same_manager(const struct unit *one, const struct unit *other)
{
    return one->of_user == other->of_user && one->uid == other->uid;
}

/* A user can halt the own service manager. */
static bool is_silent(const struct units *units, const struct unit *unit)
{
    for (unsigned int i = 0; i < units->count; i++)
        if (units->at[i].unanswered && has_same_manager(&units->at[i], unit))
            return true;
    return false;
}

static void ask(struct unit *unit)
{
    char name[NAME_SIZE] = "";
    const struct service_unit asked = {.name = name, .of_user = unit->of_user, .uid = unit->uid};
    struct process_stat stat;
    uint32_t pid;

    memcpy(name, unit->name.at, unit->name.size);
    unit->unanswered = service_manager_main_pid(&asked, &pid) == -ETIMEDOUT;
    unit->group = group_of(pid, &stat);
    unit->is_monitor = unit->group && !strcmp(stat.comm, MONITOR);
}

static bool is_same(const struct unit *one, const struct unit *other)
{
    return has_same_manager(one, other) && one->name.size == other->name.size &&
           !memcmp(one->name.at, other->name.at, one->name.size);
}

/* NULL: it cannot be asked for any more. */
static const struct unit *find_unit(struct units *units, const struct process_facts *process)
{
    struct unit unit;

    if (!take_unit(process, &unit))
        return NULL;
    for (unsigned int i = 0; i < units->count; i++)
        if (is_same(&units->at[i], &unit))
            return &units->at[i];
    if (units->count == UNITS_MOST || is_silent(units, &unit))
        return NULL;
    ask(&unit);
    units->at[units->count] = unit;
    return &units->at[units->count++];
}

static bool is_own(const struct unit *unit, const struct process_facts *process)
{
    struct process_stat stat;

    if (!unit->group)
        return false;
    return is_in_container_of(process) ? unit->is_monitor
                                       : group_of(process->task.pid, &stat) == unit->group;
}

void own_units_tell(struct process_facts *processes, unsigned int count)
{
    struct units units = {0};

    if (!service_manager_runs())
        return;
    for (unsigned int i = 0; i < count; i++) {
        const struct unit *unit = find_unit(&units, &processes[i]);

        processes[i].unit_is_own = unit && is_own(unit, &processes[i]);
    }
}
