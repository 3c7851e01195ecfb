// SPDX-License-Identifier: GPL-2.0
#include "user/cli/list_view.h"

#include <errno.h>
#include <stdlib.h>

#include "user/cli/clock.h"
#include "user/cli/host.h"
#include "user/host/process_stat.h"
#include "user/render/render.h"

/* Of a survey what is shown. */
struct chosen {
    unsigned int *at;
    unsigned int count;
};

int list_view_open(struct list_view *view, const struct list_options *options, bool colour)
{
    *view = (struct list_view){
        .options = options,
        .match = {.filter = &options->trace.capture.filter,
                  .cgroups = options->trace.cgroups.at,
                  .cgroup_count = options->trace.cgroups.count,
                  .wanted = options->wanted,
                  .wanted_count = options->wanted_count,
                  .all = options->all,
                  .parent_of = process_stat_parent,
                  .range_of = list_range_of},
        .names = name_tables_new(),
        .netns = list_netns_new(),
        .ranges = list_ranges_new(),
        .table = {.width = options->trace.width, .colour = colour},
    };
    if (!view->names || !view->netns || !view->ranges) {
        list_view_close(view);
        return -ENOMEM;
    }
    view->match.ranges = view->ranges;
    return 0;
}

void list_view_close(struct list_view *view)
{
    table_free(&view->table);
    name_tables_free(view->names);
    list_netns_free(view->netns);
    list_ranges_free(view->ranges);
}

void list_view_forget(struct list_view *view)
{
    list_ranges_forget(view->ranges);
    list_netns_read_again(view->netns);
}

static int choose(const struct list_view *view, const struct holder_list *holders,
                  struct chosen *ret_chosen)
{
    struct role_listened listened = {0};
    struct chosen chosen = {.at = malloc((holders->count + 1) * sizeof(*chosen.at))};

    if (!chosen.at)
        return -ENOMEM;
    for (unsigned int i = 0; i < holders->count; i++) {
        const struct role_context context = list_context(&view->match, &listened, holders, i);
        const struct holder holder = holder_list_at(holders, i);

        if (list_matches(&view->match, &holder, &context))
            chosen.at[chosen.count++] = i;
    }
    *ret_chosen = chosen;
    return 0;
}

static bool lacks_owner(const struct holder_list *holders, const struct chosen *chosen)
{
    for (unsigned int i = 0; i < chosen->count; i++) {
        const struct holder holder = holder_list_at(holders, chosen->at[i]);

        if (survey_lacks_owner(&holder))
            return true;
    }
    return false;
}

static int flush(const struct list_view *view)
{
    if (view->out->failed)
        return -ENOMEM;
    return view->flush ? view->flush(view->context) : 0;
}

static void measure(struct list_view *view, const struct holder_style *style,
                    const struct holder_list *holders, const struct chosen *chosen)
{
    struct role_listened listened = {0};

    table_start(&view->table, holder_columns, HOLDER_COLUMNS);
    for (unsigned int i = 0; i < chosen->count; i++) {
        const struct holder holder = holder_list_at(holders, chosen->at[i]);
        struct role_context context = list_context(&view->match, &listened, holders, chosen->at[i]);

        for (unsigned int column = 0; column < HOLDER_COLUMNS; column++) {
            holder_row_cell(style, &holder, &context, column, &view->table.cell);
            table_measure(&view->table, column);
        }
    }
    table_fit(&view->table);
}

static enum table_colour colour_of(const struct holder *holder, enum holder_column column)
{
    if (column == HOLDER_ENDPOINT)
        return TABLE_BOLD;
    if (column == HOLDER_STATE && !holder->process_count)
        return TABLE_YELLOW;
    return column == HOLDER_SERVICE || column == HOLDER_SINCE ? TABLE_DIM : TABLE_PLAIN;
}

static void print_row(struct list_view *view, const struct holder_style *style,
                      const struct holder *holder, const struct role_context *context)
{
    for (unsigned int column = 0; column < HOLDER_COLUMNS; column++) {
        if (table_shows(&view->table))
            holder_row_cell(style, holder, context, column, &view->table.cell);
        table_cell(&view->table, colour_of(holder, column), view->out);
    }
    if (view->options->trace.verbose)
        holder_row_details(style, holder, view->out);
}

static int print_table(struct list_view *view, const struct holder_list *holders,
                       const struct chosen *chosen)
{
    struct role_listened listened = {0};
    struct holder_style style = {
        .names = name_tables_render(view->names),
        .netns_name = list_netns_name,
        .netns_context = view->netns,
        .now_ns = clock_boot_ns(),
        .wall_ns = clock_wall_ns(),
    };
    int result = 0;

    style.utc_offset_s = clock_utc_offset_s(style.wall_ns);
    measure(view, &style, holders, chosen);
    if (chosen->count)
        table_titles(&view->table, view->out);
    for (unsigned int i = 0; !result && i < chosen->count; i++) {
        struct role_context context = list_context(&view->match, &listened, holders, chosen->at[i]);
        const struct holder holder = holder_list_at(holders, chosen->at[i]);

        if (view->rows_most && i == view->rows_most)
            break;
        print_row(view, &style, &holder, &context);
        result = flush(view);
    }
    return result;
}

static int print_json(struct list_view *view, const struct holder_list *holders,
                      const struct chosen *chosen)
{
    struct pt_start start = host_start_record(0);
    struct render_names names = name_tables_render(view->names);
    struct trace_facts facts = {
        .host = start.host, .kernel = start.kernel, .boot_id = start.boot_id};
    struct json_instant now = {.trace = &facts,
                               .names = &names,
                               .time_ns = start.header.time_ns,
                               .wall_ns = start.header.time_ns + start.wall_offset_ns};
    int result = 0;

    for (unsigned int i = 0; !result && i < chosen->count; i++) {
        const struct holder holder = holder_list_at(holders, chosen->at[i]);

        render_json_holder_row(&now, i + 1, &holder, view->out);
        result = flush(view);
    }
    return result;
}

static unsigned int processes_of(const struct holder_list *holders, const struct chosen *chosen)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < chosen->count; i++)
        count += holder_list_at(holders, chosen->at[i]).process_count;
    return count;
}

static int print_pids(struct list_view *view, const struct holder_list *holders,
                      const struct chosen *chosen)
{
    struct role_listened listened = {0};
    unsigned int capacity = processes_of(holders, chosen), count = 0;
    uint32_t *pids = malloc((capacity + 1) * sizeof(*pids));
    int result;

    if (!pids)
        return -ENOMEM;
    for (unsigned int i = 0; i < chosen->count; i++) {
        struct role_context context = list_context(&view->match, &listened, holders, chosen->at[i]);
        const struct holder holder = holder_list_at(holders, chosen->at[i]);

        count = list_pids(&view->match, &holder, &context, pids, count, capacity);
    }
    for (unsigned int i = 0; i < count; i++)
        strbuf_printf(view->out, "%u\n", pids[i]);
    free(pids);
    result = flush(view);
    return result ? result : (int)count;
}

int list_view_print(struct list_view *view, const struct survey *survey)
{
    struct chosen chosen;
    int result = choose(view, &survey->holders, &chosen);

    if (result)
        return result;
    view->owner_unseen = lacks_owner(&survey->holders, &chosen);
    view->missing = view->owner_unseen ? survey->missing : survey->missing_beside;
    if (view->options->quiet)
        result = print_pids(view, &survey->holders, &chosen);
    else if (view->options->trace.json)
        result = print_json(view, &survey->holders, &chosen);
    else
        result = print_table(view, &survey->holders, &chosen);
    free(chosen.at);
    return result || view->options->quiet ? result : (int)chosen.count;
}
