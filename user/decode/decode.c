// SPDX-License-Identifier: GPL-2.0
#include "user/decode/decode.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "user/decode/short.h"

#define ERRNO_MAX 4095

#define LOSS_CAUSES_LEAST 5 /* what a record of losses has had from the beginning */

/* At least; what a struct has got later may be missing, and is 0 then. */
static size_t size_of_kind(unsigned int kind)
{
    switch (kind) {
    case PT_KIND_START:
        return sizeof(struct pt_start);
    case PT_KIND_PROCESS:
        return sizeof(struct pt_process);
    case PT_KIND_TEXT:
        return sizeof(struct pt_text);
    case PT_KIND_CALL:
        return sizeof(struct pt_call);
    case PT_KIND_RELEASE:
        return sizeof(struct pt_release);
    case PT_KIND_LOSS:
        return offsetof(struct pt_loss, lost[LOSS_CAUSES_LEAST]);
    case PT_KIND_HELD:
        return sizeof(struct pt_held);
    case PT_KIND_SHORT_CALL:
        return sizeof(struct pt_short_call);
    case PT_KIND_SHORT_RELEASE:
        return sizeof(struct pt_short_release);
    case PT_KIND_REPEATED:
        return offsetof(struct pt_repeated, call) + sizeof(struct pt_call);
    case PT_KIND_END:
        return sizeof(struct pt_end);
    default:
        return 0;
    }
}

static bool is_plan(unsigned int plan)
{
    return plan >= PT_PLAN_FEXIT && plan <= PT_PLAN_RESTRICTED;
}

static bool is_endpoint(const struct pt_endpoint *endpoint)
{
    return endpoint->family == 0 || endpoint->family == AF_INET || endpoint->family == AF_INET6;
}

static void end_task(struct pt_task *task)
{
    task->comm[sizeof(task->comm) - 1] = '\0';
}

static void end_socket(struct pt_socket *socket)
{
    socket->device[sizeof(socket->device) - 1] = '\0';
}

static bool check_start(struct pt_start *start)
{
    start->boot_id[sizeof(start->boot_id) - 1] = '\0';
    start->host[sizeof(start->host) - 1] = '\0';
    start->kernel[sizeof(start->kernel) - 1] = '\0';
    return is_plan(start->plan);
}

static bool check_text(const struct pt_text *text)
{
    uint32_t limit;

    switch (text->text_kind) {
    case PT_TEXT_EXE:
    case PT_TEXT_CGROUP:
        limit = DECODE_PATH_MAX;
        break;
    case PT_TEXT_ARGS:
        limit = PT_ARGS_MAX;
        break;
    default:
        return false;
    }
    return text->length <= PT_TEXT_SIZE && text->offset <= limit &&
           text->length <= limit - text->offset;
}

/* What the caller chose freely, as descriptor, backlog and address size, is never out of range. */
static bool check_call(struct pt_call *call)
{
    end_task(&call->task);
    end_socket(&call->socket);
    return call->op >= PT_OP_BIND && call->op <= PT_OP_AUTOBIND && call->entry <= PT_ENTRY_SEND &&
           is_plan(call->plan) && call->address_source <= PT_ADDRESS_USER &&
           call->stage <= PT_STAGE_PROTOCOL && call->error >= 0 && call->error <= ERRNO_MAX &&
           is_endpoint(&call->requested) && is_endpoint(&call->local);
}

static bool check_holder(struct pt_holder *holder)
{
    end_task(&holder->task);
    end_socket(&holder->socket);
    return holder->source <= PT_HOLDER_LOOKUP && holder->taken_by <= PT_OP_AUTOBIND &&
           is_endpoint(&holder->local) && is_endpoint(&holder->peer);
}

static bool check_failed_call(struct pt_failed_call *failed)
{
    return check_call(&failed->call) && failed->refusal.check < PT_CHECKS &&
           check_holder(&failed->refusal.holder);
}

static bool check_release(struct pt_release *release)
{
    end_task(&release->task);
    end_socket(&release->socket);
    return release->op == PT_OP_RELEASE && is_plan(release->plan) &&
           release->taken_by <= PT_OP_AUTOBIND && is_endpoint(&release->local);
}

static bool check(struct record *record)
{
    switch (record->kind) {
    case PT_KIND_START:
        return check_start(&record->start);
    case PT_KIND_PROCESS:
        end_task(&record->process.task);
        return true;
    case PT_KIND_TEXT:
        return check_text(&record->text);
    case PT_KIND_CALL:
        return record->refusal_known ? check_failed_call(&record->failed_call)
                                     : check_call(&record->call);
    case PT_KIND_RELEASE:
        return check_release(&record->release);
    case PT_KIND_LOSS:
    case PT_KIND_END:
        return true;
    case PT_KIND_HELD:
        return check_holder(&record->held.holder);
    case PT_KIND_SHORT_CALL:
    case PT_KIND_SHORT_RELEASE:
    case PT_KIND_REPEATED:
    case PT_KIND_SEAL:
        break; /* none has this kind any more */
    }
    return false;
}

static void take_call(const void *at, const struct pt_header *header, struct record *record)
{
    record->refusal_known = header->size >= sizeof(struct pt_failed_call);
    memcpy(&record->header, at,
           record->refusal_known ? sizeof(struct pt_failed_call) : sizeof(struct pt_call));
}

static void take_short_call(const void *at, struct record *record)
{
    struct pt_short_call call;

    memcpy(&call, at, sizeof(call));
    record->kind = PT_KIND_CALL;
    short_call_expand(&call, &record->call);
}

static void take_short_release(const void *at, struct record *record)
{
    struct pt_short_release release;

    memcpy(&release, at, sizeof(release));
    record->kind = PT_KIND_RELEASE;
    short_release_expand(&release, &record->release);
}

static void take_loss(const void *at, const struct pt_header *header, struct record *record)
{
    memset(&record->loss, 0, sizeof(record->loss));
    memcpy(&record->loss, at,
           header->size < sizeof(record->loss) ? header->size : sizeof(record->loss));
}

/* The call within has a header of its own, and is as long as that says. */
static bool take_repeated(const void *at, const struct pt_header *header, struct record *record)
{
    const size_t before = offsetof(struct pt_repeated, call);
    struct pt_repeated head;
    struct pt_header inner;

    memcpy(&head, at, before);
    memcpy(&inner, (const char *)at + before, sizeof(inner));
    if (inner.kind != PT_KIND_CALL || inner.size < sizeof(struct pt_call) ||
        inner.size > header->size - before || !head.times || head.times > DECODE_TIMES_MOST ||
        head.since_ns > header->time_ns)
        return false;
    take_call((const char *)at + before, &inner, record);
    record->kind = PT_KIND_CALL;
    if (head.times > 1) {
        record->times = head.times;
        record->since_ns = head.since_ns;
    }
    record->header.time_ns = header->time_ns;
    record->header.lost = header->lost;
    return true;
}

static bool take(const void *at, const struct pt_header *header, struct record *record)
{
    record->kind = header->kind;
    record->refusal_known = false;
    record->times = 0;
    record->since_ns = 0;
    switch (record->kind) {
    case PT_KIND_CALL:
        take_call(at, header, record);
        return true;
    case PT_KIND_SHORT_CALL:
        take_short_call(at, record);
        return true;
    case PT_KIND_SHORT_RELEASE:
        take_short_release(at, record);
        return true;
    case PT_KIND_LOSS:
        take_loss(at, header, record);
        return true;
    case PT_KIND_REPEATED:
        return take_repeated(at, header, record);
    default:
        memcpy(&record->header, at, size_of_kind(header->kind));
        return true;
    }
}

int decode_record(const void *at, size_t size, struct record *ret_record)
{
    struct pt_header header;
    struct record record;
    size_t needed;

    if (size < sizeof(header))
        return -EBADMSG;
    memcpy(&header, at, sizeof(header));
    if (header.version != PT_EVENT_VERSION || header.size < sizeof(header) || header.size > size ||
        header.size > INT32_MAX)
        return -EBADMSG;
    needed = size_of_kind(header.kind);
    if (!needed) {
        ret_record->kind = 0;
        ret_record->header = header;
        return (int)header.size;
    }
    if (header.size < needed || !take(at, &header, &record) || !check(&record))
        return -EBADMSG;
    *ret_record = record;
    return (int)header.size;
}

static void observe_call(const struct pt_call *call, struct observation *ret_seen)
{
    *ret_seen = (struct observation){
        .time_ns = call->header.time_ns,
        .op = call->op,
        .entry = call->entry,
        .plan = call->plan,
        .stage = call->stage,
        .address_source = call->address_source,
        .error = call->error,
        .fd = call->fd,
        .backlog = call->backlog,
        .address_size = call->address_size,
        .implies_autobind = call->flags & PT_CALL_IMPLIES_AUTOBIND,
        .entry_unseen = call->flags & PT_CALL_ENTRY_UNSEEN,
        .process.task = call->task,
        .process_known = true,
        .socket_known = call->flags & PT_CALL_SOCKET_KNOWN,
        .requested = call->requested,
        .local = call->local,
        .latency_ns = call->latency_ns,
        .latency_partial = call->flags & PT_CALL_PARTIAL_LATENCY,
    };
    if (ret_seen->socket_known)
        ret_seen->socket = call->socket;
}

static void observe_release(const struct pt_release *release, struct observation *ret_seen)
{
    *ret_seen = (struct observation){
        .time_ns = release->header.time_ns,
        .op = release->op,
        .plan = release->plan,
        .fd = -1,
        .process_known = release->flags & PT_RELEASE_OWNER_KNOWN,
        .process.task = release->task, /* without an owner there is still the net namespace */
        .socket = release->socket,
        .socket_known = true,
        .local = release->local,
        .held_ns = release->held_ns,
        .taken_by = release->taken_by,
    };
}

void decode_observation(const struct record *record, struct observation *ret_seen)
{
    if (record->kind == PT_KIND_CALL)
        observe_call(&record->call, ret_seen);
    else
        observe_release(&record->release, ret_seen);
    ret_seen->repeated = record->times;
    ret_seen->since_ns = record->since_ns;
    ret_seen->refusal_known = record->refusal_known;
    if (record->refusal_known)
        ret_seen->refusal = record->failed_call.refusal;
}
