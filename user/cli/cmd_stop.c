// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/cli/list_view.h"
#include "user/cli/lookups.h"
#include "user/cli/host_check.h"
#include "user/cli/question_match.h"
#include "user/cli/ready.h"
#include "user/cli/stop_options.h"
#include "user/cli/stop_others.h"
#include "user/cli/stop_run.h"
#include "user/cli/terminal.h"
#include "user/host/netns.h"
#include "user/host/port_range.h"
#include "user/host/process_cgroup.h"
#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/endpoint.h"
#include "user/model/errors.h"

#define LINEAGE_MOST  64
#define NS_PER_S      1000000000ull
#define ANSWER_MOST   16
#define LOOKS         10 /* until what was ended is gone */
#define LOOK_PAUSE    100000000
#define RESTART_PAUSE 300000000 /* ns */

struct stopping {
    const struct stop_options *options;
    struct surveyor *surveyor;
    uint32_t netns;
    struct strbuf name; /* "tcp/8080" or, where only an address is meant, "tcp/127.0.0.1:8080" */
    struct stop_facts facts;
    uint32_t lineage[LINEAGE_MOST];
    char own_cgroup[PATH_MAX];
    struct holder *found; /* those of the survey that are meant */
    struct holders holders;
    const char *missing;   /* of the survey where nothing is held, NULL: nothing was out of reach */
    bool sockets_complete; /* all were seen, if not who has them */
    struct stop_plan plan;
    bool forbidden; /* a process may not be ended without more privileges */
};

static void learn_facts(struct stopping *stopping)
{
    struct stop_facts *facts = &stopping->facts;
    struct port_range range = port_range_of(stopping->netns, 0);
    uint32_t pid = (uint32_t)getpid();

    *facts = (struct stop_facts){.lineage = stopping->lineage,
                                 .ancestors_too = stopping->options->ancestors,
                                 .services = service_manager_runs(),
                                 .containers = true,
                                 .reader_uid = getuid(),
                                 .range_low = range.low,
                                 .range_high = range.high};
    while (pid && facts->lineage_count < LINEAGE_MOST) {
        stopping->lineage[facts->lineage_count++] = pid;
        pid = process_stat_parent(pid);
    }
    if (!process_cgroup_read(getpid(), stopping->own_cgroup, sizeof(stopping->own_cgroup)))
        facts->own_cgroup = (struct bytes){.at = stopping->own_cgroup,
                                           .size = (uint32_t)strlen(stopping->own_cgroup)};
}

/* Of the survey what is meant, still sorted. STATUS_DONE, or what was complained of. */
static int look(struct stopping *stopping)
{
    const struct survey_query query = {.port = stopping->options->question.endpoint.port,
                                       .netns = stopping->netns,
                                       .described = true,
                                       .published = true,
                                       .own_numbers = true,
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
        return status_of_error(result);
    }
    for (unsigned int i = 0; i < survey.holders.count; i++) {
        const struct holder holder = holder_list_at(&survey.holders, i);

        if (question_means(&stopping->options->question, &holder.seen))
            stopping->found[count++] = holder;
    }
    stopping->holders = (struct holders){stopping->found, count};
    stopping->missing = survey.missing_beside;
    stopping->sockets_complete = survey.sockets_complete;
    return STATUS_DONE;
}

/* As print_text(), but frees the text and, once it is written, returns that status. */
static int say(struct strbuf *text, int status)
{
    int printed = print_text(text);

    strbuf_free(text);
    return printed ? printed : status;
}

/* STATUS_DONE, or what was complained of. */
static int show(const struct stopping *stopping)
{
    static const struct list_options all = {.all = true};
    struct survey survey = {.holders = holder_list_of(&stopping->holders)};
    struct strbuf text = {0};
    struct list_view view;

    if (list_view_open(&view, &all, terminal_colour(STDOUT_FILENO, stopping->options->colour))) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    view.out = &text;
    view.table.width = terminal_width(STDOUT_FILENO);
    text.failed |= list_view_print(&view, &survey) < 0;
    list_view_close(&view);
    return say(&text, STATUS_DONE);
}

static void add_plan(struct strbuf *out, const struct stopping *stopping,
                     const struct holder_list *all)
{
    const struct stop_plan *plan = &stopping->plan;

    strbuf_puts(out, stop_plan_ends(plan) ? "\nTo be done:\n" : "\nNothing can be ended:\n");
    for (unsigned int i = 0; i < plan->count; i++) {
        strbuf_puts(out, "  ");
        stop_plan_add_step(out, &plan->steps[i]);
        stop_others_add(out, all, &stopping->facts, &stopping->options->question, &plan->steps[i]);
        strbuf_putc(out, '\n');
    }
}

/* All ports of the net namespace are looked at by a surveyor of its own: the holders stay. */
static int show_plan(const struct stopping *stopping)
{
    const struct survey_query query = {.netns = stopping->netns, .own_numbers = true};
    struct surveyor *surveyor = stop_plan_ends(&stopping->plan) ? surveyor_new() : NULL;
    struct survey survey = {0};
    struct strbuf text = {0};

    if (surveyor && surveyor_take(surveyor, &query, &survey))
        survey = (struct survey){0};
    add_plan(&text, stopping, &survey.holders);
    surveyor_free(surveyor);
    return say(&text, STATUS_DONE);
}

/* STATUS_DONE: go on. */
static int confirm(const struct stopping *stopping)
{
    struct strbuf question = {0};
    char answer[ANSWER_MOST];
    int status;

    if (stopping->options->yes)
        return STATUS_DONE;
    if (!isatty(STDIN_FILENO)) {
        complain("nobody can be asked here: --yes ends it without a question, --dry-run only says "
                 "what would be done");
        return STATUS_USAGE;
    }
    strbuf_puts(&question, "Go on? [y/N] ");
    status = say(&question, STATUS_DONE);
    if (status)
        return status;
    if (!ready_wait(STDIN_FILENO, POLLIN) && fgets(answer, sizeof(answer), stdin) &&
        (answer[0] == 'y' || answer[0] == 'Y'))
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
    stopping->forbidden = !stop_run_signals(&stopping->plan, stopping->options);
}

static bool is_held_on_purpose(const struct stopping *stopping)
{
    const struct holder_list holders = holder_list_of(&stopping->holders);
    struct role_listened listened = {0};

    for (unsigned int i = 0; i < holders.count; i++) {
        struct role_context context = {.range_low = stopping->facts.range_low,
                                       .range_high = stopping->facts.range_high,
                                       .listened = role_is_listened_next(&listened, &holders, i)};

        if (role_is_server(role_of(&stopping->holders.at[i].seen, &context)))
            return true;
    }
    return false;
}

/* NULL: nothing waits. */
static const struct pt_holder *last_to_expire(const struct holders *holders)
{
    const struct pt_holder *last = NULL;

    for (unsigned int i = 0; i < holders->count; i++)
        if (holders->at[i].seen.expires_ns > (last ? last->expires_ns : 0))
            last = &holders->at[i].seen;
    return last;
}

static void add_wait(struct strbuf *out, const struct pt_holder *last)
{
    bool half_closed = last->flags & PT_HOLDER_HALF_CLOSED;

    strbuf_printf(out, ": %s for another %llu s%s", half_closed ? "FIN_WAIT2" : "TIME_WAIT",
                  (unsigned long long)((last->expires_ns + NS_PER_S - 1) / NS_PER_S),
                  half_closed ? ", or 60 s after the other side closes" : "");
}

/* As why has it: who has sockets does not matter where there is none, but SCTP's may be hidden. */
static bool sees_all(const struct stopping *stopping)
{
    return !stopping->missing ||
           (stopping->sockets_complete && stopping->options->question.protocol != IPPROTO_SCTP);
}

/* Of another net namespace nothing at all may have been seen. */
static int tell_free(const struct stopping *stopping)
{
    bool known = stopping->sockets_complete || stopping->netns == netns_here();
    struct strbuf text = {0};

    strbuf_printf(&text, "%s is free now%s\n", stopping->name.text,
                  sees_all(stopping) ? "" : ", as far as can be seen");
    if (!sees_all(stopping))
        complain("not seen: %s", stopping->missing);
    return say(&text, known ? STATUS_DONE : STATUS_PRIVILEGE);
}

static int tell_rest(const struct stopping *stopping)
{
    const struct pt_holder *last = last_to_expire(&stopping->holders);
    struct strbuf text = {0};

    strbuf_printf(&text,
                  "%s has no listener any more, but what is left of connections is in the way of a "
                  "bind without SO_REUSEADDR",
                  stopping->name.text);
    if (last)
        add_wait(&text, last);
    strbuf_putc(&text, '\n');
    return say(&text, STATUS_BAD_NEWS);
}

/* Of a port that is held: whether more privileges could change that. */
static int status_of_held(const struct stopping *stopping)
{
    if (stopping->forbidden || (geteuid() && stop_plan_leaves(&stopping->plan, STOP_LEAVE_UNSEEN)))
        return STATUS_PRIVILEGE;
    return STATUS_BAD_NEWS;
}

static int tell_held(const struct stopping *stopping, bool again)
{
    struct strbuf text = {0};
    int status;

    strbuf_printf(&text, again ? "\n%s was free, and is held again:\n" : "\n%s is still held:\n",
                  stopping->name.text);
    status = say(&text, STATUS_DONE);
    if (!status)
        status = show(stopping);
    return status ? status : status_of_held(stopping);
}

/* What was ended may take a moment to be gone, and whoever had started it one to start it again. */
static int conclude(struct stopping *stopping)
{
    const struct timespec pause = {.tv_nsec = LOOK_PAUSE}, restart = {.tv_nsec = RESTART_PAUSE};
    bool was_free;

    for (int i = 0; i < LOOKS; i++) {
        int status = look(stopping);

        if (status)
            return status;
        if (!is_held_on_purpose(stopping))
            break;
        nanosleep(&pause, NULL);
    }
    was_free = !stopping->holders.count;
    if (was_free) {
        int status;

        nanosleep(&restart, NULL);
        status = look(stopping);
        if (status)
            return status;
        if (!stopping->holders.count)
            return tell_free(stopping);
    }
    return is_held_on_purpose(stopping) ? tell_held(stopping, was_free) : tell_rest(stopping);
}

static int stop_holders(struct stopping *stopping)
{
    int status = show(stopping);

    if (status)
        return status;
    learn_facts(stopping);
    stop_plan_make(&stopping->holders, &stopping->facts, &stopping->plan);
    status = show_plan(stopping);
    if (status)
        return status;
    if (!stop_plan_ends(&stopping->plan))
        return status_of_held(stopping);
    if (stopping->options->dry_run)
        return status_of_held(stopping);
    status = confirm(stopping);
    if (status)
        return status;
    act(stopping);
    return conclude(stopping);
}

static int stop(struct stopping *stopping)
{
    int status;

    stopping->surveyor = surveyor_new();
    if (!stopping->surveyor) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    status = look(stopping);
    if (!status)
        status = stopping->holders.count ? stop_holders(stopping) : tell_free(stopping);
    free(stopping->found);
    surveyor_free(stopping->surveyor);
    return status;
}

static int find_netns(struct stopping *stopping, struct strbuf *error)
{
    stopping->netns = netns_here();
    return stopping->options->netns
               ? lookup_netns(stopping->options->netns, &stopping->netns, error)
               : 0;
}

static void name_port(const struct question *question, struct strbuf *out)
{
    strbuf_printf(out, "%s/", question->protocol_name);
    if (question->localhost)
        strbuf_printf(out, "localhost:%u", question->endpoint.port);
    else if (question->any_address)
        strbuf_printf(out, "%u", question->endpoint.port);
    else
        endpoint_add(out, &question->endpoint, NULL);
}

int cmd_stop(int argc, char *const *argv)
{
    struct stop_options options;
    struct stopping stopping = {.options = &options};
    struct strbuf reason = {0};
    int result = stop_options_parse(argc, argv, &options, &reason);
    int status;

    if (!result && options.help)
        return print_help(&stop_syntax);
    status = result ? STATUS_DONE : host_check();
    if (!result && !status)
        status = host_check_numbers();
    if (status)
        return status;
    if (!result)
        result = lookup_question(&options.question, &reason);
    if (!result)
        result = find_netns(&stopping, &reason);
    if (result)
        return complain_usage(stop_syntax.command, &reason);
    name_port(&options.question, &stopping.name);
    result = stop(&stopping);
    strbuf_free(&stopping.name);
    return result;
}
