// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/suggest.h"
#include "user/cli/values.h"

static const struct command commands[] = {
    {"run", cmd_run, &run_syntax},       {"why", cmd_why, &why_syntax},
    {"list", cmd_list, &list_syntax},    {"free", cmd_free, &free_syntax},
    {"stop", cmd_stop, &stop_syntax},    {"explain", cmd_explain, &explain_syntax},
    {"trace", cmd_trace, &trace_syntax}, {"doctor", cmd_doctor, &doctor_syntax},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *command_named(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

static int refuse_command(const char *name)
{
    struct suggestion suggestion = suggest_start(name);
    struct strbuf reason = {0};

    for (size_t i = 0; i < COMMANDS; i++)
        suggest_consider(&suggestion, commands[i].name);
    suggest_consider(&suggestion, "help");
    strbuf_puts(&reason, "unknown command ");
    value_quote(&reason, name);
    if (suggestion.best)
        strbuf_printf(&reason, " (did you mean %s?)", suggestion.best);
    else if (name[0] >= '0' && name[0] <= '9')
        strbuf_puts(&reason, " (did you mean trace --port?)");
    return complain_usage("porttrace", &reason);
}

static int print_commands(void)
{
    struct strbuf text = {0};
    int status;

    strbuf_puts(&text, "Usage: porttrace [COMMAND] [OPTION...]\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++)
        strbuf_printf(&text, "  %-10s%s%s\n", commands[i].name, commands[i].syntax->brief,
                      commands[i].run == cmd_trace ? " (without a command)" : "");
    strbuf_puts(&text, "  help      the examples and options of a command: porttrace help trace\n"
                       "\nporttrace --version prints the version.\n");
    status = print_text(&text);
    strbuf_free(&text);
    return status;
}

static int print_version(void)
{
    struct strbuf text = {0};
    int status;

    strbuf_puts(&text, "porttrace " PORTTRACE_VERSION "\n");
    status = print_text(&text);
    strbuf_free(&text);
    return status;
}

static bool is_help(const char *name)
{
    return !strcmp(name, "help") || !strcmp(name, "--help") || !strcmp(name, "-h");
}

static int help(int argc, char *const *argv)
{
    const struct command *command = argc ? command_named(argv[0]) : NULL;

    if (command)
        return print_help(command->syntax);
    return !argc || is_help(argv[0]) ? print_commands() : refuse_command(argv[0]);
}

/*
 * Where a standard stream is closed, the next file opened would get its number, and what is printed
 * would be written to that. Opened the wrong way round, so that its use still fails; a command that
 * is run finds it closed.
 */
static int hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            (errno != EBADF ||
             open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC) != fd))
            return -1;
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    const struct command *command = command_named(name);

    if (hold_standard_streams()) {
        complain("a standard stream is closed, and /dev/null cannot take its place: %s",
                 strerror(errno));
        return STATUS_BAD_NEWS;
    }
    if (!strcmp(name, "--version") || !strcmp(name, "-V"))
        return print_version();
    if (!strcmp(name, "help"))
        return help(argc - 2, argv + 2);
    if (is_help(name))
        return print_commands();
    if (command)
        return command->run(argc - 2, argv + 2);
    if (name[0] && name[0] != '-')
        return refuse_command(name);
    return cmd_trace(argc > 1 ? argc - 1 : 0, argv + 1);
}
