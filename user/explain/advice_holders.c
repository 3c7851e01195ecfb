// SPDX-License-Identifier: GPL-2.0
/* How to be rid of the sockets in the way: never the kernel's, never pid 1, never the asker. */
#include "user/explain/inquiry.h"

#include <string.h>

#include "user/explain/socket_words.h"
#include "user/model/containers.h"
#include "user/model/sanitize.h"
#include "user/model/user_manager.h"

#define INIT_PID  1
#define INIT_UNIT "init.scope" /* of each manager, the users' too */
#define PIDS_MAX  16
#define STOPS_MAX 3

static bool ends_in(struct bytes text, const char *suffix)
{
    size_t size = strlen(suffix);

    return text.at && text.size > size && !memcmp(text.at + text.size - size, suffix, size);
}

static void add_quoted(struct strbuf *help, struct bytes text)
{
    sanitize_add_quoted(help, text.at, text.size);
}

/* Root has a manager of its own too, which knows nothing of the unit. */
static void add_systemctl(struct strbuf *help, const struct inquiry *inquiry,
                          const struct process_facts *process)
{
    uint32_t uid;

    strbuf_puts(help, "systemctl ");
    if (!user_manager_of(process->cgroup, &uid))
        return;
    strbuf_puts(help, "--user ");
    if (uid != inquiry->facts->reader_uid)
        strbuf_printf(help, "-M %u@.host ", uid);
}

static bool stop_unit(struct strbuf *help, const struct inquiry *inquiry,
                      const struct process_facts *process)
{
    struct bytes unit = process->cgroup_facts.unit;

    if (!ends_in(unit, ".service") || unit.truncated || !process->unit_is_own ||
        process->cgroup_facts.runtime != RUNTIME_NONE || !memcmp(unit.at, "user@", 5))
        return false;
    add_systemctl(help, inquiry, process);
    strbuf_puts(help, "stop ");
    add_quoted(help, unit);
    return true;
}

static bool stop_machine(struct strbuf *help, struct bytes machine)
{
    char name[CONTAINER_MACHINE_SIZE];

    if (!container_machine_name(machine, name))
        return false;
    strbuf_printf(help, "machinectl poweroff %s", name);
    return true;
}

static bool stop_container(struct strbuf *help, const struct cgroup_facts *facts)
{
    const char *command;

    if (!facts->container_is_trusted || facts->pod_id.at)
        return false;
    switch (facts->runtime) {
    case RUNTIME_DOCKER:
        command = "docker stop ";
        break;
    case RUNTIME_PODMAN:
        command = "podman stop ";
        break;
    case RUNTIME_CRIO:
        command = "crictl stop ";
        break;
    case RUNTIME_LXC:
        command = "lxc-stop ";
        break;
    case RUNTIME_SYSTEMD_NSPAWN:
        return stop_machine(help, facts->container_id);
    default:
        return false;
    }
    strbuf_puts(help, command);
    add_quoted(help, facts->container_id);
    return true;
}

/* A socket unit starts the service again, so it is what has to be stopped as well. */
static bool stop_socket_unit(struct strbuf *help, const struct holder *holder)
{
    struct bytes unit = {0};

    if (holder->published)
        unit = holder->published->unit;
    if (!unit.at || unit.truncated)
        return false;
    if (ends_in(unit, ".service")) {
        strbuf_puts(help, "systemctl stop $(systemctl show --value -p TriggeredBy ");
        add_quoted(help, unit);
        strbuf_puts(help, ") ");
    } else {
        strbuf_puts(help, "systemctl stop ");
    }
    add_quoted(help, unit);
    return true;
}

static bool pid_is_listed(const uint32_t *pids, unsigned int count, uint32_t pid)
{
    for (unsigned int i = 0; i < count; i++) {
        if (pids[i] == pid)
            return true;
    }
    return false;
}

static const struct process_facts *process_of(const struct holder *holder, uint32_t pid)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (holder->processes[i].process->task.pid == pid)
            return holder->processes[i].process;
    }
    return NULL;
}

static bool same_program(const struct process_facts *one, const struct process_facts *other)
{
    if (one->exe.at && other->exe.at)
        return one->exe.size == other->exe.size &&
               !memcmp(one->exe.at, other->exe.at, one->exe.size);
    return !strncmp(one->task.comm, other->task.comm, sizeof(one->task.comm));
}

/*
 * The one that all others of the same program come from: a server ends its workers when it ends,
 * and starts new ones when they do. 0: there is none.
 */
static uint32_t parent_of_all(const struct holder *holder, const uint32_t *pids, unsigned int count)
{
    uint32_t top = 0;

    for (unsigned int i = 0; i < count; i++) {
        const struct process_facts *process = process_of(holder, pids[i]);
        const struct process_facts *parent = process_of(holder, process->task.parent_pid);

        if (parent && parent != process) {
            if (!same_program(process, parent))
                return 0;
        } else if (top) {
            return 0;
        } else {
            top = pids[i];
        }
    }
    return top;
}

static void add_kill(struct strbuf *help, const struct holder *holder, const uint32_t *pids,
                     unsigned int count)
{
    uint32_t parent = count > 1 ? parent_of_all(holder, pids, count) : 0;

    if (parent) {
        strbuf_printf(help, "kill %u (the parent of the other%s)", parent, count > 2 ? "s" : "");
        return;
    }
    strbuf_puts(help, "kill");
    for (unsigned int i = 0; i < count; i++)
        strbuf_printf(help, " %u", pids[i]);
}

static bool is_manager(const struct process_facts *process)
{
    struct bytes unit = process->cgroup_facts.unit;

    return process->task.pid <= INIT_PID ||
           (process->cgroup_facts.runtime == RUNTIME_NONE && unit.size == sizeof(INIT_UNIT) - 1 &&
            !memcmp(unit.at, INIT_UNIT, unit.size));
}

/* A shared descriptor keeps the port until the last process is gone: all or none. */
static bool kill_processes(struct strbuf *help, const struct inquiry *inquiry,
                           const struct holder *holder)
{
    uint32_t pids[PIDS_MAX];
    unsigned int count = 0;

    for (unsigned int i = 0; i < holder->process_count; i++) {
        uint32_t pid = holder->processes[i].process->task.pid;

        if (pid_is_listed(pids, count, pid))
            continue;
        if (is_manager(holder->processes[i].process) || count == PIDS_MAX ||
            (inquiry->seen->process_known && pid == inquiry->seen->process.task.pid))
            return false;
        pids[count++] = pid;
    }
    if (!holder->process_count && holder->seen.flags & PT_HOLDER_OWNER_KNOWN &&
        !(holder->seen.flags & PT_HOLDER_ORPHAN) && holder->seen.task.pid > INIT_PID &&
        !holder_is_callers(holder, inquiry->seen))
        pids[count++] = holder->seen.task.pid;
    if (!count)
        return false;
    add_kill(help, holder, pids, count);
    return true;
}

static bool init_has_it(const struct holder *holder)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (holder->processes[i].process->task.pid == INIT_PID)
            return true;
    }
    return false;
}

/*
 * A proxy is in the service of its runtime, with those of all other containers: neither is to be
 * ended for one port.
 */
static bool find_container(struct strbuf *help, const struct holder *holder)
{
    if (!holder->published || holder->published->container.at)
        return false;
    switch (container_proxy_runtime(holder->published->by)) {
    case RUNTIME_DOCKER:
        strbuf_printf(help, "docker ps --filter publish=%u (the container: docker stop NAME)",
                      holder->seen.local.port);
        return true;
    case RUNTIME_PODMAN:
        strbuf_puts(help, "podman ps (the container that has the port: podman stop NAME)");
        return true;
    default:
        return false;
    }
}

static bool stop(struct strbuf *help, const struct inquiry *inquiry, const struct holder *holder)
{
    const struct holder_published *published = holder->published;

    if (holder->seen.flags & PT_HOLDER_KERNEL || holder->seen.gone_ns ||
        holder->seen.socket.state == WORDS_TIME_WAIT || holder_is_callers(holder, inquiry->seen))
        return false;
    if (published && published->container.at && !published->container.truncated &&
        strstr(published->by, "docker")) {
        strbuf_puts(help, "docker stop ");
        add_quoted(help, published->container);
        return true;
    }
    if (find_container(help, holder))
        return true;
    if (init_has_it(holder))
        return stop_socket_unit(help, holder);
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;

        if (stop_container(help, &process->cgroup_facts) || stop_unit(help, inquiry, process))
            return true;
    }
    return kill_processes(help, inquiry, holder);
}

static bool is_repeated(const struct explanation *out)
{
    const struct strbuf *last = &out->helps[out->help_count - 1];

    for (unsigned int i = 0; i + 1 < out->help_count; i++) {
        if (out->helps[i].text && last->text && !strcmp(out->helps[i].text, last->text))
            return true;
    }
    return false;
}

void advice_stop(struct inquiry *inquiry)
{
    struct explanation *out = inquiry->out;
    unsigned int stops = 0;

    for (unsigned int i = 0; i < out->holder_count && stops < STOPS_MAX; i++) {
        struct strbuf help = {0};

        if (stop(&help, inquiry, out->holders[i])) {
            strbuf_add(inquiry_help(inquiry), help.text, help.length);
            if (is_repeated(out))
                strbuf_free(&out->helps[--out->help_count]);
            else
                stops++;
        }
        strbuf_free(&help);
    }
}
