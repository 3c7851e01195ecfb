// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/answer.h"
#include "tests/kernel/coverage.h"
#include "tests/kernel/feature.h"
#include "tests/kernel/match.h"
#include "tests/kernel/plan.h"
#include "tests/kernel/report.h"
#include "tests/kernel/scenarios.h"

#define NO_TRACE    "kernel"
#define PATIENCE_MS 5000
/* The trace looks up who is in the way a tenth of the time at most, which others slow down. */
#define PACE_MS       50
#define STEP_MS       100
#define EXIT_NO_PLAN  4
#define SCENARIOS_MAX 1024
#define AGAIN_MAX     8
#define REPEATS       2

const char *const plan_names[PLAN_COUNT] = {"fexit", "kprobe", "restricted"};

struct played {
    const struct scenario *scenario;
    struct scene_log *log;
};

/*
 * Scenarios that are played once more, at most twice, and have failed if they fail again: where the
 * kernel skipped hooks, which may have kept something back, and in an emulated machine, whose
 * processors stand still for a tenth of a second at any place.
 */
struct again {
    const char *names[AGAIN_MAX];
    size_t count;
};

struct play {
    struct played played[SCENARIOS_MAX];
    size_t count;
    struct again *again; /* NULL: this is the last time */
};

static bool is_played_again(struct play *all, const char *plan, const char *name, bool excused,
                            const char *wrong)
{
    struct again *again = all->again;

    if (!again || !excused || again->count == AGAIN_MAX)
        return false;
    again->names[again->count++] = name;
    report_note("%s %s: once more: %s", plan, name, wrong);
    return true;
}

static bool has_skipped(const struct trace *trace)
{
    return trace->count && trace->seen[trace->count - 1].skipped > 0;
}

/* trace: NULL where nobody traces. */
static void play(const struct scenario *scenario, struct play *all, const char *group,
                 struct trace *trace)
{
    const struct expectation expected = {.plan = group, .scenario = scenario};
    struct played *played = &all->played[all->count];
    const char *wrong;
    int pid, fd;

    if (all->count == SCENARIOS_MAX)
        abort();
    played->scenario = scenario;
    played->log = scene_log_new(&fd);
    if (!played->log)
        abort();
    played->log->watched = trace != NULL;
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        scene_play(scenario, played->log, fd);
    if (pid < 0 || answer_until_end(pid, trace, &expected, played->log) < 0)
        abort();
    close(fd);
    if (played->log->finished && !played->log->failure[0]) {
        all->count++;
        return;
    }
    wrong = played->log->failure[0] ? played->log->failure : "it did not come to its end";
    if (!is_played_again(all, group, scenario->name, feature_emulated(), wrong))
        report_failed(group, scenario->name, "%s", wrong);
    scene_log_free(played->log);
}

static bool is_wanted(const struct run_options *options, const struct scenario *scenario)
{
    return !options->only || strstr(scenario->name, options->only);
}

static void play_all(const struct run_options *options, struct play *all, const char *group,
                     struct trace *trace)
{
    const struct scenario *scenario;
    const char *missing;
    size_t i, k;

    all->count = 0;
    for (i = 0; i < scenario_theme_count; i++) {
        for (k = 0; k < scenario_themes[i]->count; k++) {
            scenario = &scenario_themes[i]->scenarios[k];
            if (!is_wanted(options, scenario))
                continue;
            missing = feature_missing(scenario_needs(scenario));
            if (missing) {
                report_skipped(group, scenario->name, missing);
                coverage_missing_scenario(group, scenario, missing);
                continue;
            }
            play(scenario, all, group, trace);
            if (trace && !strncmp(scenario->name, "reason-", strlen("reason-")))
                usleep(PACE_MS * 1000);
        }
    }
}

static void wait_for_events(struct trace *trace, const char *plan, const struct play *all)
{
    const struct expectation expected = {.plan = plan};
    size_t missing = 1, i;
    int waited;

    for (waited = 0; missing && waited < PATIENCE_MS; waited += STEP_MS) {
        usleep(STEP_MS * 1000);
        trace_read(trace);
        for (missing = 0, i = 0; i < all->count; i++)
            missing += match_missing(trace, &expected, all->played[i].log);
    }
}

static void judge_all(struct trace *trace, const char *plan, struct play *all)
{
    bool excused = feature_emulated() || has_skipped(trace);
    char wrong[1024];
    size_t i;

    for (i = 0; i < all->count; i++) {
        struct played *played = &all->played[i];
        const struct expectation expected = {.plan = plan, .scenario = played->scenario};

        match_judge(trace, &expected, played->log, wrong, sizeof(wrong));
        if (!wrong[0])
            report_passed(plan, played->scenario->name);
        else if (!is_played_again(all, plan, played->scenario->name, excused, wrong))
            report_failed(plan, played->scenario->name, "%s", wrong);
        scene_log_free(played->log);
    }
}

static void judge_stream(const struct trace *trace, const char *plan, bool ended)
{
    const struct seen *last = trace->count ? &trace->seen[trace->count - 1] : NULL;
    int64_t sequence = 0;
    size_t i;

    for (i = 0; i < trace->count; i++) {
        if (trace->seen[i].sequence < 0)
            continue;
        if (trace->seen[i].sequence != sequence + 1 || trace->seen[i].lost_before)
            break;
        sequence = trace->seen[i].sequence;
    }
    if (!ended || !trace_exited_with(trace, 0))
        report_failed(plan, "stream", "SIGINT did not end it with 0");
    else if (trace->broken || trace->text_size)
        report_failed(plan, "stream", "%zu lines are not JSON", trace->broken + 1);
    else if (i < trace->count)
        report_failed(plan, "stream", "events are missing after number %lld", (long long)sequence);
    else if (!last || !last->action || strcmp(last->action, "trace-end") != 0)
        report_failed(plan, "stream", "the last line is not trace-end");
    else
        report_passed(plan, "stream");
}

static bool is_expected(const struct run_options *options, const char *plan)
{
    const char *at = options->expected_plans;
    size_t length = strlen(plan);

    for (; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strncmp(at, plan, length) == 0 && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

static void plan_missing(const struct run_options *options, const struct trace *trace,
                         const char *plan)
{
    if (!trace_exited_with(trace, EXIT_NO_PLAN))
        report_failed(plan, "start", "it neither started nor exited with %d: %s", EXIT_NO_PLAN,
                      trace->errors);
    else if (is_expected(options, plan) || strcmp(options->plan, plan) == 0)
        report_failed(plan, "start", "plan %s not available here: %s", plan, trace->errors);
    else
        report_note("plan %s not available here: %s", plan, trace->errors);
    coverage_missing_plan(plan, trace->errors);
}

static void play_plan(const struct run_options *options, const char *plan, struct again *again)
{
    const char *args[] = {"--plan", plan, "--thorough", NULL, NULL};
    static struct play all;
    struct trace trace;
    char path[4096];
    bool ended;

    if (strcmp(plan, "restricted") != 0)
        args[3] = "--seccomp";
    snprintf(path, sizeof(path), "%s/events-%s.jsonl", options->out ? options->out : "", plan);
    if (!trace_start(&trace, options->porttrace, args, options->out ? path : NULL)) {
        trace_end(&trace, SIGKILL);
        plan_missing(options, &trace, plan);
        trace_free(&trace);
        return;
    }
    if (options->expected_plans && !is_expected(options, plan))
        report_failed(plan, "start", "plan %s is available and was not expected", plan);
    all.again = again;
    play_all(options, &all, plan, &trace);
    wait_for_events(&trace, plan, &all);
    ended = trace_end(&trace, SIGINT);
    judge_all(&trace, plan, &all);
    all.again = NULL;
    judge_stream(&trace, plan, ended);
    trace_free(&trace);
}

static void check_plan(const struct run_options *options, const char *plan)
{
    struct run_options one = *options;
    struct again again[REPEATS] = {0};

    play_plan(options, plan, &again[0]);
    one.out = NULL;
    for (size_t repeat = 0; repeat < REPEATS; repeat++)
        for (size_t i = 0; i < again[repeat].count; i++) {
            one.only = again[repeat].names[i];
            play_plan(&one, plan, repeat + 1 < REPEATS ? &again[repeat + 1] : NULL);
        }
}

bool plan_is_chosen(const struct run_options *options, const char *plan)
{
    return strcmp(options->plan, "all") == 0 || strcmp(options->plan, plan) == 0;
}

bool plan_is_usable(const struct run_options *options, const char *plan)
{
    const char *args[] = {"--plan", plan, NULL};
    struct trace trace;
    bool started = trace_start(&trace, options->porttrace, args, NULL);

    trace_end(&trace, SIGKILL);
    if (!started)
        plan_missing(options, &trace, plan);
    trace_free(&trace);
    return started;
}

static void check_kernel(const struct run_options *options)
{
    static struct play all;
    size_t i;

    play_all(options, &all, NO_TRACE, NULL);
    for (i = 0; i < all.count; i++) {
        report_passed(NO_TRACE, all.played[i].scenario->name);
        scene_log_free(all.played[i].log);
    }
}

void plans_check(const struct run_options *options, bool no_trace)
{
    size_t i;

    if (!coverage_open(options->out)) {
        report_failed("coverage", "table", "cannot be written: %m");
        return;
    }
    if (no_trace)
        check_kernel(options);
    for (i = 0; !no_trace && i < PLAN_COUNT; i++)
        if (plan_is_chosen(options, plan_names[i]))
            check_plan(options, plan_names[i]);
    coverage_close();
}
