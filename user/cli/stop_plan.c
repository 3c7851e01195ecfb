// SPDX-License-Identifier: GPL-2.0
#include "user/cli/stop_plan.h"

#include <string.h>

#include "user/model/containers.h"

struct planning {
    const struct stop_facts *facts;
    struct stop_plan *plan;
    const struct holder *holder;
    bool leaving; /* what is ended is known */
};

static bool is_same(const struct stop_step *a, const struct stop_step *b)
{
    if (a->way != b->way || a->leave != b->leave)
        return false;
    if (a->way == STOP_SIGNAL || a->way == STOP_AWAITED)
        return a->process->process->task.pid == b->process->process->task.pid;
    if (a->way == STOP_MANAGED)
        return ending_is_same(&a->ending, &b->ending);
    if (!a->process || !b->process)
        return !a->process && !b->process;
    return a->process->process->task.pid == b->process->process->task.pid;
}

static struct stop_step *find_step(struct stop_plan *plan, const struct stop_step *step)
{
    for (unsigned int i = 0; i < plan->count; i++)
        if (is_same(&plan->steps[i], step))
            return &plan->steps[i];
    return NULL;
}

static unsigned int processes_left(const struct stop_plan *plan)
{
    unsigned int left = 0;

    for (unsigned int i = 0; i < plan->count; i++)
        left += plan->steps[i].way == STOP_LEAVE && plan->steps[i].process;
    return left;
}

/* Others make sockets on a port as they like: those must not keep out what is to be ended. */
static bool fits(const struct stop_plan *plan, const struct stop_step *step)
{
    if (step->way != STOP_LEAVE)
        return stop_plan_ends(plan) < STOP_ENDS_MAX;
    return !step->process || processes_left(plan) < STOP_LEFT_MAX;
}

static void add_step(struct planning *planning, struct stop_step step)
{
    struct stop_plan *plan = planning->plan;
    struct stop_step *same = find_step(plan, &step);

    if ((step.way == STOP_LEAVE) != planning->leaving)
        return;
    step.holder = planning->holder;
    if (!same && !fits(plan, &step)) {
        step.leave = step.way == STOP_LEAVE ? STOP_LEAVE_MORE : STOP_LEAVE_FULL;
        step.way = STOP_LEAVE;
        step.process = NULL;
        same = find_step(plan, &step);
    }
    if (!same)
        plan->steps[plan->count++] = step;
    else if (step.holder->seen.expires_ns > same->holder->seen.expires_ns)
        same->holder = step.holder;
}

static void leave(struct planning *planning, enum stop_leave reason,
                  const struct holder_process *process)
{
    add_step(planning, (struct stop_step){.way = STOP_LEAVE, .leave = reason, .process = process});
}

static bool plan_container(struct planning *planning, const struct holder_process *process)
{
    struct stop_step step = {.way = STOP_MANAGED, .process = process};

    if (!planning->facts->containers ||
        !ending_of_container(process->process, planning->facts->reader_uid, &step.ending))
        return false;
    add_step(planning, step);
    if (ending_tool_of(step.ending.runtime).returns_early)
        add_step(planning, (struct stop_step){.way = STOP_AWAITED, .process = process});
    return true;
}

/* Whether a cgroup is that of the unit that the process is in, or below it. */
static bool is_in_unit_of(struct bytes cgroup, const struct process_facts *process)
{
    struct bytes whole = process->cgroup, unit = ending_unit(process);
    size_t size;

    if (!cgroup.at || !whole.at || !unit.at || unit.at < whole.at ||
        unit.at + unit.size > whole.at + whole.size)
        return false;
    size = (size_t)(unit.at - whole.at) + unit.size;
    return cgroup.size >= size && !memcmp(cgroup.at, whole.at, size) &&
           (cgroup.size == size || cgroup.at[size] == '/');
}

/* Whether to stop the service of the process would end porttrace, and what it was started from. */
static bool is_around(const struct stop_facts *facts, const struct process_facts *process)
{
    struct ending ending;

    return ending_of_unit(process, facts->reader_uid, &ending) &&
           is_in_unit_of(facts->own_cgroup, process);
}

static bool is_of_lineage(const struct stop_facts *facts, uint32_t pid)
{
    for (unsigned int i = 1; i < facts->lineage_count; i++)
        if (facts->lineage[i] == pid)
            return true;
    return false;
}

static bool is_ancestor(const struct stop_facts *facts, const struct process_facts *process)
{
    return !facts->ancestors_too &&
           (is_of_lineage(facts, process->task.pid) || is_around(facts, process));
}

static void plan_unit(struct planning *planning, const struct holder_process *process)
{
    const struct stop_facts *facts = planning->facts;
    struct stop_step step = {.way = STOP_MANAGED, .process = process};

    if (facts->services && ending_of_unit(process->process, facts->reader_uid, &step.ending))
        add_step(planning, step);
}

static bool plan_socket(struct planning *planning, const struct holder_process *process)
{
    const struct stop_facts *facts = planning->facts;
    struct stop_step step = {.way = STOP_MANAGED, .process = process};

    if (!facts->services || !ending_of_socket(planning->holder->published, process->process,
                                              facts->reader_uid, &step.ending))
        return false;
    add_step(planning, step);
    return true;
}

/*
 * Whose containers it hands the port on to. By the program where that is known: the name of a
 * process ends after 15 bytes.
 */
static enum runtime proxy_runtime(const struct holder *holder, const struct process_facts *process)
{
    char comm[sizeof(process->task.comm) + 1] = "";
    enum runtime runtime;

    memcpy(comm, process->task.comm, sizeof(process->task.comm));
    runtime = container_proxy_runtime(comm);
    return runtime == RUNTIME_NONE && holder->published
               ? container_proxy_runtime(holder->published->by)
               : runtime;
}

/* Podman's own service is that of the one container; the others' have all of theirs in one. */
static bool is_in_shared_service(const struct holder *holder, const struct process_facts *process)
{
    enum runtime runtime = proxy_runtime(holder, process);

    return runtime != RUNTIME_NONE && runtime != RUNTIME_PODMAN;
}

/* True: nothing else is to be done for it. */
static bool plan_special(struct planning *planning, const struct holder_process *process)
{
    const struct stop_facts *facts = planning->facts;
    const struct process_facts *seen = process->process;

    if (ending_is_manager(seen)) {
        if (!plan_socket(planning, process))
            leave(planning, STOP_LEAVE_INIT, process);
        return true;
    }
    if (facts->lineage_count && seen->task.pid == facts->lineage[0])
        leave(planning, STOP_LEAVE_SELF, process);
    else if (is_ancestor(facts, seen))
        leave(planning, STOP_LEAVE_ANCESTOR, process);
    else if (proxy_runtime(planning->holder, seen) != RUNTIME_NONE &&
             !stop_plan_has_process(planning->plan, seen))
        leave(planning, STOP_LEAVE_PROXY, process);
    else
        return false;
    return true;
}

static bool plan_published(struct planning *planning)
{
    const struct holder *holder = planning->holder;
    struct stop_step step = {.way = STOP_MANAGED, .process = holder->processes};

    if (!planning->facts->containers || !ending_of_published(holder->published, &step.ending))
        return false;
    add_step(planning, step);
    return true;
}

bool stop_plan_has_process(const struct stop_plan *plan, const struct process_facts *process)
{
    for (unsigned int i = 0; i < plan->count; i++) {
        const struct stop_step *step = &plan->steps[i];

        if (step->way == STOP_LEAVE || !step->process)
            continue;
        if (step->process->process->task.pid == process->task.pid ||
            (step->way == STOP_MANAGED && step->ending.way == ENDING_UNIT &&
             is_in_unit_of(process->cgroup, step->process->process)))
            return true;
    }
    return false;
}

static void plan_process(struct planning *planning, const struct holder_process *process)
{
    if (plan_special(planning, process) ||
        stop_plan_has_process(planning->plan, process->process) ||
        plan_container(planning, process))
        return;
    add_step(planning, (struct stop_step){.way = STOP_SIGNAL, .process = process});
}

static bool may_stop_service_of(const struct planning *planning,
                                const struct process_facts *process)
{
    const struct stop_facts *facts = planning->facts;

    return !ending_is_manager(process) && !is_in_shared_service(planning->holder, process) &&
           !is_of_lineage(facts, process->task.pid) &&
           (facts->ancestors_too || !is_around(facts, process));
}

static void plan_processes(struct planning *planning)
{
    const struct holder *holder = planning->holder;

    if (plan_published(planning))
        return;
    /* A unit that is stopped ends all its processes, so that comes first. */
    for (unsigned int i = 0; i < holder->process_count; i++)
        if (may_stop_service_of(planning, holder->processes[i].process))
            plan_unit(planning, &holder->processes[i]);
    for (unsigned int i = 0; i < holder->process_count; i++)
        plan_process(planning, &holder->processes[i]);
}

static void plan_rule(struct planning *planning)
{
    if (!plan_published(planning))
        leave(planning, STOP_LEAVE_RULE, NULL);
}

static void plan_holder(struct planning *planning, const struct role_context *context)
{
    const struct pt_holder *seen = &planning->holder->seen;
    enum role role = role_of(seen, context);

    if (seen->flags & PT_HOLDER_KERNEL)
        leave(planning, STOP_LEAVE_KERNEL, NULL);
    else if (role == ROLE_RULE)
        plan_rule(planning);
    else if (role == ROLE_TIME_WAIT)
        leave(planning, STOP_LEAVE_TIME_WAIT, NULL);
    else if (!planning->holder->process_count)
        leave(planning,
              seen->flags & PT_HOLDER_ORPHAN || !seen->socket.inode ? STOP_LEAVE_NOBODY
                                                                    : STOP_LEAVE_UNSEEN,
              NULL);
    else if (role_is_holder(seen, context))
        plan_processes(planning);
    else if (role != ROLE_SERVED)
        leave(planning, STOP_LEAVE_CLIENT, planning->holder->processes);
    else if (!stop_plan_has_process(planning->plan, planning->holder->processes->process))
        leave(planning, STOP_LEAVE_SERVED, planning->holder->processes);
}

static void plan_holders(struct planning *planning, const struct holders *holders)
{
    const struct holder_list list = holder_list_of(holders);
    struct role_listened listened = {0};

    for (unsigned int i = 0; i < holders->count; i++) {
        struct role_context context = {.range_low = planning->facts->range_low,
                                       .range_high = planning->facts->range_high,
                                       .listened = role_is_listened_next(&listened, &list, i)};

        planning->holder = &holders->at[i];
        plan_holder(planning, &context);
    }
}

void stop_plan_make(const struct holders *holders, const struct stop_facts *facts,
                    struct stop_plan *ret_plan)
{
    struct planning planning = {.facts = facts, .plan = ret_plan};

    ret_plan->count = 0;
    plan_holders(&planning, holders);
    planning.leaving = true;
    plan_holders(&planning, holders);
}

unsigned int stop_plan_ends(const struct stop_plan *plan)
{
    unsigned int ends = 0;

    for (unsigned int i = 0; i < plan->count; i++)
        ends += plan->steps[i].way != STOP_LEAVE;
    return ends;
}

bool stop_plan_leaves(const struct stop_plan *plan, enum stop_leave reason)
{
    for (unsigned int i = 0; i < plan->count; i++)
        if (plan->steps[i].way == STOP_LEAVE && plan->steps[i].leave == reason)
            return true;
    return false;
}
