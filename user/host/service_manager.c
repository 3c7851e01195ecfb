// SPDX-License-Identifier: GPL-2.0
#include "user/host/service_manager.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/host/run_program.h"

#define RUNS             "/run/systemd/system"
#define ARGUMENTS_MOST   24
#define MANAGER_SIZE     32
#define STOP_PATIENCE_MS 120000u /* a unit is given 90 s to stop unless it says otherwise */

/* A command line that grows; what does not fit is an error when it is run. */
struct command {
    const char *argv[ARGUMENTS_MOST + 1];
    unsigned int count;
    char manager[MANAGER_SIZE];
};

static void add(struct command *command, const char *argument)
{
    if (command->count <= ARGUMENTS_MOST)
        command->argv[command->count] = argument;
    command->count++;
}

static int run(struct command *command, unsigned int patience_ms, char **ret_text)
{
    if (command->count > ARGUMENTS_MOST)
        return -E2BIG;
    command->argv[command->count] = NULL;
    if (patience_ms)
        return run_program_patiently(command->argv, patience_ms, ret_text);
    return run_program(command->argv, ret_text);
}

bool service_manager_runs(void)
{
    return !access(RUNS, F_OK);
}

/* A user reaches the own manager directly, root that of anybody through "UID@.host". */
static void add_manager(struct command *command, const struct ending *ending)
{
    add(command, "--no-ask-password");
    if (ending->of_user)
        add(command, "--user");
    if (!ending_is_of_other(ending))
        return;
    snprintf(command->manager, sizeof(command->manager), "--machine=%u@.host", ending->uid);
    add(command, command->manager);
}

static void start_systemctl(struct command *command, const struct ending *service)
{
    add(command, "systemctl");
    add(command, "--no-pager");
    add_manager(command, service);
}

/* The manager of the user runs what follows, as that user: nothing of it is done by root. */
static void start_as_user(struct command *command, const struct ending *ending)
{
    add(command, "systemd-run");
    add(command, "--quiet");
    add_manager(command, ending);
    add(command, "--collect");
    add(command, "--pipe");
    add(command, "--wait");
    add(command, "--");
}

const char *service_manager_property(const char *text, const char *name, size_t *ret_size)
{
    size_t length = strlen(name);

    while (*text) {
        size_t line = strcspn(text, "\n");

        if (line > length && !strncmp(text, name, length) && text[length] == '=') {
            *ret_size = line - length - 1;
            return text + length + 1;
        }
        text += line;
        text += *text == '\n';
    }
    return NULL;
}

int service_manager_main_pid(const struct ending *service, uint32_t *ret_pid)
{
    struct command command = {0};
    const char *value;
    char *text;
    size_t size;
    int result;

    *ret_pid = 0;
    start_systemctl(&command, service);
    add(&command, "show");
    add(&command, "--property=MainPID");
    add(&command, "--");
    add(&command, service->name);
    result = run(&command, 0, &text);
    if (result)
        return result;
    value = service_manager_property(text, "MainPID", &size);
    if (value && size && size < 10)
        *ret_pid = (uint32_t)strtoul(value, NULL, 10);
    free(text);
    return 0;
}

static int stop_container(const struct ending *container, char **ret_said)
{
    const struct ending_tool tool = ending_tool_of(container->runtime);
    struct command command = {0};

    if (ending_is_of_other(container))
        start_as_user(&command, container);
    add(&command, tool.program);
    add(&command, tool.verb);
    add(&command, container->name);
    return run(&command, STOP_PATIENCE_MS, ret_said);
}

static int stop_service(const struct ending *service, char **ret_said)
{
    char *sockets =
        strndup(service->sockets.size ? service->sockets.at : "", service->sockets.size);
    char *rest = sockets, *socket;
    struct command command = {0};
    int status;

    if (!sockets)
        return -ENOMEM;
    start_systemctl(&command, service);
    add(&command, "stop");
    add(&command, "--");
    while ((socket = strsep(&rest, " ")))
        if (*socket)
            add(&command, socket);
    add(&command, service->name);
    status = run(&command, STOP_PATIENCE_MS, ret_said);
    free(sockets);
    return status;
}

int service_manager_stop(const struct ending *ending, char **ret_said)
{
    return ending->way == ENDING_CONTAINER ? stop_container(ending, ret_said)
                                           : stop_service(ending, ret_said);
}
