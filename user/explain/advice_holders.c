// SPDX-License-Identifier: GPL-2.0
/* How to be rid of the sockets in the way: never the kernel's, never pid 1, never the asker. */
#include "user/explain/inquiry.h"

#include <string.h>

#include "user/explain/socket_words.h"
#include "user/model/containers.h"
#include "user/model/ending.h"

#define INIT_PID  1
#define PIDS_MAX  16
#define STOPS_MAX 3

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
        if (ending_is_manager(holder->processes[i].process) || count == PIDS_MAX ||
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

static const struct process_facts *manager_of(const struct holder *holder)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (ending_is_manager(holder->processes[i].process))
            return holder->processes[i].process;
    }
    return NULL;
}

/* False: nothing but a signal ends it, if that may be sent. */
static bool find_ending(const struct inquiry *inquiry, const struct holder *holder,
                        struct ending *ret_ending)
{
    const struct process_facts *manager = manager_of(holder);
    uint32_t reader_uid = inquiry->facts->reader_uid;

    if (manager && ending_of_socket(holder->published, manager, reader_uid, ret_ending))
        return true;
    if (manager && manager->task.pid <= INIT_PID)
        return false;
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;

        if (ending_of_container(process, reader_uid, ret_ending) ||
            ending_of_unit(process, reader_uid, ret_ending))
            return true;
    }
    return false;
}

static bool has_own_service(const struct holder *holder)
{
    for (unsigned int i = 0; i < holder->process_count; i++)
        if (holder->processes[i].process->unit_is_own)
            return true;
    return false;
}

/*
 * A proxy is in the service of its runtime, with those of all other containers: neither is to be
 * ended for one port. But podman can have been started for the one container alone.
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
        if (has_own_service(holder))
            return false;
        strbuf_puts(help, "podman ps (the container that has the port: podman stop NAME)");
        return true;
    default:
        return false;
    }
}

/* What ends all of a cgroup would end the caller as well. */
static bool is_in_callers_cgroup(const struct inquiry *inquiry, const struct pt_task *task)
{
    return task->cgroup_id == inquiry->seen->process.task.cgroup_id;
}

/* The caller's own family is no stranger that could be ended for its sake. */
static bool advise_family(struct strbuf *help, const struct inquiry *inquiry,
                          const struct holder *holder)
{
    const struct pt_task *ancestor = kinship_ancestor(inquiry, holder);
    struct ending ending;

    if (ancestor) {
        if (!is_in_callers_cgroup(inquiry, ancestor) && find_ending(inquiry, holder, &ending))
            return false;
        strbuf_puts(help, "let only one of the two processes open the port; a socket that was "
                          "inherited can be used as it is");
    } else if (kinship_of_command(inquiry, holder)) {
        strbuf_puts(help, "the command takes the port twice: let only one of its processes take "
                          "it, or end the first before the second starts");
    } else {
        return false;
    }
    return true;
}

static bool stop(struct strbuf *help, const struct inquiry *inquiry, const struct holder *holder)
{
    struct ending ending;

    if (holder->seen.flags & PT_HOLDER_KERNEL || holder->seen.socket.state == WORDS_TIME_WAIT ||
        holder_is_callers(holder, inquiry->seen))
        return false;
    if (advise_family(help, inquiry, holder))
        return true;
    if (holder->seen.gone_ns)
        return false;
    if (ending_of_published(holder->published, &ending)) {
        ending_add_command(help, &ending);
        return true;
    }
    if (find_container(help, holder))
        return true;
    if (find_ending(inquiry, holder, &ending)) {
        ending_add_command(help, &ending);
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
