// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/complain.h"
#include "user/cli/host.h"
#include "user/cli/host_check.h"
#include "user/cli/lookups.h"
#include "user/cli/terminal.h"
#include "user/cli/why_ask.h"
#include "user/enrich/names.h"
#include "user/model/endpoint.h"
#include "user/model/errors.h"
#include "user/render/report.h"

struct why {
    struct why_options options;
    struct why_place place;
    struct why_asker asker;
    struct surveyor *surveyor;
    struct name_tables *names;
    struct pt_start host;
    struct text_style style;
    struct strbuf out;
    bool refused, unknown;
};

static int why_open(struct why *why)
{
    why->surveyor = surveyor_new();
    why->names = name_tables_new();
    if (why->surveyor)
        why->asker.gatherer = facts_gatherer_new(why->surveyor);
    if (!why->names || !why->asker.gatherer)
        return -ENOMEM;
    why->asker.socket = why->options.socket;
    why->asker.place = &why->place;
    why->host = host_start_record(0);
    why->style = (struct text_style){
        .width = terminal_width(STDOUT_FILENO),
        .colour = terminal_colour(STDOUT_FILENO, why->options.colour),
        .utc_offset_s = clock_utc_offset_s(clock_wall_ns()),
        .names = name_tables_render(why->names),
    };
    return 0;
}

static void why_close(struct why *why)
{
    facts_gatherer_free(why->asker.gatherer);
    surveyor_free(why->surveyor);
    name_tables_free(why->names);
    strbuf_free(&why->out);
}

static void print_json(struct why *why, const struct why_answer *answer)
{
    const struct trace_facts trace = {
        .host = why->host.host,
        .kernel = why->host.kernel,
        .boot_id = why->host.boot_id,
    };
    const struct json_instant now = {
        .trace = &trace,
        .names = &why->style.names,
        .time_ns = clock_boot_ns(),
        .wall_ns = clock_wall_ns(),
    };

    render_json_verdict(&now, &answer->seen, &answer->explanation, answer->unseen, &why->out);
}

static bool same_hit(const struct explanation *one, const struct explanation *other)
{
    if (!one->holder_count || !other->holder_count)
        return !one->holder_count && !other->holder_count;
    return !memcmp(&one->holders[0]->seen, &other->holders[0]->seen, sizeof(one->holders[0]->seen));
}

/* Both addresses of a server get the same answer for the same reason: it need not be told twice. */
static bool same_answer(const struct why_answer answers[WHY_CALLS_MAX])
{
    const struct why_answer *one = &answers[0], *other = &answers[1];

    if (one->seen.error != other->seen.error || !one->unseen != !other->unseen)
        return false;
    return !one->seen.error || (one->seen.op == other->seen.op &&
                                one->explanation.holder_count == other->explanation.holder_count &&
                                same_hit(&one->explanation, &other->explanation));
}

static void note_other(const struct why_answer *other, struct why_answer *shown)
{
    struct explanation *explanation = &shown->explanation;
    struct strbuf *note = &explanation->notes[explanation->note_count];

    if (explanation->note_count == EXPLAIN_NOTES_MAX)
        return;
    strbuf_puts(note, "the same holds for ");
    endpoint_add(note, &other->seen.requested, NULL);
    explanation->note_count++;
}

static void add_text(struct why *why, const struct why_answer *answer)
{
    render_verdict(&why->style, &answer->seen, &answer->explanation, answer->unseen, &why->out);
}

/* Of two that are alike the one that is of the holder's own family says more. */
static int index_to_tell(const struct why_answer answers[WHY_CALLS_MAX])
{
    const struct explanation *explanation = &answers[0].explanation;

    return !explanation->holder_count ||
           explanation->holders[0]->seen.local.family != answers[0].seen.requested.family;
}

static void print_text_answers(struct why *why, struct why_answer *answers, int count)
{
    int told;

    if (count == 2 && same_answer(answers)) {
        told = index_to_tell(answers);
        note_other(&answers[!told], &answers[told]);
        add_text(why, &answers[told]);
        return;
    }
    for (int i = 0; i < count; i++)
        add_text(why, &answers[i]);
}

static void print_answers(struct why *why, struct why_answer *answers, int count)
{
    for (int i = 0; i < count; i++) {
        why->refused |= answers[i].seen.error != 0;
        why->unknown |= answers[i].unseen != NULL;
        if (why->options.json)
            print_json(why, &answers[i]);
    }
    if (!why->options.json && !why->options.quiet)
        print_text_answers(why, answers, count);
}

static int answer(struct why *why, const struct observation *calls, int count)
{
    struct why_answer answers[WHY_CALLS_MAX];
    int result = why_ask(&why->asker, calls, count, answers);

    if (!result)
        print_answers(why, answers, count);
    for (int i = 0; i < WHY_CALLS_MAX; i++)
        why_answer_free(&answers[i]);
    return result;
}

static int answer_all(struct why *why)
{
    struct strbuf reason = {0};
    int result = 0, printed;

    for (unsigned int i = 0; i < why->options.question_count && !result; i++) {
        struct observation calls[WHY_CALLS_MAX];
        struct question *question = &why->options.questions[i];
        int count = lookup_question(question, &reason);

        if (!count)
            count = why_ask_calls(&why->asker, question, calls, &reason);
        if (count < 0)
            return complain_usage(why_syntax.command, &reason);
        result = answer(why, calls, count);
    }
    printed = print_text(&why->out);
    if (result) {
        complain("the sockets of this host cannot be looked through: %s", error_message(-result));
        return status_of_error(result);
    }
    if (printed)
        return printed;
    if (why->refused)
        return STATUS_BAD_NEWS;
    return why->unknown ? STATUS_PRIVILEGE : STATUS_DONE;
}

static int why_run(struct why *why, int argc, char *const *argv)
{
    struct strbuf reason = {0};
    int status;

    if (why_options_parse(argc, argv, &why->options, &reason))
        return complain_usage(why_syntax.command, &reason);
    if (why->options.help)
        return print_help(&why_syntax);
    status = host_check();
    if (status)
        return status;
    if (why_place_open(&why->place, why->options.netns, why->options.user, &reason))
        return complain_usage(why_syntax.command, &reason);
    if (why_open(why)) {
        complain("%s", error_message(ENOMEM));
        status = STATUS_BAD_NEWS;
    } else {
        status = answer_all(why);
    }
    why_close(why);
    why_place_close(&why->place);
    return status;
}

int cmd_why(int argc, char *const *argv)
{
    struct why *why = calloc(1, sizeof(*why));
    int status;

    if (!why) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    status = why_run(why, argc, argv);
    free(why);
    return status;
}
