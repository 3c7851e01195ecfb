// SPDX-License-Identifier: GPL-2.0
#include "user/cli/trace_view.h"

#include <errno.h>

#include "user/cli/clock.h"
#include "user/cli/terminal.h"
#include "user/model/errors.h"

#define QUARTER_NS 900000000000ull /* local times change at quarters of an hour only */

int trace_view_open(struct trace_view *view, const struct trace_options *options,
                    struct strbuf *error)
{
    int result;

    *view = (struct trace_view){.options = options};
    result = output_open(&view->output, options->output, error);
    if (result)
        return result;
    view->names = name_tables_new();
    if (!view->names) {
        strbuf_puts(error, error_message(ENOMEM));
        output_close(&view->output);
        return -ENOMEM;
    }
    view->style = (struct text_style){
        .colour = terminal_colour(view->output.fd, options->colour),
        .verbose = options->verbose,
        .names = name_tables_render(view->names),
    };
    trace_view_resize(view);
    return 0;
}

int trace_view_close(struct trace_view *view)
{
    name_tables_free(view->names);
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

int trace_view_start(struct trace_view *view, const struct pt_start *start)
{
    view->start = *start;
    view->facts = (struct trace_facts){.host = view->start.host,
                                       .kernel = view->start.kernel,
                                       .boot_id = view->start.boot_id,
                                       .plan = view->start.plan};
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
    view->offset_until_ns = wall_ns - wall_ns % QUARTER_NS + QUARTER_NS;
}

int trace_view_observation(struct trace_view *view, const struct observation *seen)
{
    if (view->options->json) {
        render_json_observation(&view->facts, &view->style.names, seen, NULL,
                                &view->output.buffer);
    } else {
        follow_local_time(view, seen->wall_ns);
        render_text_observation(&view->style, seen, NULL, &view->output.buffer);
    }
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
