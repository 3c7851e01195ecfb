// SPDX-License-Identifier: GPL-2.0
#include "tests/golden/write_events.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "user/decode/seal.h"

#define STEP_NS 1500000ull

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

void events_put(struct writer *writer, const void *record, size_t size)
{
    if (fwrite(record, 1, size, writer->file) != size)
        fail("make_events");
}

struct pt_header events_header(struct writer *writer, enum pt_kind kind, size_t size)
{
    struct pt_header made = {.version = PT_EVENT_VERSION,
                             .kind = kind,
                             .size = (__u32)size,
                             .time_ns = writer->time_ns,
                             .lost = writer->lost};

    writer->time_ns += STEP_NS;
    return made;
}

struct writer events_begin_flagged(const char *directory, const char *name, const char *host,
                                   uint32_t flags)
{
    struct writer writer = {.time_ns = START_NS, .next_socket = 1000, .plan = PT_PLAN_FEXIT};
    struct pt_start start = {.wall_offset_ns = WALL_OFFSET_NS,
                             .boot_id = "11111111-2222-3333-4444-555555555555",
                             .kernel = "6.12.0-test",
                             .plan = PT_PLAN_FEXIT,
                             .flags = flags};
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.events", directory, name);
    writer.file = fopen(path, "w+b");
    if (!writer.file)
        fail(path);
    snprintf(start.host, sizeof(start.host), "%s", host);
    start.header = events_header(&writer, PT_KIND_START, sizeof(start));
    events_put(&writer, &start, sizeof(start));
    return writer;
}

struct writer events_begin(const char *directory, const char *name, const char *host)
{
    return events_begin_flagged(directory, name, host, 0);
}

/* PT_KIND_SEAL, or PT_KIND_END as the last record of a file with seals. */
void events_seal(struct writer *writer, enum pt_kind kind)
{
    struct pt_seal seal = {.header = events_header(writer, kind, sizeof(seal))};
    size_t size;
    char *bytes;
    long end;

    events_put(writer, &seal.header, sizeof(seal.header));
    end = ftell(writer->file);
    size = (size_t)(end - writer->sealed);
    bytes = malloc(size);
    if (!bytes || fseek(writer->file, writer->sealed, SEEK_SET) ||
        fread(bytes, 1, size, writer->file) != size || fseek(writer->file, end, SEEK_SET))
        fail("make_events");
    writer->sum = seal.sum = seal_sum(writer->sum, bytes, size);
    free(bytes);
    events_put(writer, &seal.sum, sizeof(seal.sum));
    writer->sealed = ftell(writer->file);
}

void events_alter(struct writer *writer, long back)
{
    int byte;

    if (fseek(writer->file, -back, SEEK_CUR) || (byte = fgetc(writer->file)) == EOF ||
        fseek(writer->file, -1, SEEK_CUR) || fputc(byte ^ 1, writer->file) == EOF ||
        fseek(writer->file, 0, SEEK_END))
        fail("make_events");
}

void events_end(struct writer *writer)
{
    if (fclose(writer->file))
        fail("make_events");
}

struct pt_task task_of(const struct process *process)
{
    struct pt_task task = {.pid = process->pid,
                           .tid = process->pid,
                           .parent_pid = process->parent_pid,
                           .uid = process->uid,
                           .gid = process->uid,
                           .netns = 4026531840u,
                           .start_ns = START_NS / 2 + process->pid,
                           .exec_id = 1,
                           .cgroup_id = process->pid + 7};

    strncpy(task.comm, process->comm, sizeof(task.comm) - 1);
    return task;
}

static void put_text(struct writer *writer, const struct process *process, enum pt_text_kind kind,
                     const char *bytes, size_t size)
{
    struct pt_text text = {.pid = process->pid,
                           .text_kind = kind,
                           .start_ns = task_of(process).start_ns,
                           .exec_id = 1,
                           .cgroup_id = task_of(process).cgroup_id};
    size_t kept = size > PT_ARGS_MAX ? PT_ARGS_MAX : size;

    for (size_t offset = 0; offset < kept; offset += text.length) {
        text.header = events_header(writer, PT_KIND_TEXT, sizeof(text));
        text.offset = (__u32)offset;
        text.length = kept - offset > PT_TEXT_SIZE ? PT_TEXT_SIZE : (__u32)(kept - offset);
        text.flags = offset + text.length == kept ? PT_TEXT_LAST : 0;
        if (text.flags && kept < size)
            text.flags |= PT_TEXT_TRUNCATED;
        memset(text.text, 0, sizeof(text.text));
        memcpy(text.text, bytes + offset, text.length);
        events_put(writer, &text, sizeof(text));
    }
}

void put_process(struct writer *writer, const struct process *process)
{
    struct pt_process record = {.task = task_of(process), .args_size = (__u32)process->args_size};

    record.header = events_header(writer, PT_KIND_PROCESS, sizeof(record));
    events_put(writer, &record, sizeof(record));
    put_text(writer, process, PT_TEXT_EXE, process->exe, process->exe_size);
    put_text(writer, process, PT_TEXT_ARGS, process->args, process->args_size);
    put_text(writer, process, PT_TEXT_CGROUP, process->cgroup, process->cgroup_size);
}

struct pt_endpoint endpoint(const char *address, uint16_t port)
{
    struct pt_endpoint made = {.family = strchr(address, ':') ? AF_INET6 : AF_INET, .port = port};

    if (inet_pton(made.family, address, made.address) != 1) {
        fprintf(stderr, "make_events: %s is no address\n", address);
        exit(1);
    }
    return made;
}

struct pt_socket socket_of(struct writer *writer, uint16_t family, uint16_t type, uint16_t protocol,
                           uint8_t state)
{
    struct pt_socket made = {.cookie = writer->next_socket,
                             .inode = writer->next_socket + 100000,
                             .family = family,
                             .type = type,
                             .protocol = protocol,
                             .state = state};

    writer->next_socket++;
    return made;
}

struct pt_call call_of(const struct process *process, enum pt_op op, int error,
                       struct pt_socket socket)
{
    struct pt_call call = {.task = task_of(process),
                           .socket = socket,
                           .latency_ns = 12345,
                           .error = error,
                           .fd = 3,
                           .op = op,
                           .entry = PT_ENTRY_SYSCALL,
                           .address_source = PT_ADDRESS_KERNEL,
                           .stage = PT_STAGE_PROTOCOL,
                           .flags = PT_CALL_SOCKET_KNOWN};

    call.address_size = socket.family == AF_INET6 ? 28 : 16;
    return call;
}

void put_call(struct writer *writer, struct pt_call call)
{
    call.header = events_header(writer, PT_KIND_CALL, sizeof(call));
    call.plan = writer->plan;
    events_put(writer, &call, sizeof(call));
}

void put_bind(struct writer *writer, const struct process *process, int error,
              struct pt_socket socket, struct pt_endpoint requested)
{
    struct pt_call call = call_of(process, PT_OP_BIND, error, socket);

    call.requested = requested;
    if (!error)
        call.local = requested;
    put_call(writer, call);
}

void put_release(struct writer *writer, const struct process *process, struct pt_socket socket,
                 struct pt_endpoint local, enum pt_op taken_by)
{
    struct pt_release release = {.socket = socket,
                                 .local = local,
                                 .op = PT_OP_RELEASE,
                                 .plan = writer->plan,
                                 .taken_by = taken_by};

    if (process) {
        release.task = task_of(process);
        release.held_ns = 2500000000ull;
        release.flags = PT_RELEASE_OWNER_KNOWN;
    }
    release.header = events_header(writer, PT_KIND_RELEASE, sizeof(release));
    events_put(writer, &release, sizeof(release));
}

struct pt_holder holder_of(struct writer *writer, const struct process *process,
                           struct pt_endpoint local)
{
    struct pt_holder holder = {
        .task = task_of(process),
        .socket = socket_of(writer, local.family, SOCK_STREAM, IPPROTO_TCP, STATE_LISTEN),
        .local = local,
        .since_ns = START_NS - 8040000000000ull % START_NS,
        .uid = process->uid,
        .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BOUND | PT_HOLDER_UID_KNOWN,
        .fd = 4,
        .taken_by = PT_OP_BIND,
        .source = PT_HOLDER_LOOKUP,
    };

    return holder;
}

void put_held(struct writer *writer, const struct pt_holder *holder)
{
    struct pt_held held = {.header = events_header(writer, PT_KIND_HELD, sizeof(held)),
                           .holder = *holder};

    events_put(writer, &held, sizeof(held));
}

void put_refused(struct writer *writer, struct pt_call call, const struct pt_holder *hit)
{
    struct pt_failed_call failed = {
        .call = call,
        .refusal = {.flags = PT_REFUSAL_NETNS_KNOWN | PT_REFUSAL_SOCKET_KNOWN,
                    .unprivileged_start = 1024,
                    .range_low = 32768,
                    .range_high = 60999,
                    .entry_state = STATE_CLOSE,
                    .check = PT_CHECK_PORT,
                    .conflicts = hit ? 1 : 0},
    };

    if (hit)
        failed.refusal.holder = *hit;
    failed.call.plan = writer->plan;
    failed.call.header = events_header(writer, PT_KIND_CALL, sizeof(failed));
    events_put(writer, &failed, sizeof(failed));
}
