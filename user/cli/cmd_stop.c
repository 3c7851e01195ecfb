// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/cli/list_view.h"
#include "user/cli/lookups.h"
#include "user/cli/stop_options.h"
#include "user/cli/stop_run.h"
#include "user/cli/terminal.h"
#include "user/cli/values.h"
#include "user/host/netns.h"
#include "user/host/port_range.h"
#include "user/host/process_cgroup.h"
#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/errors.h"

#define LINEAGE_MOST 64
#define NS_PER_S     1000000000ull
#define ANSWER_MOST  16
#define LOOKS        10 /* until what was ended is gone */
#define LOOK_PAUSE   100000000

struct stopping {
    const struct stop_options *options;
    struct surveyor *surveyor;
    uint32_t netns;
    char name[64]; /* "tcp/8080" */
    struct stop_facts facts;
    uint32_t lineage[LINEAGE_MOST];
    char own_cgroup[PATH_MAX];
    struct holder *found; /* those of the survey that are meant */
    struct holders holders;
    struct stop_plan plan;
};

static void learn_facts(struct stopping *stopping)
{
    struct stop_facts *facts = &stopping->facts;
    struct process_stat stat;
    struct port_range range = port_range_of(stopping->netns, 0);
    uint32_t pid = (uint32_t)getpid();

    *facts = (struct stop_facts){.lineage = stopping->lineage,
                                 .ancestors_too = stopping->options->ancestors,
                                 .services = service_manager_runs(),
                                 .containers = true,
                                 .range_low = range.low,
                                 .range_high = range.high};
    while (pid && facts->lineage_count < LINEAGE_MOST) {
        stopping->lineage[facts->lineage_count++] = pid;
        pid = process_stat_read(pid, &stat) ? 0 : stat.parent_pid;
    }
    if (!process_cgroup_read(getpid(), stopping->own_cgroup, sizeof(stopping->own_cgroup)))
        facts->own_cgroup = (struct bytes){.at = stopping->own_cgroup,
                                           .size = (uint32_t)strlen(stopping->own_cgroup)};
}

/* Of the survey what is meant, still sorted. 0 or negative errno, which was complained of. */
static int look(struct stopping *stopping, const char **ret_missing)
{
    const struct survey_query query = {.port = stopping->options->question.endpoint.port,
                                       .netns = stopping->netns,
                                       .described = true,
                                       .published = true,
                                       .units = !stopping->plan.count};
    struct survey survey;
    unsigned int count = 0;
    int result = surveyor_take(stopping->surveyor, &query, &survey);

    free(stopping->found);
    stopping->found = result ? NULL : malloc((survey.holders.count + 1) * sizeof(*stopping->found));
    if (!result && !stopping->found)
        result = -ENOMEM;
    if (result) {
        complain("cannot look through the sockets: %s", error_message(-result));
        return result;
    }
    for (unsigned int i = 0; i < survey.holders.count; i++) {
        const struct holder holder = holder_list_at(&survey.holders, i);

        if (stop_options_mean(stopping->options, &holder.seen))
            stopping->found[count++] = holder;
    }
    stopping->holders = (struct holders){stopping->found, count};
    *ret_missing = survey.complete ? NULL : survey.missing;
    return 0;
}

static int show(const struct stopping *stopping)
{
    static const struct list_options all = {.all = true};
    struct survey survey = {.holders = holder_list_of(&stopping->holders)};
    struct strbuf text = {0};
    struct list_view view;
    int result =
        list_view_open(&view, &all, terminal_colour(STDOUT_FILENO, stopping->options->colour));

    if (result)
        return result;
    view.out = &text;
    view.table.width = terminal_width(STDOUT_FILENO);
    result = list_view_print(&view, &survey);
    list_view_close(&view);
    if (result > 0)
        result = print_text(&text);
    strbuf_free(&text);
    return result;
}

/* What is left alone is told once for each kind of what nobody has. */
static bool is_told_already(const struct stop_plan *plan, unsigned int index)
{
    const struct stop_step *step = &plan->steps[index];

    for (unsigned int i = 0; i < index; i++)
        if (step->way == STOP_LEAVE && !step->process && plan->steps[i].way == STOP_LEAVE &&
            plan->steps[i].leave == step->leave)
            return true;
    return step->way == STOP_LEAVE && step->leave == STOP_LEAVE_SERVED && step->process &&
           stop_plan_has_process(plan, step->process->process);
}

static void show_plan(const struct stopping *stopping)
{
    const struct stop_plan *plan = &stopping->plan;
    struct strbuf text = {0};

    strbuf_puts(&text, stop_plan_ends(plan) ? "\nTo be done:\n" : "\nNothing can be ended:\n");
    for (unsigned int i = 0; i < plan->count; i++) {
        if (is_told_already(plan, i))
            continue;
        strbuf_puts(&text, "  ");
        stop_plan_add_step(&text, &plan->steps[i]);
        strbuf_putc(&text, '\n');
    }
    print_text(&text);
    strbuf_free(&text);
}

/* STATUS_DONE: go on. */
static int confirm(const struct stopping *stopping)
{
    char answer[ANSWER_MOST];

    if (stopping->options->yes)
        return STATUS_DONE;
    if (!isatty(STDIN_FILENO)) {
        complain("nobody can be asked here: --yes ends it without a question, --dry-run only says "
                 "what would be done");
        return STATUS_USAGE;
    }
    fputs("Go on? [y/N] ", stdout);
    fflush(stdout);
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return STATUS_DONE;
    complain("nothing was done");
    return STATUS_BAD_NEWS;
}

static void act(struct stopping *stopping)
{
    if (stop_run_managed(&stopping->plan)) {
        complain("a signal is sent instead, where there is a process");
        stopping->facts.services = false;
        stopping->facts.containers = false;
        stop_plan_make(&stopping->holders, &stopping->facts, &stopping->plan);
    }
    stop_run_signals(&stopping->plan, stopping->options);
}

static bool is_held_on_purpose(const struct stopping *stopping)
{
    const struct holder_list holders = holder_list_of(&stopping->holders);

    for (unsigned int i = 0; i < holders.count; i++) {
        struct role_context context = {.range_low = stopping->facts.range_low,
                                       .range_high = stopping->facts.range_high,
                                       .listened = role_is_listened(&holders, i)};

        if (role_is_server(role_of(&stopping->holders.at[i].seen, &context)))
            return true;
    }
    return false;
}

static uint64_t longest_time_wait_ns(const struct holders *holders)
{
    uint64_t longest_ns = 0;

    for (unsigned int i = 0; i < holders->count; i++)
        if (holders->at[i].seen.expires_ns > longest_ns)
            longest_ns = holders->at[i].seen.expires_ns;
    return longest_ns;
}

static int tell_free(const struct stopping *stopping, const char *missing)
{
    printf("%s is free now%s\n", stopping->name, missing ? ", as far as can be seen" : "");
    if (missing)
        complain("not seen: %s", missing);
    return STATUS_DONE;
}

static int tell_rest(const struct stopping *stopping)
{
    uint64_t wait_ns = longest_time_wait_ns(&stopping->holders);

    printf("%s has no listener any more, but what is left of connections is in the way of a bind "
           "without SO_REUSEADDR",
           stopping->name);
    if (wait_ns)
        printf(": TIME_WAIT for another %llu s",
               (unsigned long long)((wait_ns + NS_PER_S - 1) / NS_PER_S));
    puts("");
    return STATUS_BAD_NEWS;
}

/* What was ended may take a moment to be gone. */
static int conclude(struct stopping *stopping)
{
    const struct timespec pause = {.tv_nsec = LOOK_PAUSE};
    const char *missing = NULL;

    for (int i = 0; i < LOOKS; i++) {
        if (look(stopping, &missing))
            return STATUS_BAD_NEWS;
        if (!is_held_on_purpose(stopping))
            break;
        nanosleep(&pause, NULL);
    }
    if (!stopping->holders.count)
        return tell_free(stopping, missing);
    if (!is_held_on_purpose(stopping))
        return tell_rest(stopping);
    printf("\n%s is still held:\n", stopping->name);
    show(stopping);
    return STATUS_BAD_NEWS;
}

static int stop_holders(struct stopping *stopping)
{
    int status;

    if (show(stopping))
        return STATUS_BAD_NEWS;
    learn_facts(stopping);
    stop_plan_make(&stopping->holders, &stopping->facts, &stopping->plan);
    show_plan(stopping);
    if (!stop_plan_ends(&stopping->plan))
        return STATUS_BAD_NEWS;
    if (stopping->options->dry_run)
        return stop_plan_leaves_holders(&stopping->plan) ? STATUS_BAD_NEWS : STATUS_DONE;
    status = confirm(stopping);
    if (status)
        return status;
    act(stopping);
    return conclude(stopping);
}

static int stop(struct stopping *stopping)
{
    const char *missing;
    int status;

    stopping->surveyor = surveyor_new();
    if (!stopping->surveyor) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    if (look(stopping, &missing))
        status = STATUS_BAD_NEWS;
    else if (!stopping->holders.count)
        status = tell_free(stopping, missing);
    else
        status = stop_holders(stopping);
    free(stopping->found);
    surveyor_free(stopping->surveyor);
    return status;
}

static int find_service(struct question *question, struct strbuf *error)
{
    const struct servent *service;

    if (!question->service[0])
        return 0;
    service = getservbyname(question->service, question->protocol_name);
    if (!service) {
        value_quote(error, question->service);
        strbuf_printf(error, " is no service of %s that this host knows", question->protocol_name);
        return -EINVAL;
    }
    question->endpoint.port = ntohs((uint16_t)service->s_port);
    return 0;
}

static int find_netns(struct stopping *stopping, struct strbuf *error)
{
    stopping->netns = netns_here();
    return stopping->options->netns
               ? lookup_netns(stopping->options->netns, &stopping->netns, error)
               : 0;
}

int cmd_stop(int argc, char *const *argv)
{
    struct stop_options options;
    struct stopping stopping = {.options = &options};
    struct strbuf reason = {0};
    int result = stop_options_parse(argc, argv, &options, &reason);

    if (!result && options.help)
        return print_help(&stop_syntax);
    if (!result)
        result = find_service(&options.question, &reason);
    if (!result)
        result = find_netns(&stopping, &reason);
    if (result)
        return complain_usage(stop_syntax.command, &reason);
    snprintf(stopping.name, sizeof(stopping.name), "%s/%u", options.question.protocol_name,
             options.question.endpoint.port);
    return stop(&stopping);
}
