// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/complain.h"
#include "user/cli/free_notes.h"
#include "user/cli/free_options.h"
#include "user/cli/host.h"
#include "user/cli/host_check.h"
#include "user/cli/terminal.h"
#include "user/cli/why_ask.h"
#include "user/cli/write_whole.h"
#include "user/enrich/names.h"
#include "user/explain/asker.h"
#include "user/model/errors.h"
#include "user/render/report.h"

#define FROM_DEFAULT 8000
#define PORT_MAX     65535

/* Kept in one place because the facts point into what the gatherer and the surveyor hold. */
struct free_command {
    struct free_options options;
    struct why_place place;
    struct why_asker asker;
    struct surveyor *surveyor;
    struct name_tables *names;
    struct observation calls[FREE_ASKERS_MAX];
    unsigned int call_count;
    struct facts facts[FREE_ASKERS_MAX]; /* of each call; they differ in the address */
    struct survey survey;
    struct holder *held; /* of one port, with room for those of any */
    uint16_t ports[FREE_COUNT_MAX];
    unsigned int port_count;
    struct pt_start host;
    struct strbuf out, notes;
};

static int make_calls(struct free_command *command, struct strbuf *error)
{
    static const char *const protocols[] = {"tcp", "udp"};

    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        struct question question = command->options.address;
        int count;

        if (!(command->options.protocols >> i & 1))
            continue;
        question_set_protocol(&question, protocols[i], strlen(protocols[i]));
        question.endpoint.port = FROM_DEFAULT; /* any: it is replaced by each that is tried */
        count =
            why_ask_calls(&command->asker, &question, command->calls + command->call_count, error);
        if (count < 0)
            return count;
        command->call_count += (unsigned int)count;
    }
    return 0;
}

static unsigned int most_of_one_port(const struct holder_list *holders)
{
    unsigned int most = 0, run;

    for (unsigned int i = 0; i < holders->count; i += run) {
        run = holder_list_run(holders, i, holder_list_at(holders, i).seen.local.port);
        if (run > most)
            most = run;
    }
    return most;
}

static int gather(struct free_command *command)
{
    struct survey_query query = {.netns = command->place.netns};
    struct facts *first = &command->facts[0];
    int fd = command->place.netns_fd;
    int result = facts_gather(command->asker.gatherer, &command->calls[0], fd, first);

    if (result)
        return result;
    for (unsigned int i = 1; i < command->call_count && !result; i++) {
        command->facts[i] = *first;
        result = facts_gather_address(command->asker.gatherer, &command->calls[i], fd,
                                      &command->facts[i]);
    }
    if (!result)
        result = surveyor_take(command->surveyor, &query, &command->survey);
    if (result)
        return result;
    for (unsigned int i = 0; i < command->call_count; i++)
        command->facts[i].holders_complete = command->survey.complete;
    command->held = calloc(most_of_one_port(&command->survey.holders) + 1u, sizeof(*command->held));
    return command->held ? 0 : -ENOMEM;
}

static struct free_search search_of(struct free_command *command)
{
    struct free_search search = {
        .asker_count = command->call_count,
        .holders = &command->survey.holders,
        .facts = &command->facts[0],
        .capable = command->place.capable,
        .names = name_tables_render(command->names),
        .asked = command->options.from,
    };

    for (unsigned int i = 0; i < command->call_count; i++)
        search.askers[i] = asker_of(&command->calls[i], &command->facts[0]);
    return search;
}

/* The holders in the facts are those of this port from now on. */
static void turn_to_port(struct free_command *command, uint16_t port)
{
    const struct holder_list *all = &command->survey.holders;
    unsigned int first = holder_list_first(all, port), count = holder_list_run(all, first, port);

    for (unsigned int i = 0; i < count; i++)
        command->held[i] = holder_list_at(all, first + i);
    for (unsigned int i = 0; i < command->call_count; i++)
        command->facts[i].holders = (struct holders){.at = command->held, .count = count};
}

/* The whole question once more for the port that was turned to. */
static struct observation predict(const struct free_command *command, unsigned int call,
                                  uint16_t port)
{
    struct observation seen = command->calls[call];

    seen.requested.port = port;
    explain_predict(&seen, &command->facts[call]);
    return seen;
}

static bool is_free(struct free_command *command, uint16_t port)
{
    turn_to_port(command, port);
    for (unsigned int i = 0; i < command->call_count; i++)
        if (predict(command, i, port).error)
            return false;
    return true;
}

static void find_ports(struct free_command *command, const struct free_search *search,
                       uint16_t from)
{
    unsigned int kept = 0;
    unsigned int found = free_find(search, from, command->options.count, command->ports);

    for (unsigned int i = 0; i < found; i++)
        if (is_free(command, command->ports[i]))
            command->ports[kept++] = command->ports[i];
    command->port_count = kept;
}

/* That something free is held by a socket out of sight; whose sockets the others are is no matter.
 */
static const char *what_is_unseen(const struct free_command *command)
{
    const struct survey *survey = &command->survey;

    return survey->complete || survey->sockets_complete ? NULL : survey->missing;
}

static void add_json(struct free_command *command)
{
    const struct trace_facts trace = {
        .host = command->host.host,
        .kernel = command->host.kernel,
        .boot_id = command->host.boot_id,
    };
    const struct render_names names = name_tables_render(command->names);
    const struct json_instant now = {
        .trace = &trace,
        .names = &names,
        .time_ns = clock_boot_ns(),
        .wall_ns = clock_wall_ns(),
    };

    for (unsigned int i = 0; i < command->port_count; i++) {
        turn_to_port(command, command->ports[i]);
        for (unsigned int j = 0; j < command->call_count; j++) {
            struct observation seen = predict(command, j, command->ports[i]);

            render_json_verdict(&now, &seen, NULL, what_is_unseen(command), &command->out);
        }
    }
}

static bool is_short(const struct free_command *command)
{
    return command->port_count < command->options.count;
}

/* Then all were looked at, those below the wanted one too. */
static void add_shortage(struct free_command *command, const struct free_search *search)
{
    uint16_t from = command->options.from ? command->options.from : 1;

    free_notes_add(search, from, PORT_MAX, &command->notes);
    free_notes_add(search, 1, from - 1u, &command->notes);
}

/* Numbers go to standard output, so that a script needs no option; what people want to know not. */
static void add_text(struct free_command *command, const struct free_search *search)
{
    uint16_t from = command->options.from;
    uint16_t last = command->port_count ? command->ports[command->port_count - 1] : PORT_MAX;

    for (unsigned int i = 0; i < command->port_count; i++)
        strbuf_printf(&command->out, "%u\n", command->ports[i]);
    if (command->options.quiet)
        return;
    if (is_short(command))
        add_shortage(command, search);
    else if (from)
        free_notes_add(search, from, last >= from ? last : PORT_MAX, &command->notes);
    if (what_is_unseen(command))
        strbuf_printf(&command->notes, "not seen: %s\n", what_is_unseen(command));
}

static void print_notes(struct strbuf *notes)
{
    if (notes->length && !notes->failed)
        write_whole(STDERR_FILENO, notes->text, notes->length, whole_lines);
}

/* What no port can change, such as an address that this host does not have. */
static int refuse_all(struct free_command *command)
{
    struct text_style style = {.width = terminal_width(STDERR_FILENO),
                               .colour = terminal_colour(STDERR_FILENO, command->options.colour),
                               .names = name_tables_render(command->names)};

    turn_to_port(command, PORT_MAX);
    for (unsigned int i = 0; i < command->call_count; i++) {
        struct observation seen = predict(command, i, PORT_MAX);
        struct explanation explanation;

        if (!seen.error || seen.error == EADDRINUSE)
            continue;
        seen.requested.port = command->options.from;
        explain(&seen, &command->facts[i], &explanation);
        render_verdict(&style, &seen, &explanation, NULL, &command->notes);
        explanation_free(&explanation);
        if (!command->options.quiet)
            print_notes(&command->notes);
        return STATUS_BAD_NEWS;
    }
    return STATUS_DONE;
}

static void complain_of_shortage(const struct free_command *command)
{
    if (command->port_count)
        complain("only %u of %u ports were found", command->port_count, command->options.count);
    else
        complain("no port was found that can be had now");
}

static int look(struct free_command *command)
{
    struct free_search search = search_of(command);
    uint16_t from = command->options.from;
    int printed;

    if (!command->facts[0].netns_known) {
        complain("that net namespace may not be entered: what is free there is not known");
        return STATUS_PRIVILEGE;
    }
    if (refuse_all(command))
        return STATUS_BAD_NEWS;
    if (!from)
        from = FROM_DEFAULT;
    find_ports(command, &search, from);
    if (command->options.json)
        add_json(command);
    else
        add_text(command, &search);
    printed = command->out.length || command->out.failed ? print_text(&command->out) : STATUS_DONE;
    if (is_short(command) && !command->options.quiet)
        complain_of_shortage(command);
    print_notes(&command->notes);
    if (printed)
        return printed;
    return is_short(command) ? STATUS_BAD_NEWS : STATUS_DONE;
}

static int free_open(struct free_command *command)
{
    command->surveyor = surveyor_new();
    command->names = name_tables_new();
    command->asker.gatherer = facts_gatherer_new(NULL);
    command->asker.place = &command->place;
    command->host = host_start_record(0);
    return command->surveyor && command->names && command->asker.gatherer ? 0 : -ENOMEM;
}

static void free_close(struct free_command *command)
{
    facts_gatherer_free(command->asker.gatherer);
    surveyor_free(command->surveyor);
    name_tables_free(command->names);
    free(command->held);
    strbuf_free(&command->out);
    strbuf_free(&command->notes);
    why_place_close(&command->place);
}

static int free_run(struct free_command *command)
{
    struct strbuf reason = {0};
    int result = free_open(command);

    if (!result && make_calls(command, &reason))
        return complain_usage(free_syntax.command, &reason);
    if (!result)
        result = gather(command);
    if (!result)
        return look(command);
    if (result == -ENODEV)
        complain("--address: there is no device of that number");
    else
        complain("the sockets of this host cannot be looked through: %s", error_message(-result));
    return status_of_error(result);
}

static int free_begin(struct free_command *command, int argc, char *const *argv)
{
    const struct free_options *options = &command->options;
    struct strbuf reason = {0};
    int status;

    if (free_options_parse(argc, argv, &command->options, &reason))
        return complain_usage(free_syntax.command, &reason);
    if (options->help)
        return print_help(&free_syntax);
    status = host_check();
    if (status)
        return status;
    if (why_place_open(&command->place, options->netns, options->user, &reason))
        return complain_usage(free_syntax.command, &reason);
    status = free_run(command);
    free_close(command);
    return status;
}

int cmd_free(int argc, char *const *argv)
{
    struct free_command *command = calloc(1, sizeof(*command));
    int status;

    if (!command) {
        complain("%s", error_message(ENOMEM));
        return STATUS_BAD_NEWS;
    }
    status = free_begin(command, argc, argv);
    free(command);
    return status;
}
