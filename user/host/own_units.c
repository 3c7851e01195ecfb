// SPDX-License-Identifier: GPL-2.0
#include "user/host/own_units.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/host/port_proxy.h"
#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/containers.h"
#include "user/model/ending.h"

#define UNITS_MOST 256 /* for each a program is run */
#define INIT_PID   1
#define MONITOR    "conmon"

/* A service, and its main process. */
struct unit {
    struct ending service;
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

static bool is_proxy_of_podman(const struct process_facts *process)
{
    const char *proxy = port_proxy_name(process);

    return proxy && container_proxy_runtime(proxy) == RUNTIME_PODMAN;
}

static bool find_service(const struct process_facts *process, struct ending *ret_service)
{
    return (process->cgroup_facts.runtime == RUNTIME_NONE || is_in_container_of(process)) &&
           ending_service_around(process, getuid(), ret_service);
}

/* 0: it is not known. */
static uint32_t group_of(uint32_t pid, struct process_stat *ret_stat)
{
    return pid <= INIT_PID || process_stat_read(pid, ret_stat) ? 0 : ret_stat->group;
}

/* A user can halt the own service manager. */
static bool is_silent(const struct units *units, const struct ending *service)
{
    for (unsigned int i = 0; i < units->count; i++)
        if (units->at[i].unanswered && ending_has_same_manager(&units->at[i].service, service))
            return true;
    return false;
}

static void ask(struct unit *unit)
{
    struct process_stat stat;
    uint32_t pid;

    unit->unanswered = service_manager_main_pid(&unit->service, &pid) == -ETIMEDOUT;
    unit->group = group_of(pid, &stat);
    unit->is_monitor = unit->group && !strcmp(stat.comm, MONITOR);
}

/* NULL: it cannot be asked for any more. */
static const struct unit *find_unit(struct units *units, const struct process_facts *process)
{
    struct ending service;
    struct unit *unit;

    if (!find_service(process, &service))
        return NULL;
    for (unsigned int i = 0; i < units->count; i++)
        if (ending_is_same(&units->at[i].service, &service))
            return &units->at[i];
    if (units->count == UNITS_MOST || is_silent(units, &service))
        return NULL;
    unit = &units->at[units->count++];
    *unit = (struct unit){.service = service};
    ask(unit);
    return unit;
}

static bool is_own(const struct unit *unit, const struct process_facts *process)
{
    struct process_stat stat;

    if (!unit->group)
        return false;
    if (is_in_container_of(process) || is_proxy_of_podman(process))
        return unit->is_monitor;
    return group_of(process->task.pid, &stat) == unit->group;
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
