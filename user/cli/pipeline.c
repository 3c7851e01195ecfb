// SPDX-License-Identifier: GPL-2.0
#include "user/cli/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "user/decode/decode.h"
#include "user/enrich/process.h"
#include "user/model/losses.h"
#include "user/model/operations.h"

#define PROCESSES_KEPT 8192
#define COUNT_MOST     DECODE_TIMES_MOST

struct pipeline {
    struct pipeline_output output;
    struct process_cache *processes;
    struct found found; /* for the next call */
    struct trace_totals totals;
    bool started;
    bool ends; /* with a record that says so */
    bool ended;
    uint64_t wall_offset_ns;
    uint64_t last_ns;
    uint64_t sequence;    /* of the last record, shown or lost */
    uint64_t lost_before; /* the next one */
    uint64_t claimed;     /* events that records say are lost */
    uint64_t told;        /* events that were told as lost */
};

struct pipeline *pipeline_new(const struct pipeline_output *output)
{
    struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

    if (!pipeline)
        return NULL;
    pipeline->output = *output;
    pipeline->processes = process_cache_new(PROCESSES_KEPT);
    if (!pipeline->processes) {
        free(pipeline);
        return NULL;
    }
    process_cache_watch(pipeline->processes, output->forgotten, output->context);
    return pipeline;
}

void pipeline_free(struct pipeline *pipeline)
{
    if (!pipeline)
        return;
    process_cache_free(pipeline->processes);
    found_reset(&pipeline->found);
    free(pipeline);
}

uint64_t pipeline_wall_ns(const struct pipeline *pipeline, uint64_t time_ns)
{
    return time_ns + pipeline->wall_offset_ns;
}

static int tell_loss(struct pipeline *pipeline, const uint64_t lost[PT_LOSS_CAUSES],
                     uint64_t time_ns)
{
    struct loss loss = {.time_ns = time_ns, .wall_ns = pipeline_wall_ns(pipeline, time_ns)};
    uint64_t events = loss_events(lost);
    bool any = false;

    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        loss.lost[cause] = lost[cause];
        pipeline->totals.lost[cause] += lost[cause];
        any |= lost[cause] > 0;
    }
    if (!any)
        return 0;
    pipeline->told += events;
    pipeline->sequence += events;
    pipeline->lost_before += events;
    loss.sequence = pipeline->sequence + 1;
    return pipeline->output.loss(pipeline->output.context, &loss);
}

/*
 * The counters may be ahead of the record: what was lost after it is told later. Lost descriptions
 * and skipped hooks are no events and have no place of their own.
 */
static int tell_counted(struct pipeline *pipeline, uint64_t events, uint64_t time_ns)
{
    uint64_t now[PT_LOSS_CAUSES] = {0}, lost[PT_LOSS_CAUSES];

    pipeline->output.losses(pipeline->output.context, now);
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        lost[cause] = now[cause] - pipeline->totals.lost[cause];
        if (!loss_is_of_events(cause))
            continue;
        if (lost[cause] > events)
            lost[cause] = events;
        events -= lost[cause];
    }
    return tell_loss(pipeline, lost, time_ns);
}

static int check_losses(struct pipeline *pipeline, const struct pt_header *header)
{
    if (header->lost <= pipeline->claimed)
        return 0;
    if (header->lost > COUNT_MOST)
        return -EBADMSG;
    pipeline->claimed = header->lost;
    if (!pipeline->output.losses || pipeline->claimed <= pipeline->told)
        return 0;
    return tell_counted(pipeline, pipeline->claimed - pipeline->told, header->time_ns);
}

static int take_start(struct pipeline *pipeline, const struct pt_start *start)
{
    if (pipeline->started)
        return -EBADMSG;
    pipeline->started = true;
    pipeline->ends = start->flags & PT_START_ENDS;
    pipeline->wall_offset_ns = start->wall_offset_ns;
    return pipeline->output.start(pipeline->output.context, start);
}

static int take_loss(struct pipeline *pipeline, const struct pt_loss *loss)
{
    uint64_t lost[PT_LOSS_CAUSES];

    if (pipeline->output.losses)
        return -EBADMSG;
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++) {
        lost[cause] = loss->lost[cause];
        if (lost[cause] > COUNT_MOST - pipeline->totals.lost[cause])
            return -EBADMSG;
    }
    return tell_loss(pipeline, lost, loss->header.time_ns);
}

static int take_end(struct pipeline *pipeline, const struct pt_end *end)
{
    if (pipeline->output.losses)
        return -EBADMSG;
    pipeline->ended = true;
    pipeline->last_ns = end->header.time_ns;
    return 0;
}

static void find(struct pipeline *pipeline, const struct pt_holder *seen)
{
    struct process_facts process;
    bool owned = seen->flags & PT_HOLDER_OWNER_KNOWN;

    if (owned)
        process_cache_lookup(pipeline->processes, &seen->task, &process);
    found_add(&pipeline->found, seen, owned ? &process : NULL);
}

/* Of sockets that were looked up before the call that they stand in the way of. */
static void take_held(struct pipeline *pipeline, const struct pt_held *held)
{
    find(pipeline, &held->holder);
    if (held->header.time_ns > pipeline->found.looked_ns)
        pipeline->found.looked_ns = held->header.time_ns;
}

/* Fills in who made the call. */
static int describe(struct pipeline *pipeline, struct observation *seen)
{
    struct pt_task task = seen->process.task;

    if (!seen->process_known)
        return 0;
    process_cache_lookup(pipeline->processes, &task, &seen->process);
    if (pipeline->output.match)
        return filter_match_process(pipeline->output.match, &task);
    if (!seen->process.described && pipeline->output.losses)
        return tell_counted(pipeline, 0, seen->time_ns);
    return 0;
}

static int take_observation(struct pipeline *pipeline, struct observation *seen)
{
    uint64_t more = seen->repeated ? seen->repeated - 1 : 0;
    int result = describe(pipeline, seen);

    if (result || (pipeline->output.match && !filter_match(pipeline->output.match, seen)))
        return result;
    if (more > COUNT_MOST - pipeline->totals.repeated)
        return -EBADMSG;
    seen->sequence = ++pipeline->sequence;
    seen->lost_before = pipeline->lost_before;
    pipeline->lost_before = 0;
    pipeline->totals.observations++;
    pipeline->totals.repeated += more;
    return pipeline->output.observation(pipeline->output.context, seen, &pipeline->found);
}

/* A release will tell of the process. A listen does not take the port: an autobind comes before it.
 */
static bool takes_port(const struct observation *seen)
{
    if (!seen->process_known || !seen->local.port || operation_outcome(seen) == OUTCOME_FAILURE)
        return false;
    return seen->op == PT_OP_BIND || seen->op == PT_OP_AUTOBIND ||
           (seen->op == PT_OP_CONNECT && seen->implies_autobind &&
            seen->socket.type == SOCK_STREAM);
}

static int take_event(struct pipeline *pipeline, const struct record *record)
{
    struct observation seen;
    struct pt_task task;
    int result;

    decode_observation(record, &seen);
    seen.wall_ns = pipeline_wall_ns(pipeline, seen.time_ns);
    task = seen.process.task;
    if (seen.refusal_known && seen.refusal.holder.source)
        find(pipeline, &seen.refusal.holder);
    if (takes_port(&seen))
        process_cache_hold(pipeline->processes, &task, true);
    result = take_observation(pipeline, &seen);
    if (seen.op == PT_OP_RELEASE && seen.taken_by)
        process_cache_hold(pipeline->processes, &task, false);
    if (record->kind == PT_KIND_CALL)
        found_reset(&pipeline->found);
    return result;
}

static int take_process(struct pipeline *pipeline, const struct pt_process *process)
{
    int result = 0;

    if (pipeline->output.match)
        result = filter_match_process(pipeline->output.match, &process->task);
    return result ? result : process_cache_describe(pipeline->processes, process);
}

static int take_record(struct pipeline *pipeline, const struct record *record)
{
    switch (record->kind) {
    case PT_KIND_START:
        return take_start(pipeline, &record->start);
    case PT_KIND_PROCESS:
        return take_process(pipeline, &record->process);
    case PT_KIND_TEXT:
        return process_cache_text(pipeline->processes, &record->text);
    case PT_KIND_CALL:
    case PT_KIND_RELEASE:
        return take_event(pipeline, record);
    case PT_KIND_LOSS:
        return take_loss(pipeline, &record->loss);
    case PT_KIND_HELD:
        take_held(pipeline, &record->held);
        break;
    case PT_KIND_END:
        return take_end(pipeline, &record->end);
    case PT_KIND_SHORT_CALL:
    case PT_KIND_SHORT_RELEASE:
    case PT_KIND_REPEATED: /* these are decoded as what they stand for */
    case PT_KIND_SEAL:     /* whoever reads the file goes by it */
        break;
    }
    return 0;
}

int pipeline_take(struct pipeline *pipeline, const void *at, size_t size)
{
    struct record record;
    int length = decode_record(at, size, &record);
    int result = 0;

    if (length < 0)
        return length;
    if (pipeline->ended || (!pipeline->started && record.kind != PT_KIND_START))
        return -EBADMSG;
    if (record.header.time_ns > pipeline->last_ns)
        pipeline->last_ns = record.header.time_ns;
    if (record.kind)
        result = check_losses(pipeline, &record.header);
    if (!result)
        result = take_record(pipeline, &record);
    return result ? result : length;
}

int pipeline_finish(struct pipeline *pipeline, uint64_t time_ns)
{
    if (pipeline->output.losses)
        return tell_counted(pipeline, UINT64_MAX, time_ns);
    if (pipeline->ends && !pipeline->ended)
        return -ENOMSG;
    return pipeline->claimed > pipeline->told ? -ENODATA : 0;
}

bool pipeline_describes(struct pipeline *pipeline, const struct pt_task *task)
{
    struct process_facts process;

    process_cache_lookup(pipeline->processes, task, &process);
    return process.described;
}

struct trace_totals pipeline_totals(const struct pipeline *pipeline)
{
    return pipeline->totals;
}

uint64_t pipeline_last_ns(const struct pipeline *pipeline)
{
    return pipeline->last_ns;
}
