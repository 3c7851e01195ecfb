// SPDX-License-Identifier: GPL-2.0
#include "user/cli/cmd.h"

#include <stddef.h>
#include <unistd.h>

#include "user/cli/complain.h"
#include "user/cli/doctor.h"
#include "user/cli/plan_report.h"
#include "user/cli/terminal.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct doctor_options {
    enum colour_choice colour;
    bool json;
    bool help;
};

static int take_colour(void *target, const char *value, struct strbuf *error)
{
    return colour_parse(value, &((struct doctor_options *)target)->colour, error);
}

static const struct option_example examples[] = {
    {"sudo porttrace doctor", "why a plan is refused here, and what the best one does not see"},
    {"porttrace doctor", "as any user: which privileges are missing"},
    {"sudo porttrace doctor --json", "the same for programs, as one JSON object"},
};

static const char *const groups[] = {"Options", NULL};

static const struct option_row rows[] = {
    {"json", 'j', NULL, "one JSON object", .target_offset = offsetof(struct doctor_options, json)},
    {"color", 0, "WHEN", "auto (on a terminal, unless NO_COLOR is set), always, never",
     .take = take_colour},
    {"help", 'h', NULL, "this text", .target_offset = offsetof(struct doctor_options, help)},
};

const struct syntax doctor_syntax = {
    .command = "porttrace doctor",
    .usage = "porttrace doctor [OPTION...]",
    .brief = "what this kernel and these privileges allow",
    .summary = "Says what this kernel and these privileges allow. Every plan is really attached, "
               "and detached again.",
    .examples = examples,
    .example_count = COUNT(examples),
    .groups = groups,
    .rows = rows,
    .row_count = COUNT(rows),
    .notes = "Exit status: 0 a plan works, 2 wrong usage, 3 privileges are missing, 4 the\n"
             "kernel lacks what is needed.\n",
};

static int status_of(const struct findings *findings)
{
    if (doctor_choice(findings))
        return STATUS_DONE;
    for (int i = 0; i < CAPTURE_PLANS; i++)
        if (plan_report_status(findings->trials[i].result, &findings->here) == STATUS_PRIVILEGE)
            return STATUS_PRIVILEGE;
    return STATUS_KERNEL;
}

int cmd_doctor(int argc, char *const *argv)
{
    struct doctor_options options = {0};
    struct findings findings;
    struct strbuf text = {0};
    int status, printed;

    if (options_parse(&doctor_syntax, argc, argv, &options, &text))
        return complain_usage(doctor_syntax.command, &text);
    if (options.help)
        return print_help(&doctor_syntax);
    doctor_examine(&findings);
    status = status_of(&findings);
    if (options.json)
        doctor_print_json(&findings, &text);
    else
        doctor_print_text(&findings, terminal_colour(STDOUT_FILENO, options.colour), &text);
    printed = print_text(&text);
    strbuf_free(&text);
    return printed ? printed : status;
}
