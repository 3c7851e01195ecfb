// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_view.h"

#include <errno.h>

#include "user/cli/clock.h"
#include "user/cli/terminal.h"
#include "user/model/errors.h"

#define QUARTER_NS 900000000000ull /* local times change at quarters of an hour only */

enum lookups trace_lookups(const struct trace_options *options)
{
    if (options->read)
        return LOOKUPS_NONE;
    return options->thorough ? LOOKUPS_ALWAYS : LOOKUPS_SPARING;
}

int trace_view_open(struct trace_view *view, const struct trace_options *options,
                    struct strbuf *error)
{
    int result;

    *view = (struct trace_view){.options = options};
    result = output_open(&view->output, options->output, error);
    if (result)
        return result;
    view->names = name_tables_new();
    if (view->names) {
        view->style = (struct text_style){
            .colour = terminal_colour(view->output.fd, options->colour),
            .verbose = options->verbose,
            .names = name_tables_render(view->names),
        };
        if (!options->no_holders)
            view->investigator = investigator_new(&view->style.names, trace_lookups(options));
    }
    if (!view->names || (!options->no_holders && !view->investigator)) {
        strbuf_puts(error, error_message(ENOMEM));
        trace_view_close(view);
        return -ENOMEM;
    }
    trace_view_resize(view);
    return 0;
}

int trace_view_close(struct trace_view *view)
{
    investigator_free(view->investigator);
    name_tables_free(view->names);
    json_memo_free(&view->memo);
    return output_close(&view->output);
}

void trace_view_resize(struct trace_view *view)
{
    view->style.width =
        view->options->width ? view->options->width : terminal_width(view->output.fd);
}

int trace_view_flush(struct trace_view *view)
{
    return output_flush(&view->output);
}

/* A file that was recorded without holders is shown without reasons, as it was then. */
static void leave_reasons_out(struct trace_view *view)
{
    investigator_free(view->investigator);
    view->investigator = NULL;
}

int trace_view_start(struct trace_view *view, const struct pt_start *start)
{
    view->start = *start;
    view->facts = (struct trace_facts){.host = view->start.host,
                                       .kernel = view->start.kernel,
                                       .boot_id = view->start.boot_id,
                                       .plan = view->start.plan,
                                       .holders = view->start.flags & PT_START_HOLDERS};
    if (!view->facts.holders)
        leave_reasons_out(view);
    if (view->options->json)
        render_json_start(&view->facts, start->header.time_ns + start->wall_offset_ns,
                          &view->output.buffer);
    else
        render_text_header(&view->style, &view->output.buffer);
    return trace_view_flush(view);
}

static void follow_local_time(struct trace_view *view, uint64_t wall_ns)
{
    if (wall_ns < view->offset_until_ns && view->offset_until_ns - wall_ns <= QUARTER_NS)
        return;
    view->style.utc_offset_s = clock_utc_offset_s(wall_ns);
    if (view->investigator)
        investigator_set_origin(view->investigator, &view->start, view->style.utc_offset_s);
    view->offset_until_ns = wall_ns - wall_ns % QUARTER_NS + QUARTER_NS;
}

int trace_view_observation(struct trace_view *view, const struct observation *seen,
                           struct found *found)
{
    const struct explanation *explanation = NULL;

    follow_local_time(view, seen->wall_ns);
    if (view->investigator)
        explanation = investigate(view->investigator, seen, found);
    if (view->options->json)
        render_json_observation(&view->facts, &view->style.names, &view->memo, seen, explanation,
                                &view->output.buffer);
    else
        render_text_observation(&view->style, seen, explanation, &view->output.buffer);
    return output_flush_batch(&view->output);
}

int trace_view_loss(struct trace_view *view, const struct loss *loss)
{
    if (view->options->json) {
        render_json_loss(&view->facts, loss, &view->output.buffer);
    } else {
        follow_local_time(view, loss->wall_ns);
        render_text_loss(&view->style, loss, &view->output.buffer);
    }
    return output_flush_batch(&view->output);
}

int trace_view_end(struct trace_view *view, uint64_t wall_ns, const struct trace_totals *totals)
{
    if (view->options->json)
        render_json_end(&view->facts, wall_ns, totals, &view->output.buffer);
    else
        render_text_end(&view->style, totals, &view->output.buffer);
    return trace_view_flush(view);
}
