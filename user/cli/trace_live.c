// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_live.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/confine.h"
#include "user/cli/event_file.h"
#include "user/cli/held_records.h"
#include "user/cli/host.h"
#include "user/cli/investigate.h"
#include "user/cli/pipeline.h"
#include "user/cli/plan_report.h"
#include "user/cli/priority.h"
#include "user/cli/signals.h"
#include "user/cli/trace_view.h"
#include "user/cli/wakeup.h"
#include "user/enrich/names.h"
#include "user/model/errors.h"
#include "user/model/losses.h"

#define ENDED (-ECANCELED) /* as the user wanted */

struct live {
    const struct trace_options *options;
    struct capture *capture;
    struct pipeline *pipeline;
    struct trace_view view; /* unless .records are written */
    struct output records;
    struct event_file_seals seals; /* in .records */
    struct name_tables *names;     /* for .records, as the rest here */
    struct investigator *investigator;
    struct wakeup wakeup;
    uint64_t shown;
    bool draining;
};

static struct output *output_of(struct live *live)
{
    return live->options->write ? &live->records : &live->view.output;
}

static int flush(struct live *live)
{
    if (live->options->write)
        event_file_seal(&live->records.buffer, &live->seals);
    live->seals.sealed = 0;
    return output_flush(output_of(live));
}

static int on_start(void *context, const struct pt_start *start)
{
    struct live *live = context;

    if (!live->options->write)
        return trace_view_start(&live->view, start);
    if (live->investigator)
        investigator_set_origin(live->investigator, start, 0);
    strbuf_add(&live->records.buffer, (const char *)start, sizeof(*start));
    return flush(live);
}

/* The record of the call itself follows. */
static int record_holders(struct live *live, const struct observation *seen, struct found *found)
{
    const struct explanation *explanation;
    uint64_t looked_at_ns;

    if (!live->investigator)
        return 0;
    explanation = investigate(live->investigator, seen, found);
    looked_at_ns = investigator_facts(live->investigator)->looked_at_ns;
    if (!explanation || !looked_at_ns)
        return 0;
    /* What was looked up before the call is told as of the call. */
    return held_records_add(live->pipeline, explanation,
                            looked_at_ns > seen->time_ns ? looked_at_ns : seen->time_ns,
                            &live->records.buffer);
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct live *live = context;
    int result = live->options->write ? record_holders(live, seen, found)
                                      : trace_view_observation(&live->view, seen, found);

    if (!result && ++live->shown == live->options->count)
        return ENDED;
    return result;
}

static int on_loss(void *context, const struct loss *loss)
{
    struct live *live = context;
    struct pt_loss record = {.header = {.version = PT_EVENT_VERSION,
                                        .kind = PT_KIND_LOSS,
                                        .size = sizeof(record),
                                        .time_ns = loss->time_ns}};

    if (!live->options->write)
        return trace_view_loss(&live->view, loss);
    for (int cause = 0; cause < PT_LOSS_CAUSES; cause++)
        record.lost[cause] = loss->lost[cause];
    strbuf_add(&live->records.buffer, (const char *)&record, sizeof(record));
    return 0;
}

static void on_forgotten(void *context, uint32_t pid)
{
    capture_describe_again(((struct live *)context)->capture, pid);
}

static void read_losses(void *context, uint64_t ret_lost[PT_LOSS_CAUSES])
{
    capture_losses(((struct live *)context)->capture, ret_lost);
}

static int on_record(void *context, const void *record, size_t size)
{
    struct live *live = context;
    int taken = pipeline_take(live->pipeline, record, size);

    if (taken < 0 && taken != ENDED)
        return taken;
    if (live->options->write) {
        int result = 0;

        strbuf_add(&live->records.buffer, record, size);
        if (live->records.buffer.length - live->seals.sealed >= EVENT_FILE_PART)
            event_file_seal(&live->records.buffer, &live->seals);
        if (live->records.buffer.length >= OUTPUT_BATCH)
            result = flush(live);
        if (result)
            return result;
    }
    if (taken == ENDED || (!live->draining && signals_asked_to_end()))
        return ENDED;
    return 0;
}

static int check_wakeup(struct live *live)
{
    switch (wakeup_check(&live->wakeup)) {
    case WAKEUP_END:
        return ENDED;
    case WAKEUP_NOBODY:
        return -EPIPE;
    case WAKEUP_RESIZE:
        trace_view_resize(&live->view);
        break;
    case WAKEUP_NOTHING:
        break;
    }
    return 0;
}

static int run(struct live *live)
{
    struct pt_start start = host_start_record(live->options->capture.plan);
    int result;

    if (!live->options->no_holders)
        start.flags |= PT_START_HOLDERS;
    if (live->options->write)
        start.flags |= PT_START_ENDS | PT_START_SEALED;
    result = pipeline_take(live->pipeline, &start, sizeof(start));
    while (result >= 0) {
        result = capture_read(live->capture, on_record, live, live->wakeup.fd, -1);
        if (result == -EINTR)
            result = 0;
        if (result >= 0)
            result = flush(live);
        if (!result)
            result = check_wakeup(live);
    }
    return result;
}

static int end_records(struct live *live, uint64_t end_ns, const struct trace_totals *totals)
{
    int result;

    event_file_end(&live->records.buffer, end_ns, loss_events(totals->lost), &live->seals);
    result = output_flush(&live->records);
    if (result)
        return result;
    if (totals->repeated)
        complain("%llu refused calls were the same as the one before and are counted in its event",
                 (unsigned long long)totals->repeated);
    complain("%llu events written to %s, %llu lost", (unsigned long long)totals->observations,
             live->records.name, (unsigned long long)loss_events(totals->lost));
    return 0;
}

/* What was seen until now is shown, unless --count says that it is enough. */
static int finish(struct live *live)
{
    struct trace_totals totals;
    uint64_t end_ns = clock_boot_ns();
    bool enough = live->options->count && live->shown >= live->options->count;
    int result = enough ? flush(live) : 0;

    if (result)
        return result;
    capture_stop(live->capture); /* takes some tenths of a second */
    if (!enough) {
        end_ns = clock_boot_ns();
        live->draining = true;
        do {
            result = capture_read(live->capture, on_record, live, -1, 0);
        } while (result > 0 || result == -EINTR);
        if (!result)
            result = pipeline_finish(live->pipeline, end_ns);
    }
    if (result && result != ENDED)
        return result;
    totals = pipeline_totals(live->pipeline);
    if (live->options->write)
        return end_records(live, end_ns, &totals);
    return trace_view_end(&live->view, pipeline_wall_ns(live->pipeline, end_ns), &totals);
}

static int report_end(struct live *live, int result)
{
    if (!result || result == -EPIPE || output_of(live)->error)
        return STATUS_DONE; /* what could not be written is told when the output is closed */
    if (result == -EBADMSG)
        complain("the kernel sent a record that does not make sense; this is a bug in porttrace");
    else
        complain("cannot read events: %s", error_message(-result));
    return STATUS_BAD_NEWS;
}

static void follow(struct live *live)
{
    struct investigator *investigator =
        live->options->write ? live->investigator : live->view.investigator;

    if (investigator)
        investigator_follow(investigator, live->capture);
}

static int trace(struct live *live)
{
    const struct pipeline_output output = {.start = on_start,
                                           .observation = on_observation,
                                           .loss = on_loss,
                                           .losses = read_losses,
                                           .forgotten = on_forgotten,
                                           .context = live};
    int result = wakeup_open(&live->wakeup, output_of(live)->fd, live->options->duration_ns);

    if (result) {
        complain("cannot wait for events: %s", error_message(-result));
        return STATUS_BAD_NEWS;
    }
    follow(live);
    live->pipeline = pipeline_new(&output);
    result = live->pipeline ? run(live) : -ENOMEM;
    if (result == ENDED)
        result = finish(live);
    pipeline_free(live->pipeline);
    wakeup_close(&live->wakeup);
    return report_end(live, result);
}

static int open_records(struct live *live, const struct trace_options *options,
                        struct strbuf *reason)
{
    struct render_names names;
    int result = output_open(&live->records, options->write, reason);

    if (!result)
        live->records.whole = event_file_whole;
    if (result || options->no_holders)
        return result;
    live->names = name_tables_new();
    if (live->names) {
        names = name_tables_render(live->names);
        live->investigator = investigator_new(&names, trace_lookups(options));
    }
    if (live->investigator)
        return 0;
    output_close(&live->records);
    return -ENOMEM;
}

static int open_output(struct live *live, const struct trace_options *options)
{
    struct strbuf reason = {0};
    int result;

    if (options->write && !strcmp(options->write, "-") && isatty(STDOUT_FILENO)) {
        strbuf_puts(&reason, "event records are not for a terminal; name a file");
        result = -EINVAL;
    } else if (options->write) {
        result = open_records(live, options, &reason);
    } else {
        result = trace_view_open(&live->view, options, &reason);
    }
    if (result)
        complain("--%s: %s", options->write ? "write" : "output",
                 reason.text ? reason.text : error_message(-result));
    strbuf_free(&reason);
    return result;
}

/* Before anything is read that others have written. */
static int confine(const struct trace_options *options)
{
    int result = confine_to(confine_needed(!options->no_holders, false));

    if (result)
        complain("cannot give up the privileges that are not needed any more: %s",
                 error_message(-result));
    return result;
}

static int close_output(struct live *live, int status)
{
    const char *name = output_of(live)->name;
    int result =
        live->options->write ? output_close(&live->records) : trace_view_close(&live->view);

    investigator_free(live->investigator);
    name_tables_free(live->names);
    if (!result || result == -EPIPE)
        return status;
    complain("%s cannot be written: %s", name, error_message(-result));
    return STATUS_BAD_NEWS;
}

int trace_live(const struct trace_options *options)
{
    struct trace_options chosen = *options;
    struct live live = {.options = &chosen};
    struct capture_report report;
    int result, status;

    if (open_output(&live, &chosen))
        return STATUS_BAD_NEWS;
    result = capture_open(&options->capture, &live.capture, &report);
    if (result) {
        status = plan_report_failure(&report, result);
    } else {
        chosen.capture.plan = report.plan;
        if (!options->json && !options->capture.plan)
            plan_report_choice(&report);
        plan_report_seccomp(options->capture.seccomp, report.plan);
        if (options->write)
            complain("recording to %s, Ctrl-C ends it", live.records.name);
        priority_raise();
        if (confine(&chosen) || output_begin(output_of(&live)))
            status = STATUS_BAD_NEWS;
        else
            status = trace(&live);
        capture_close(live.capture);
    }
    return close_output(&live, status);
}
