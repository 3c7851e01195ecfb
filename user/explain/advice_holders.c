// SPDX-License-Identifier: GPL-2.0
/* How to be rid of the sockets in the way: never the kernel's, never pid 1, never the asker. */
#include "user/explain/inquiry.h"

#include <string.h>

#include "user/explain/socket_words.h"
#include "user/model/containers.h"
#include "user/model/ending.h"
#include "user/model/endpoint.h"

#define INIT_PID  1
#define PIDS_MAX  16
#define STOPS_MAX 3

/* Processes that nothing but a signal ends. */
struct victims {
    const struct pt_task *tasks[PIDS_MAX];
    struct bytes exes[PIDS_MAX];
    enum term_effect terms[PIDS_MAX];
    unsigned int count;
    bool too_many;
};

static int find_victim(const struct victims *victims, uint32_t pid)
{
    for (unsigned int i = 0; i < victims->count; i++) {
        if (victims->tasks[i]->pid == pid)
            return (int)i;
    }
    return -1;
}

static bool same_program(const struct victims *victims, unsigned int one, unsigned int other)
{
    const struct bytes *exe = &victims->exes[one], *other_exe = &victims->exes[other];

    if (exe->at && other_exe->at)
        return exe->size == other_exe->size && !memcmp(exe->at, other_exe->at, exe->size);
    return !strncmp(victims->tasks[one]->comm, victims->tasks[other]->comm, PT_COMM_SIZE);
}

/*
 * The one that all others of the same program come from: a server ends its workers when it ends,
 * and starts new ones when they do. 0: there is none.
 */
static uint32_t parent_of_all(const struct victims *victims)
{
    uint32_t top = 0;

    for (unsigned int i = 0; i < victims->count; i++) {
        int parent = find_victim(victims, victims->tasks[i]->parent_pid);

        if (parent >= 0 && (unsigned int)parent != i) {
            if (!same_program(victims, i, (unsigned int)parent))
                return 0;
        } else if (top) {
            return 0;
        } else {
            top = victims->tasks[i]->pid;
        }
    }
    return top;
}

static void add_pids(struct strbuf *help, const struct victims *victims, uint32_t parent)
{
    if (parent)
        strbuf_printf(help, " %u", parent);
    for (unsigned int i = 0; i < victims->count && !parent; i++)
        strbuf_printf(help, " %u", victims->tasks[i]->pid);
}

/* Of those that get the signal. */
static bool any_is(const struct victims *victims, uint32_t parent, enum term_effect effect)
{
    for (unsigned int i = 0; i < victims->count; i++)
        if (victims->terms[i] == effect && (!parent || victims->tasks[i]->pid == parent))
            return true;
    return false;
}

static void add_kill(struct strbuf *help, const struct victims *victims, bool pids_elsewhere)
{
    uint32_t parent = victims->count > 1 ? parent_of_all(victims) : 0;
    bool ignored = any_is(victims, parent, TERM_IGNORED);
    bool waits = !ignored && any_is(victims, parent, TERM_WAITS);
    bool one = parent || victims->count == 1;

    strbuf_puts(help, pids_elsewhere ? "end" : ignored ? "kill -9" : "kill");
    add_pids(help, victims, parent);
    if (waits && !pids_elsewhere) {
        strbuf_puts(help, " && kill -CONT");
        add_pids(help, victims, parent);
    }
    if (parent)
        strbuf_printf(help, " (the parent of the other%s)", victims->count > 2 ? "s" : "");
    if (ignored && !pids_elsewhere)
        strbuf_printf(help, " (%s SIGTERM)", one ? "it ignores" : "one ignores");
    if (waits && !pids_elsewhere)
        strbuf_printf(help, " (%s stopped)", one ? "it is" : "one is");
    if (pids_elsewhere)
        strbuf_puts(help, " from outside of this pid namespace: in it such a number is another "
                          "process");
}

static void add_victim(struct victims *victims, const struct pt_task *task, struct bytes exe,
                       enum term_effect term)
{
    if (find_victim(victims, task->pid) >= 0)
        return;
    if (victims->count == PIDS_MAX) {
        victims->too_many = true;
        return;
    }
    victims->tasks[victims->count] = task;
    victims->terms[victims->count] = term;
    victims->exes[victims->count++] = exe;
}

/* A shared descriptor keeps the port until the last process is gone: all or none. */
static void add_victims(struct victims *victims, const struct inquiry *inquiry,
                        const struct holder *holder)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;

        if (ending_is_manager(process) ||
            (inquiry->seen->process_known && process->task.pid == inquiry->seen->process.task.pid))
            return;
    }
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct process_facts *process = holder->processes[i].process;

        add_victim(victims, &process->task, process->exe, process->term);
    }
    if (!holder->process_count && holder->seen.flags & PT_HOLDER_OWNER_KNOWN &&
        !(holder->seen.flags & PT_HOLDER_ORPHAN) && holder->seen.task.pid > INIT_PID)
        add_victim(victims, &holder->seen.task, (struct bytes){0}, TERM_ENDS);
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
static bool advise_family(struct strbuf *help, struct inquiry *inquiry, const struct holder *holder)
{
    const struct pt_task *ancestor = kinship_ancestor(inquiry, holder);
    struct ending ending;

    if (ancestor) {
        if (!is_in_callers_cgroup(inquiry, ancestor) && find_ending(inquiry, holder, &ending))
            return false;
        strbuf_puts(help, "let only one of the two processes open the port; a socket that was "
                          "inherited can be used as it is");
    } else if (kinship_of_command(inquiry, holder)) {
        strbuf_puts(help, words_is_connected(&holder->seen.socket)
                              ? "the command has that connection itself: close it first"
                              : "the command takes the port twice: let only one of its processes "
                                "take it, or end the first before the second starts");
    } else {
        return false;
    }
    return true;
}

static bool can_be_stopped(const struct inquiry *inquiry, const struct holder *holder)
{
    return !(holder->seen.flags & PT_HOLDER_KERNEL) &&
           holder->seen.socket.state != WORDS_TIME_WAIT &&
           !holder_is_callers(holder, inquiry->seen);
}

/* False: nothing but a signal ends it, if that may be sent. */
static bool stop(struct strbuf *help, const struct inquiry *inquiry, const struct holder *holder)
{
    struct ending ending;

    if (ending_of_published(holder->published, &ending)) {
        ending_add_command(help, &ending);
        return true;
    }
    if (find_container(help, holder))
        return true;
    if (!find_ending(inquiry, holder, &ending))
        return false;
    ending_add_command(help, &ending);
    return true;
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

static bool add_help(struct inquiry *inquiry, const struct strbuf *help)
{
    struct explanation *out = inquiry->out;

    strbuf_add(inquiry_help(inquiry), help->text, help->length);
    if (!is_repeated(out))
        return true;
    strbuf_free(&out->helps[--out->help_count]);
    return false;
}

/* Finds them all, however many there are. */
static void advise_stopping_all(struct inquiry *inquiry)
{
    const char *protocol = inquiry_protocol(inquiry);
    struct strbuf *help = advice_command(inquiry);

    strbuf_printf(help, "porttrace stop %s%s", protocol, protocol[0] ? "/" : "");
    endpoint_add(help, &inquiry->asker.wanted, NULL);
    strbuf_puts(help, " (all of them; it asks before)");
}

static void advise_killing(struct inquiry *inquiry, const struct victims *victims)
{
    struct strbuf help = {0};

    if (victims->too_many || (victims->count > 1 && inquiry->out->holders_left_out)) {
        advise_stopping_all(inquiry);
    } else if (victims->count) {
        add_kill(&help, victims, inquiry->facts->pids_elsewhere);
        add_help(inquiry, &help);
        strbuf_free(&help);
    }
}

void advice_stop(struct inquiry *inquiry)
{
    const struct explanation *out = inquiry->out;
    struct victims victims = {0};
    unsigned int stops = 0;

    for (unsigned int i = 0; i < out->holder_count; i++) {
        const struct holder *holder = out->holders[i];
        struct strbuf help = {0};

        if (!can_be_stopped(inquiry, holder))
            continue;
        if (advise_family(&help, inquiry, holder) ||
            (!holder->seen.gone_ns && stop(&help, inquiry, holder)))
            stops += stops < STOPS_MAX && add_help(inquiry, &help);
        else if (!holder->seen.gone_ns)
            add_victims(&victims, inquiry, holder);
        strbuf_free(&help);
    }
    advise_killing(inquiry, &victims);
}
