// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/kernel/compare.h"
#include "tests/kernel/compare_reason.h"
#include "tests/kernel/coverage.h"
#include "tests/kernel/limits.h"
#include "tests/kernel/match.h"

static bool same_text(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

static bool can_be(const struct seen *seen, const struct call *call)
{
    const char *error = call->error ? strerrorname_np(call->error) : NULL;

    return !seen->used && seen->pid == call->caller.pid &&
           same_text(seen->action, op_name(call->op)) &&
           (error ? same_text(seen->error, error) : !seen->error);
}

/* Of several events that could report a call, the one that says the most of the same wins. */
static int likeness(const struct seen *seen, const struct call *call)
{
    return 4 * (seen->local.port == call->local.port) +
           4 * (seen->requested.port == call->requested.port) +
           2 * same_text(seen->transport, protocol_name(call->protocol)) +
           2 * same_text(seen->local.address, call->local.address) + (seen->fd == call->fd) +
           (seen->tid == call->caller.tid);
}

static struct seen *find(struct trace *trace, const struct call *call)
{
    struct seen *best = NULL;
    size_t i;

    for (i = 0; i < trace->count; i++)
        if (can_be(&trace->seen[i], call) &&
            (!best || likeness(&trace->seen[i], call) > likeness(best, call)))
            best = &trace->seen[i];
    return best;
}

static bool is_wanted(const struct expectation *expected, const struct call *call)
{
    return !expected->wanted || expected->wanted(call, expected->context);
}

size_t match_missing(struct trace *trace, const struct expectation *expected,
                     const struct scene_log *log)
{
    size_t missing = 0, i;

    for (i = 0; i < log->call_count && i < SCENE_CALLS_MAX; i++) {
        struct seen *seen;

        if (!is_wanted(expected, &log->calls[i]))
            continue;
        seen = find(trace, &log->calls[i]);
        if (seen)
            seen->used = true;
        else if (!limits_reason(LIMIT_EVENT, expected->plan, &log->calls[i]))
            missing++;
    }
    for (i = 0; i < trace->count; i++)
        trace->seen[i].used = false;
    return missing;
}

const struct seen *match_event(struct trace *trace, const struct scene_log *log,
                               unsigned int number)
{
    struct seen *seen = NULL;
    unsigned int i;

    for (i = 0; i <= number; i++) {
        seen = find(trace, &log->calls[i]);
        if (seen)
            seen->used = true;
    }
    for (i = 0; i < trace->count; i++)
        trace->seen[i].used = false;
    return seen;
}

static void cover(const struct expectation *expected, const struct call *call, const char *verdict,
                  const char *why)
{
    if (expected->scenario)
        coverage_call(expected->plan, expected->scenario, call, verdict, why);
}

static void judge_call(struct trace *trace, const struct expectation *expected,
                       const struct scene_log *log, const struct call *call, struct wrong *wrong)
{
    const char *limit = limits_reason(LIMIT_EVENT, expected->plan, call);
    struct seen *seen = find(trace, call);

    if (!seen) {
        cover(expected, call, "no", limit ? limit : "FAILED: not seen");
        if (!limit)
            wrong_add(wrong, "%s (%s) of port %u was not seen", op_name(call->op),
                      call->error ? strerrorname_np(call->error) : "success",
                      call->requested.family ? call->requested.port : call->local.port);
        return;
    }
    seen->used = true;
    cover(expected, call, "yes", "");
    if (limit)
        wrong_add(wrong, "%s was seen, which is documented as impossible: %s", op_name(call->op),
                  limit);
    compare_call(seen, expected->plan, call, &log->processes[call->caller.process], wrong);
    if (expected->scenario && call_outcome(call) == CALL_FAILED)
        compare_reason(seen, expected->plan, call, wrong);
}

static bool of_this_scenario(const struct seen *seen, const struct scene_log *log)
{
    unsigned int i;

    for (i = 0; i < log->pid_count && i < SCENE_PROCESSES_MAX; i++)
        if (seen->pid == log->pids[i])
            return true;
    return false;
}

/* What may come beside the calls: ports of accepted sockets, and those that a call only tried. */
static bool is_side_effect(const struct seen *seen, const struct scene_log *log)
{
    unsigned int i;

    if (same_text(seen->action, "release") && log->accepted_port &&
        seen->local.port == log->accepted_port)
        return true;
    for (i = 0; i < log->call_count && i < SCENE_CALLS_MAX; i++) {
        const struct call *call = &log->calls[i];

        if (same_text(seen->action, "release") && call->op == PT_OP_CONNECT && call->error &&
            call->implies_autobind)
            return true;
    }
    return false;
}

static void judge_extras(struct trace *trace, const struct scene_log *log, struct wrong *wrong)
{
    size_t i;

    for (i = 0; i < trace->count; i++) {
        struct seen *seen = &trace->seen[i];

        if (seen->used || !of_this_scenario(seen, log) || is_side_effect(seen, log))
            continue;
        wrong_add(wrong, "%s %s of port %d (local %d) by %s was seen and did not happen",
                  seen->action, seen->error ? seen->error : "success", seen->requested.port,
                  seen->local.port, seen->entry ? seen->entry : "-");
    }
}

void match_judge(struct trace *trace, const struct expectation *expected,
                 const struct scene_log *log, char *ret_wrong, size_t size)
{
    struct wrong wrong = {.text = ret_wrong, .size = size};
    unsigned int i;

    ret_wrong[0] = '\0';
    for (i = 0; i < log->call_count && i < SCENE_CALLS_MAX; i++)
        if (is_wanted(expected, &log->calls[i]))
            judge_call(trace, expected, log, &log->calls[i], &wrong);
    judge_extras(trace, log, &wrong);
}
