// SPDX-License-Identifier: GPL-2.0
#include "user/render/holder_row.h"

#include <inttypes.h>
#include <string.h>

#include "user/model/containers.h"
#include "user/model/endpoint.h"
#include "user/model/sanitize.h"
#include "user/model/sockets.h"
#include "user/render/moment.h"

#define NS_PER_S       INT64_C(1000000000)
#define S_PER_DAY      INT64_C(86400)
#define DATE_COLUMNS   10 /* of "2026-11-21T03:47:08" */
#define TIME_START     11
#define TIME_COLUMNS   8
#define SHORT_ID       12
#define FULL_ID        64
#define PROCESSES_MOST 32 /* lines of one socket */

const struct table_column holder_columns[HOLDER_COLUMNS] = {
    [HOLDER_PROTO] = {.title = "PROTO"},
    [HOLDER_ENDPOINT] = {.title = "ADDRESS:PORT"},
    [HOLDER_PEER] = {.title = "PEER", .optional = true},
    [HOLDER_SERVICE] = {.title = "SERVICE", .least = 7, .optional = true, .spare = 1},
    [HOLDER_PROCESS] = {.title = "PROCESS", .least = 10},
    [HOLDER_PID] = {.title = "PID", .right = true},
    [HOLDER_USER] = {.title = "USER", .least = 8, .spare = 4},
    [HOLDER_UNIT] = {.title = "UNIT", .least = 12, .optional = true, .spare = 3},
    [HOLDER_STATE] = {.title = "STATE"},
    [HOLDER_SINCE] = {.title = "SINCE", .spare = 2},
    [HOLDER_NETNS] = {.title = "NETNS", .least = 8, .optional = true, .spare = 5},
};

static void add_protocol(struct strbuf *out, const struct pt_socket *socket)
{
    const char *name = socket_protocol_name(socket);

    if (name)
        strbuf_puts(out, name);
    else
        strbuf_printf(out, "%u", socket->protocol);
}

static void add_endpoint(struct strbuf *out, const struct pt_holder *seen)
{
    const char *name = seen->socket.device;
    struct strbuf device = {0};

    if (name[0])
        sanitize_add(&device, name, strnlen(name, sizeof(seen->socket.device)));
    endpoint_add(out, &seen->local, device.length ? device.text : NULL);
    if (device.failed)
        out->failed = true;
    strbuf_free(&device);
}

static void add_service(const struct holder_style *style, const struct pt_holder *seen,
                        struct strbuf *out)
{
    const char *name = NULL;

    if (style->names.service)
        name = style->names.service(style->names.context, seen->local.port, seen->socket.protocol);
    if (name)
        sanitize_add(out, name, strlen(name));
}

static void add_comm(struct strbuf *out, const struct pt_task *task)
{
    size_t size = strnlen(task->comm, sizeof(task->comm));

    if (size)
        sanitize_add(out, task->comm, size);
    else
        strbuf_puts(out, "''");
}

static unsigned int others_of(const struct holder *holder)
{
    unsigned int others = 0;

    for (unsigned int i = 1; i < holder->process_count; i++)
        if (holder->processes[i].process->task.pid != holder->seen.task.pid)
            others++;
    return others;
}

static void add_process(struct strbuf *out, const struct holder *holder)
{
    const struct pt_holder *seen = &holder->seen;
    unsigned int others;

    if (holder->process_count) {
        others = others_of(holder);
        add_comm(out, &seen->task);
        if (others)
            strbuf_printf(out, " (+%u)", others);
    } else if (seen->flags & PT_HOLDER_KERNEL) {
        strbuf_puts(out, "(kernel)");
    } else if (seen->flags & PT_HOLDER_OWNER_KNOWN) {
        strbuf_puts(out, "(was ");
        add_comm(out, &seen->task);
        strbuf_putc(out, ')');
    }
}

static void add_user(const struct holder_style *style, uint32_t uid, struct strbuf *out)
{
    const char *name = NULL;

    if (style->names.user)
        name = style->names.user(style->names.context, uid);
    if (name)
        sanitize_add(out, name, strlen(name));
    else
        strbuf_printf(out, "%u", uid);
}

static void add_holders_user(const struct holder_style *style, const struct holder *holder,
                             struct strbuf *out)
{
    const struct pt_holder *seen = &holder->seen;

    if (holder->process_count || seen->flags & PT_HOLDER_OWNER_KNOWN)
        add_user(style, seen->task.uid, out);
    else if (seen->flags & PT_HOLDER_UID_KNOWN && !(seen->flags & PT_HOLDER_KERNEL))
        add_user(style, seen->uid, out);
}

static void add_id(struct strbuf *out, struct bytes id)
{
    sanitize_add(out, id.at, id.size == FULL_ID ? SHORT_ID : id.size);
}

void holder_row_unit(const struct holder *holder, struct strbuf *out)
{
    const struct holder_published *published = holder->published;
    const struct cgroup_facts *facts;
    const char *runtime;

    if (published && published->container.at) {
        add_id(out, published->container);
        return;
    }
    if (published && published->unit.at) {
        sanitize_add(out, published->unit.at, published->unit.size);
        return;
    }
    if (!holder->process_count)
        return;
    facts = &holder->processes[0].process->cgroup_facts;
    if (facts->container_id.at) {
        runtime = container_runtime_name(facts->runtime);
        strbuf_printf(out, "%s:", runtime ? runtime : "container");
        add_id(out, facts->container_id);
    } else if (facts->unit.at) {
        sanitize_add(out, facts->unit.at, facts->unit.size);
    }
}

static void add_moment(const struct holder_style *style, uint64_t boot_ns, struct strbuf *out)
{
    uint64_t shift_ns =
        style->wall_ns - style->now_ns + (uint64_t)style->utc_offset_s * (uint64_t)NS_PER_S;
    int64_t local_ns = (int64_t)(boot_ns + shift_ns);
    int64_t now_ns = (int64_t)(style->now_ns + shift_ns);
    struct strbuf text = {0};

    if (local_ns < 0)
        local_ns = 0;
    moment_add_utc(&text, (uint64_t)local_ns);
    if (text.failed)
        out->failed = true;
    else if (local_ns / NS_PER_S / S_PER_DAY == now_ns / NS_PER_S / S_PER_DAY)
        strbuf_add(out, text.text + TIME_START, TIME_COLUMNS);
    else
        strbuf_add(out, text.text, DATE_COLUMNS);
    strbuf_free(&text);
}

/* Of several processes any may have brought it; the first of them was there when it did. */
static uint64_t first_start_ns(const struct holder *holder)
{
    uint64_t first_ns = 0;

    for (unsigned int i = 0; i < holder->process_count; i++) {
        uint64_t start_ns = holder->processes[i].process->task.start_ns;

        if (start_ns && (!first_ns || start_ns < first_ns))
            first_ns = start_ns;
    }
    return first_ns;
}

void holder_row_since(const struct holder_style *style, const struct holder *holder,
                      struct strbuf *out)
{
    uint64_t start_ns = first_start_ns(holder);

    if (holder->seen.since_ns) {
        add_moment(style, holder->seen.since_ns, out);
    } else if (start_ns) {
        strbuf_putc(out, '~');
        add_moment(style, start_ns, out);
    }
}

static void add_netns(const struct holder_style *style, uint32_t netns, struct strbuf *out)
{
    const char *name = NULL;

    if (style->netns_name)
        name = style->netns_name(style->netns_context, netns);
    if (name)
        sanitize_add(out, name, strlen(name));
    else
        strbuf_printf(out, "%u", netns);
}

static void add_cell(const struct holder_style *style, const struct holder *holder,
                     const struct role_context *context, enum holder_column column,
                     struct strbuf *out)
{
    switch (column) {
    case HOLDER_PROTO:
        add_protocol(out, &holder->seen.socket);
        break;
    case HOLDER_ENDPOINT:
        add_endpoint(out, &holder->seen);
        break;
    case HOLDER_PEER:
        endpoint_add(out, &holder->seen.peer, NULL);
        break;
    case HOLDER_SERVICE:
        add_service(style, &holder->seen, out);
        break;
    case HOLDER_PROCESS:
        add_process(out, holder);
        break;
    case HOLDER_PID:
        if (holder->process_count)
            strbuf_printf(out, "%u", holder->seen.task.pid);
        break;
    case HOLDER_USER:
        add_holders_user(style, holder, out);
        break;
    case HOLDER_UNIT:
        holder_row_unit(holder, out);
        break;
    case HOLDER_STATE:
        role_add_state(out, &holder->seen, context);
        break;
    case HOLDER_SINCE:
        holder_row_since(style, holder, out);
        break;
    case HOLDER_NETNS:
        add_netns(style, holder->seen.task.netns, out);
        break;
    case HOLDER_COLUMNS:
        break;
    }
}

void holder_row_cell(const struct holder_style *style, const struct holder *holder,
                     const struct role_context *context, enum holder_column column,
                     struct strbuf *out)
{
    size_t before = out->length;

    add_cell(style, holder, context, column, out);
    if (out->length == before)
        strbuf_putc(out, '-');
}

static void add_options(struct strbuf *out, uint32_t options)
{
    for (int i = 0; i < SOCKET_OPTIONS; i++)
        if (options & socket_options[i].bit)
            strbuf_printf(out, " %s", socket_options[i].name);
}

static void add_published(struct strbuf *out, const struct holder *holder)
{
    const struct holder_published *published = holder->published;

    if (!published)
        return;
    strbuf_printf(out, "    through %s", published->by);
    if (published->container.at) {
        strbuf_puts(out, " to container ");
        sanitize_add(out, published->container.at, published->container.size);
    }
    if (published->unit.at) {
        strbuf_puts(out, " for ");
        sanitize_add(out, published->unit.at, published->unit.size);
    }
    if (published->to.family) {
        strbuf_puts(out, " at ");
        endpoint_add(out, &published->to, NULL);
    }
    strbuf_putc(out, '\n');
}

static void add_process_line(const struct holder_style *style, const struct holder_process *process,
                             struct strbuf *out)
{
    const struct process_facts *facts = process->process;

    strbuf_printf(out, "    pid %u ", facts->task.pid);
    add_comm(out, &facts->task);
    if (process->fd >= 0)
        strbuf_printf(out, " fd %d", process->fd);
    strbuf_puts(out, ", user ");
    add_user(style, facts->task.uid, out);
    if (facts->exe.at) {
        strbuf_puts(out, ", ");
        sanitize_add_quoted(out, facts->exe.at, facts->exe.size);
        if (facts->exe_deleted)
            strbuf_puts(out, " (deleted)");
    }
    if (facts->args.at && facts->args.size) {
        strbuf_puts(out, ": ");
        sanitize_add_words(out, facts->args.at, facts->args.size);
    }
    strbuf_putc(out, '\n');
}

/* By which SO_REUSEPORT goes: the user that made it, whatever its process has become since. */
static void add_socket_user(const struct holder_style *style, const struct holder *holder,
                            struct strbuf *out)
{
    const struct pt_holder *seen = &holder->seen;

    if (!holder->process_count || !(seen->flags & PT_HOLDER_UID_KNOWN) ||
        seen->uid == seen->task.uid)
        return;
    strbuf_puts(out, "    socket of user ");
    add_user(style, seen->uid, out);
    strbuf_putc(out, '\n');
}

void holder_row_details(const struct holder_style *style, const struct holder *holder,
                        struct strbuf *out)
{
    const struct pt_socket *socket = &holder->seen.socket;
    unsigned int shown =
        holder->process_count < PROCESSES_MOST ? holder->process_count : PROCESSES_MOST;

    for (unsigned int i = 0; i < shown; i++)
        add_process_line(style, &holder->processes[i], out);
    if (shown < holder->process_count)
        strbuf_printf(out, "    and %u more\n", holder->process_count - shown);
    if (shown && holder->processes[0].process->cgroup.at) {
        strbuf_puts(out, "    cgroup ");
        sanitize_add_quoted(out, holder->processes[0].process->cgroup.at,
                            holder->processes[0].process->cgroup.size);
        strbuf_putc(out, '\n');
    }
    add_published(out, holder);
    add_socket_user(style, holder, out);
    if (socket->options) {
        strbuf_puts(out, "    options");
        add_options(out, socket->options);
        strbuf_putc(out, '\n');
    }
    if (!holder->seen.since_ns && holder->process_count)
        strbuf_puts(out, "    since: not known; (~) is when its process started\n");
}
