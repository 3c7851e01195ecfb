// SPDX-License-Identifier: GPL-2.0
#include "user/model/ending.h"

#include <ctype.h>
#include <string.h>

#include "user/model/containers.h"
#include "user/model/sanitize.h"
#include "user/model/unit_name.h"
#include "user/model/user_manager.h"

#define INIT_PID  1
#define INIT_UNIT "init.scope" /* of each manager, the users' too */
#define SERVICE   ".service"
#define SOCKET    ".socket"
#define MANAGER   "user@"

_Static_assert(CONTAINER_MACHINE_SIZE <= ENDING_NAME_SIZE, "the name of a machine fits");

struct ending_tool ending_tool_of(enum runtime runtime)
{
    static const struct ending_tool tools[] = {
        [RUNTIME_DOCKER] = {"docker", "stop", false},
        [RUNTIME_PODMAN] = {"podman", "stop", false},
        [RUNTIME_CONTAINERD] = {NULL, NULL, false},
        [RUNTIME_CONTAINERD_CRI] = {"crictl", "stop", false},
        [RUNTIME_CONTAINERD_NERDCTL] = {"nerdctl", "stop", false},
        [RUNTIME_CRIO] = {"crictl", "stop", false},
        [RUNTIME_LXC] = {"lxc-stop", "-n", false},
        [RUNTIME_SYSTEMD_NSPAWN] = {"machinectl", "poweroff", true},
        [RUNTIME_UNKNOWN] = {NULL, NULL, false},
    };

    return tools[runtime];
}

/* What is handed to a program must not be taken for an option, nor hold anything unheard of. */
static bool is_name(struct bytes name)
{
    if (!name.at || !name.size || name.size >= ENDING_NAME_SIZE || name.truncated ||
        name.at[0] == '-' || name.at[0] == '.')
        return false;
    for (uint32_t i = 0; i < name.size; i++)
        if (!isalnum((unsigned char)name.at[i]) && (!name.at[i] || !strchr(":_.@\\-", name.at[i])))
            return false;
    return true;
}

static bool is_unit(struct bytes name, const char *kind)
{
    return is_name(name) && unit_name_is(name, kind);
}

static bool set_name(struct ending *ending, struct bytes name)
{
    if (!is_name(name))
        return false;
    memcpy(ending->name, name.at, name.size);
    ending->name[name.size] = '\0';
    return true;
}

static bool set_service(struct ending *ending, struct bytes unit)
{
    return is_unit(unit, SERVICE) && set_name(ending, unit) &&
           strncmp(ending->name, MANAGER, strlen(MANAGER)) != 0;
}

struct bytes ending_next_socket(struct bytes *left)
{
    const char *blank = left->size ? memchr(left->at, ' ', left->size) : NULL;
    struct bytes first = {left->at, blank ? (uint32_t)(blank - left->at) : left->size, false};

    left->at += first.size + (blank != NULL);
    left->size -= first.size + (blank != NULL);
    return first;
}

static bool set_sockets(struct ending *ending, struct bytes sockets)
{
    ending->sockets = sockets;
    while (sockets.size)
        if (!is_unit(ending_next_socket(&sockets), SOCKET))
            return false;
    return ending->sockets.size > 0;
}

static void set_manager(struct ending *ending, struct bytes cgroup, uint32_t reader_uid)
{
    struct user_manager manager;

    ending->of_user = user_manager_of(cgroup, &manager);
    ending->uid = ending->of_user ? manager.uid : 0;
    ending->is_own = ending->of_user && ending->uid == reader_uid;
}

bool ending_of_published(const struct holder_published *published, struct ending *ret_ending)
{
    *ret_ending = (struct ending){.way = ENDING_CONTAINER, .runtime = RUNTIME_DOCKER};
    return published && set_name(ret_ending, published->container);
}

/* Podman has no daemon that would have to be found: it is only to be run as the user. */
static bool set_podman_of_user(struct ending *ending, const struct process_facts *process,
                               uint32_t reader_uid)
{
    set_manager(ending, process->cgroup, reader_uid);
    return ending->of_user && process->cgroup_facts.container_is_of_user &&
           ending->runtime == RUNTIME_PODMAN;
}

bool ending_of_container(const struct process_facts *process, uint32_t reader_uid,
                         struct ending *ret_ending)
{
    const struct cgroup_facts *facts = &process->cgroup_facts;

    *ret_ending = (struct ending){.way = ENDING_CONTAINER, .runtime = facts->runtime};
    if (!facts->container_is_trusted && !set_podman_of_user(ret_ending, process, reader_uid))
        return false;
    /* Those of a pod are started again by its kubelet, whoever stops them. */
    if (facts->pod_id.at || !ending_tool_of(facts->runtime).program)
        return false;
    if (facts->runtime == RUNTIME_SYSTEMD_NSPAWN)
        return container_machine_name(facts->container_id, ret_ending->name);
    return set_name(ret_ending, facts->container_id);
}

struct bytes ending_unit(const struct process_facts *process)
{
    const struct cgroup_facts *facts = &process->cgroup_facts;

    return facts->unit_of_user.at ? facts->unit_of_user : facts->unit;
}

bool ending_service_around(const struct process_facts *process, uint32_t reader_uid,
                           struct ending *ret_ending)
{
    *ret_ending = (struct ending){.way = ENDING_UNIT};
    set_manager(ret_ending, process->cgroup, reader_uid);
    return !process->cgroup_facts.container_is_trusted &&
           set_service(ret_ending, ending_unit(process));
}

bool ending_of_unit(const struct process_facts *process, uint32_t reader_uid,
                    struct ending *ret_ending)
{
    return ending_service_around(process, reader_uid, ret_ending) && process->unit_is_own;
}

bool ending_of_socket(const struct holder_published *published, const struct process_facts *manager,
                      uint32_t reader_uid, struct ending *ret_ending)
{
    *ret_ending = (struct ending){.way = ENDING_SOCKET};
    set_manager(ret_ending, manager->cgroup, reader_uid);
    return published && set_service(ret_ending, published->unit) &&
           set_sockets(ret_ending, published->sockets);
}

bool ending_has_same_manager(const struct ending *a, const struct ending *b)
{
    return a->of_user == b->of_user && a->uid == b->uid;
}

bool ending_is_same(const struct ending *a, const struct ending *b)
{
    return a->way == b->way && ending_has_same_manager(a, b) && a->runtime == b->runtime &&
           !strcmp(a->name, b->name);
}

/* Root has a manager of its own too, which knows nothing of another user's units. */
static void add_manager(struct strbuf *out, const struct ending *ending)
{
    if (ending->of_user)
        strbuf_puts(out, " --user");
    if (ending_is_of_other(ending))
        strbuf_printf(out, " -M %u@.host", ending->uid);
}

/* As the user that it is of: to root, and others, podman shows other containers. */
static void add_tool(struct strbuf *out, const struct ending *ending)
{
    const struct ending_tool tool = ending_tool_of(ending->runtime);

    if (ending_is_of_other(ending)) {
        strbuf_puts(out, "systemd-run");
        add_manager(out, ending);
        strbuf_puts(out, " --pipe --wait ");
    }
    strbuf_printf(out, "%s %s", tool.program, tool.verb);
}

/* Names of units hold \x2d and such. */
static void add_name(struct strbuf *out, struct bytes name)
{
    strbuf_putc(out, ' ');
    sanitize_add_quoted(out, name.at, name.size);
}

bool ending_is_of_other(const struct ending *ending)
{
    return ending->of_user && !ending->is_own;
}

void ending_add_command(struct strbuf *out, const struct ending *ending)
{
    struct bytes sockets = ending->sockets;

    if (ending->way == ENDING_CONTAINER) {
        add_tool(out, ending);
    } else {
        strbuf_puts(out, "systemctl");
        add_manager(out, ending);
        strbuf_puts(out, " stop");
    }
    /* A socket unit starts the service again, so it is what has to be stopped as well. */
    while (sockets.size)
        add_name(out, ending_next_socket(&sockets));
    add_name(out, (struct bytes){ending->name, (uint32_t)strlen(ending->name), false});
}

bool ending_is_manager(const struct process_facts *process)
{
    struct bytes unit = process->cgroup_facts.unit;

    return process->task.pid <= INIT_PID ||
           (process->cgroup_facts.runtime == RUNTIME_NONE && unit.at &&
            unit.size == strlen(INIT_UNIT) && !memcmp(unit.at, INIT_UNIT, unit.size));
}
