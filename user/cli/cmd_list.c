// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/cli/list_options.h"
#include "user/cli/list_view.h"
#include "user/cli/list_watch.h"
#include "user/cli/lookups.h"
#include "user/cli/output.h"
#include "user/cli/host_check.h"
#include "user/cli/survey.h"
#include "user/cli/terminal.h"
#include "user/host/netns.h"
#include "user/model/errors.h"

/* 0: more than one is named, or none. */
static uint16_t only_port(const struct list_options *options)
{
    const struct filter *filter = &options->trace.capture.filter;

    if (filter->port_count + options->wanted_count != 1)
        return 0;
    if (options->wanted_count)
        return options->wanted[0].endpoint.port;
    return filter->ports[0].low == filter->ports[0].high ? filter->ports[0].low : 0;
}

static struct survey_query query_of(const struct list_options *options)
{
    const struct filter *filter = &options->trace.capture.filter;
    struct survey_query query = {
        .described = !options->quiet || filter->cgroup_count,
        .published = !options->quiet,
        .rules = !options->quiet,
        .port = only_port(options),
        .own_numbers = options->quiet,
    };

    if (filter->netns_count == 1)
        query.netns = filter->netns[0];
    return query;
}

static int flush_batch(void *context)
{
    return output_flush_batch(context);
}

static int status_of(int result)
{
    if (result == -EPIPE)
        return STATUS_DONE;
    if (result >= 0)
        return result ? STATUS_DONE : STATUS_BAD_NEWS;
    return status_of_error(result);
}

static int take_and_print(struct list_view *view, struct surveyor *surveyor,
                          const struct survey_query *query)
{
    struct strbuf reason = {0};
    struct output output;
    struct survey survey;
    int rows = surveyor_take(surveyor, query, &survey), result;

    if (rows) {
        complain("cannot look through the sockets: %s", error_message(-rows));
        return status_of(rows);
    }
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is told by the write */
    if (output_open(&output, NULL, &reason))
        return STATUS_BAD_NEWS;
    view->out = &output.buffer;
    view->flush = flush_batch;
    view->context = &output;
    rows = list_view_print(view, &survey);
    result = rows < 0 ? rows : output_flush(&output);
    strbuf_free(&output.buffer);
    if (result && result != -EPIPE) {
        complain("standard output cannot be written: %s", error_message(-result));
        return STATUS_BAD_NEWS;
    }
    if (!result && !rows && !view->options->quiet && isatty(STDERR_FILENO))
        complain("nothing found: nobody has such a port%s",
                 view->missing ? ", as far as can be seen" : "");
    if (view->missing)
        complain("not seen: %s", view->missing);
    /* No process is shown, but the port is not free: "nothing" would say that. */
    if (!result && !rows && view->options->quiet && view->owner_unseen)
        return survey.privileges_help ? STATUS_PRIVILEGE : STATUS_DONE;
    return status_of(result ? result : rows);
}

static int list(struct list_options *options)
{
    struct survey_query query = query_of(options);
    struct surveyor *surveyor = surveyor_new();
    struct list_view view;
    int status;

    if (!options->trace.width)
        options->trace.width = terminal_width(STDOUT_FILENO);
    if (!surveyor ||
        list_view_open(&view, options, terminal_colour(STDOUT_FILENO, options->trace.colour))) {
        surveyor_free(surveyor);
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    if (options->watch)
        status = list_watch(options, &view, surveyor, &query);
    else
        status = take_and_print(&view, surveyor, &query);
    list_view_close(&view);
    surveyor_free(surveyor);
    return status;
}

/* Ids that are to be killed: who has the same port in a container is in nobody's way here. */
static void stay_here(struct filter *filter)
{
    if (!filter->netns_count)
        filter->netns[filter->netns_count++] = netns_here();
}

int cmd_list(int argc, char *const *argv)
{
    struct list_options options;
    struct strbuf reason = {0};
    int result = list_options_parse(argc, argv, &options, &reason);
    int status;

    if (!result && options.trace.help)
        return print_help(&list_syntax);
    status = result ? STATUS_DONE : host_check();
    if (!result && !status && options.quiet)
        status = host_check_numbers();
    if (status)
        return status;
    if (!result)
        result = lookup_live_filter(&options.trace, &reason);
    if (result)
        return complain_usage(list_syntax.command, &reason);
    if (options.quiet)
        stay_here(&options.trace.capture.filter);
    lookup_cgroup_paths(&options.trace);
    return list(&options);
}
