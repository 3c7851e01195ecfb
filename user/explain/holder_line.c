// SPDX-License-Identifier: GPL-2.0
#include "user/explain/inquiry.h"

#include <string.h>
#include <netinet/in.h>

#include "user/explain/socket_words.h"
#include "user/model/containers.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"

#define COMMAND_COLUMNS    60
#define OTHERS_NAMED       5
#define CONTAINER_ID_SHOWN 12
#define INIT_PID           1

static void add_bytes(struct strbuf *out, struct bytes text)
{
    sanitize_add_quoted(out, text.at, text.size);
}

static void add_comm(struct strbuf *out, const struct pt_task *task)
{
    size_t size = strnlen(task->comm, sizeof(task->comm));

    if (size)
        sanitize_add_quoted(out, task->comm, size);
    else
        strbuf_puts(out, "a process");
}

/* From the program's own name on; a title that it wrote itself is no path. */
static struct bytes without_folder(struct bytes args)
{
    size_t size = strnlen(args.at, args.size), skipped = size;

    if (args.at[0] != '/' || memchr(args.at, ' ', size))
        return args;
    while (args.at[skipped - 1] != '/')
        skipped--;
    if (skipped == size)
        return args;
    args.at += skipped;
    args.size -= (uint32_t)skipped;
    return args;
}

/* What is told last of the arguments is cut, and before that the folder, which tells the least. */
static void add_arguments(struct strbuf *out, struct bytes args)
{
    size_t start = out->length;

    sanitize_add_words(out, args.at, args.size);
    if (out->failed || sanitize_columns(out->text + start, out->length - start) <= COMMAND_COLUMNS)
        return;
    strbuf_took(out, out->text + start);
    args = without_folder(args);
    sanitize_add_words(out, args.at, args.size);
}

static void add_command(struct strbuf *out, const struct process_facts *process)
{
    size_t start = out->length;

    if (process->args.at && process->args.size && process->args.at[0])
        add_arguments(out, process->args);
    else if (process->exe.at)
        add_bytes(out, process->exe);
    else
        add_comm(out, &process->task);
    sanitize_cut_words(out, start, COMMAND_COLUMNS);
}

void holder_user_add(struct strbuf *out, const struct facts *facts, uint32_t uid)
{
    const char *name = facts->user_name ? facts->user_name(facts->names, uid) : NULL;

    strbuf_puts(out, "user ");
    if (name)
        sanitize_add_quoted(out, name, strlen(name));
    else
        strbuf_printf(out, "%u", uid);
}

static void add_user(struct strbuf *out, const struct facts *facts, uint32_t uid)
{
    strbuf_puts(out, ", ");
    holder_user_add(out, facts, uid);
}

static void add_container(struct strbuf *out, const struct cgroup_facts *facts)
{
    const char *runtime = container_runtime_name(facts->runtime);
    struct bytes id = facts->container_id;

    strbuf_printf(out, ", %s%scontainer", runtime ? runtime : "", runtime ? " " : "");
    if (!id.at)
        return;
    if (id.size > CONTAINER_ID_SHOWN && facts->runtime != RUNTIME_LXC &&
        facts->runtime != RUNTIME_SYSTEMD_NSPAWN)
        id.size = CONTAINER_ID_SHOWN;
    strbuf_putc(out, ' ');
    add_bytes(out, id);
}

static void add_place(struct strbuf *out, const struct cgroup_facts *facts)
{
    if (facts->runtime != RUNTIME_NONE) {
        add_container(out, facts);
    } else if (facts->unit.at) {
        strbuf_puts(out, ", ");
        add_bytes(out, facts->unit);
    }
}

static void add_published(struct strbuf *out, const struct holder_published *published)
{
    if (!published)
        return;
    if (published->container.at) {
        strbuf_puts(out, ", for container ");
        add_bytes(out, published->container);
        if (published->to.family) {
            strbuf_puts(out, " (");
            endpoint_add(out, &published->to, NULL);
            strbuf_putc(out, ')');
        }
    } else if (published->to.family) {
        strbuf_puts(out, ", leads to ");
        endpoint_add(out, &published->to, NULL);
    }
    if (published->unit.at) {
        strbuf_puts(out, ", held for ");
        add_bytes(out, published->unit);
    }
}

/* systemd holds the socket of a service that is started for it: the service is meant, not pid 1. */
static const struct holder_process *leading_process(const struct holder *holder)
{
    if (holder->process_count > 1 && holder->processes[0].process->task.pid == INIT_PID)
        return &holder->processes[1];
    return holder->processes;
}

static void add_other_processes(struct strbuf *out, const struct holder *holder,
                                const struct holder_process *leading)
{
    unsigned int named = 0, left = 0;
    uint32_t last = leading->process->task.pid;

    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct pt_task *task = &holder->processes[i].process->task;

        if (task->pid == leading->process->task.pid || task->pid == last)
            continue;
        last = task->pid;
        if (named == OTHERS_NAMED) {
            left++;
            continue;
        }
        strbuf_puts(out, named++ ? ", " : ", shared with ");
        add_comm(out, task);
        strbuf_printf(out, " (pid %u)", task->pid);
    }
    if (left)
        strbuf_printf(out, " and %u more", left);
}

static void add_peer(struct strbuf *out, const struct pt_holder *seen, const char *lead)
{
    if (!seen->peer.family)
        return;
    strbuf_puts(out, lead);
    endpoint_add(out, &seen->peer, NULL);
}

static void add_local(struct strbuf *out, const struct pt_holder *seen, const char *lead)
{
    struct strbuf device = {0};

    sanitize_add(&device, seen->socket.device, strnlen(seen->socket.device, PT_DEVICE_SIZE));
    strbuf_puts(out, lead);
    endpoint_add(out, &seen->local, device.text);
    strbuf_free(&device);
}

static void add_time_wait(struct strbuf *out, const struct pt_holder *seen)
{
    bool half_closed = seen->flags & PT_HOLDER_HALF_CLOSED;

    add_local(out, seen, half_closed ? "in FIN_WAIT2 on " : "in TIME_WAIT on ");
    add_peer(out, seen, half_closed ? ", not closed yet by " : " after a connection with ");
    if (seen->expires_ns) {
        strbuf_puts(out, ", ");
        span_add(out, seen->expires_ns);
        strbuf_puts(out, " left");
    }
}

static void add_state(struct strbuf *out, const struct pt_holder *seen)
{
    const struct pt_socket *socket = &seen->socket;
    const char *state = socket_state_name(socket->state);

    if (socket->state == WORDS_TIME_WAIT) {
        add_time_wait(out, seen);
    } else if (socket->state == WORDS_LISTEN) {
        add_local(out, seen, "listening on ");
    } else if (!words_is_connected(socket)) {
        add_local(out, seen, "bound to ");
    } else {
        if (socket->state == WORDS_ESTABLISHED)
            strbuf_puts(out, "connected");
        else
            strbuf_printf(out, "in state %s", state ? state : "unknown");
        add_local(out, seen, seen->taken_by == PT_OP_CONNECT ? " from " : " on ");
        add_peer(out, seen, seen->taken_by == PT_OP_CONNECT ? " to " : " with ");
    }
}

static void add_times(struct strbuf *out, const struct facts *facts, const struct pt_holder *seen,
                      uint64_t process_start_ns)
{
    uint64_t now_ns = facts->now_ns;

    if (seen->since_ns && seen->since_ns <= now_ns) {
        strbuf_puts(out, " since ");
        instant_add(out, facts, seen->since_ns);
        if (!seen->gone_ns) {
            strbuf_puts(out, " (");
            span_add(out, now_ns - seen->since_ns);
            strbuf_putc(out, ')');
        }
    } else if (process_start_ns && process_start_ns <= now_ns) {
        strbuf_puts(out, ", process started ");
        instant_add(out, facts, process_start_ns);
    }
    if (seen->gone_ns) {
        strbuf_puts(out, ", gone since ");
        instant_add(out, facts, seen->gone_ns);
    }
}

static void add_kernel(struct strbuf *out, const struct pt_holder *seen)
{
    const char *guess = kernel_socket_guess(seen);
    const char *protocol = socket_protocol_name(&seen->socket);

    strbuf_puts(out, "the kernel itself (");
    if (guess)
        strbuf_printf(out, "likely %s: ", guess);
    strbuf_printf(out, "%s port %u without a process)", protocol ? protocol : "a",
                  seen->local.port);
}

static void add_former_owner(struct strbuf *out, const struct facts *facts,
                             const struct pt_holder *seen)
{
    add_comm(out, &seen->task);
    strbuf_printf(out, ", pid %u", seen->task.pid);
    add_user(out, facts, seen->task.uid);
}

static uint64_t add_owner(struct strbuf *out, const struct facts *facts,
                          const struct holder *holder)
{
    const struct pt_holder *seen = &holder->seen;
    const struct holder_process *leading = leading_process(holder);

    if (holder->process_count) {
        add_command(out, leading->process);
        strbuf_printf(out, ", pid %u", leading->process->task.pid);
        add_user(out, facts, leading->process->task.uid);
        add_place(out, &leading->process->cgroup_facts);
        add_published(out, holder->published);
        add_other_processes(out, holder, leading);
        return leading->process->task.start_ns;
    }
    if (seen->flags & PT_HOLDER_KERNEL) {
        add_kernel(out, seen);
        return 0;
    }
    if (seen->flags & PT_HOLDER_OWNER_KNOWN) {
        if (seen->socket.state == WORDS_TIME_WAIT || seen->flags & PT_HOLDER_ORPHAN)
            strbuf_puts(out, "no process any more, formerly ");
        add_former_owner(out, facts, seen);
        add_published(out, holder->published);
        return seen->task.start_ns;
    }
    if (holder->published) {
        strbuf_puts(out, holder->published->by);
        add_published(out, holder->published);
    } else if (seen->socket.state == WORDS_TIME_WAIT || seen->flags & PT_HOLDER_ORPHAN) {
        strbuf_puts(out, "no process any more");
    } else {
        strbuf_puts(out, "a process that is not known");
        if (seen->flags & PT_HOLDER_UID_KNOWN)
            add_user(out, facts, seen->uid);
    }
    return 0;
}

void holder_line_add(struct strbuf *out, const struct facts *facts, const struct holder *holder)
{
    uint64_t start_ns = add_owner(out, facts, holder);

    strbuf_puts(out, ", ");
    add_state(out, &holder->seen);
    add_times(out, facts, &holder->seen, start_ns);
}

void holder_name_add(struct strbuf *out, const struct holder *holder)
{
    const struct holder_process *leading = leading_process(holder);
    const struct pt_task *task = NULL;

    if (holder->process_count)
        task = &leading->process->task;
    else if (holder->seen.flags & PT_HOLDER_OWNER_KNOWN)
        task = &holder->seen.task;
    if (task) {
        add_comm(out, task);
        strbuf_printf(out, " (pid %u)", task->pid);
    } else if (holder->seen.flags & PT_HOLDER_KERNEL) {
        strbuf_puts(out, "the kernel");
    } else {
        strbuf_puts(out, "a process that is not known");
    }
}

bool holder_is_gone(const struct holder *holder)
{
    return holder->seen.gone_ns && !holder->process_count;
}

bool holder_lacks_owner(const struct holder *holder)
{
    uint32_t told = PT_HOLDER_KERNEL | PT_HOLDER_OWNER_KNOWN | PT_HOLDER_ORPHAN;

    return !holder->process_count && !holder->published && !(holder->seen.flags & told) &&
           holder->seen.socket.inode && holder->seen.socket.state != WORDS_TIME_WAIT;
}

bool holder_is_callers(const struct holder *holder, const struct observation *seen)
{
    uint32_t pid = seen->process.task.pid;

    if (!seen->process_known || !pid)
        return false;
    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (holder->processes[i].process->task.pid == pid)
            return true;
    }
    return !holder->process_count && holder->seen.flags & PT_HOLDER_OWNER_KNOWN &&
           !(holder->seen.flags & PT_HOLDER_ORPHAN) &&
           holder->seen.socket.state != WORDS_TIME_WAIT && holder->seen.task.pid == pid &&
           holder->seen.task.start_ns == seen->process.task.start_ns;
}
