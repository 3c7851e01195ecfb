// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/host.h"
#include "user/cli/investigate.h"
#include "user/cli/pipeline.h"
#include "user/cli/repeats.h"
#include "user/cli/run_wanted.h"
#include "user/cli/terminal.h"
#include "user/enrich/names.h"
#include "user/render/moment.h"
#include "user/render/report.h"

struct run_report {
    const struct run_options *options;
    struct capture *capture;
    struct run_output *output;
    struct pipeline *pipeline;
    struct investigator *investigator;
    struct repeats *repeats;
    struct name_tables *names;
    struct pt_start start;
    struct trace_facts trace;
    struct text_style style;
    struct strbuf text;
};

static void write_text(struct run_report *report)
{
    run_output_write(report->output, &report->text);
    strbuf_reset(&report->text);
}

static void follow_terminal(struct run_report *report, uint64_t wall_ns)
{
    report->style.width = terminal_width(report->output->output.fd);
    report->style.utc_offset_s = clock_utc_offset_s(wall_ns);
}

static int on_start(void *context, const struct pt_start *start)
{
    struct run_report *report = context;
    uint64_t wall_ns = start->header.time_ns + start->wall_offset_ns;

    report->start = *start;
    report->trace = (struct trace_facts){.host = report->start.host,
                                         .kernel = report->start.kernel,
                                         .boot_id = report->start.boot_id,
                                         .plan = report->start.plan,
                                         .holders = true};
    investigator_set_origin(report->investigator, &report->start, clock_utc_offset_s(wall_ns));
    if (!report->options->json)
        return 0;
    render_json_start(&report->trace, wall_ns, &report->text);
    write_text(report);
    return 0;
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct run_report *report = context;
    const struct explanation *explanation;

    if (!run_wants(seen, report->options->all))
        return 0;
    explanation = investigate(report->investigator, seen, found);
    if (report->options->json) {
        render_json_observation(&report->trace, &report->style.names, NULL, seen, explanation,
                                &report->text);
    } else if (explanation && repeats_take(report->repeats, seen, explanation)) {
        follow_terminal(report, seen->wall_ns);
        render_report(&report->style, seen, explanation, &report->text);
    }
    write_text(report);
    return 0;
}

static int on_loss(void *context, const struct loss *loss)
{
    struct run_report *report = context;
    struct loss told = *loss;

    if (report->options->json) {
        render_json_loss(&report->trace, loss, &report->text);
    } else {
        told.lost[PT_LOSS_SOCKETS_FULL] = 0; /* no report is missing: it tells no release */
        follow_terminal(report, loss->wall_ns);
        render_text_loss(&report->style, &told, &report->text);
    }
    write_text(report);
    return 0;
}

static void on_forgotten(void *context, uint32_t pid)
{
    capture_describe_again(((struct run_report *)context)->capture, pid);
}

static void read_losses(void *context, uint64_t ret_lost[PT_LOSS_CAUSES])
{
    capture_losses(((struct run_report *)context)->capture, ret_lost);
}

static void on_repeat(void *context, const struct repeat *repeat)
{
    struct run_report *report = context;

    strbuf_printf(&report->text, "(again, %llu %s in the last ", (unsigned long long)repeat->times,
                  repeat->times == 1 ? "time" : "times");
    moment_add_length(&report->text, repeat->over_ns);
    strbuf_printf(&report->text, ": %s)\n", repeat->sentence);
}

struct run_report *run_report_new(const struct run_options *options, struct capture *capture,
                                  struct run_output *output)
{
    struct run_report *report = calloc(1, sizeof(*report));
    const struct pipeline_output pipeline = {.start = on_start,
                                             .observation = on_observation,
                                             .loss = on_loss,
                                             .losses = read_losses,
                                             .forgotten = on_forgotten,
                                             .context = report};

    if (!report)
        return NULL;
    report->options = options;
    report->capture = capture;
    report->output = output;
    report->names = name_tables_new();
    report->repeats = repeats_new(on_repeat, report);
    report->pipeline = pipeline_new(&pipeline);
    if (report->names) {
        report->style.colour = terminal_colour(output->output.fd, options->colour);
        report->style.names = name_tables_render(report->names);
        report->investigator = investigator_new(&report->style.names, LOOKUPS_SPARING);
    }
    if (report->repeats && report->pipeline && report->investigator) {
        investigator_follow(report->investigator, capture);
        investigator_set_command(report->investigator, (uint32_t)getpid());
        return report;
    }
    run_report_free(report);
    return NULL;
}

void run_report_free(struct run_report *report)
{
    if (!report)
        return;
    investigator_free(report->investigator);
    pipeline_free(report->pipeline);
    repeats_free(report->repeats);
    name_tables_free(report->names);
    strbuf_free(&report->text);
    free(report);
}

int run_report_start(struct run_report *report, enum pt_plan plan)
{
    struct pt_start start = host_start_record(plan);
    int taken = pipeline_take(report->pipeline, &start, sizeof(start));

    return taken < 0 ? taken : 0;
}

int run_report_record(void *context, const void *record, size_t size)
{
    struct run_report *report = context;
    int taken = pipeline_take(report->pipeline, record, size);

    return taken < 0 ? taken : 0;
}

int run_report_finish(struct run_report *report)
{
    uint64_t now_ns = clock_boot_ns();
    int result = pipeline_finish(report->pipeline, now_ns);
    struct trace_totals totals = pipeline_totals(report->pipeline);

    if (report->options->json)
        render_json_end(&report->trace, pipeline_wall_ns(report->pipeline, now_ns), &totals,
                        &report->text);
    else
        repeats_finish(report->repeats, now_ns);
    write_text(report);
    return result;
}
