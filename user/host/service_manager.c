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
static void start_systemctl(struct command *command, const struct service_unit *unit)
{
    add(command, "systemctl");
    add(command, "--no-pager");
    add(command, "--no-ask-password");
    if (!unit->of_user)
        return;
    add(command, "--user");
    if (unit->uid == getuid())
        return;
    snprintf(command->manager, sizeof(command->manager), "--machine=%u@.host", unit->uid);
    add(command, command->manager);
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

int service_manager_main_pid(const struct service_unit *unit, uint32_t *ret_pid)
{
    struct command command = {0};
    const char *value;
    char *text;
    size_t size;
    int result;

    *ret_pid = 0;
    start_systemctl(&command, unit);
    add(&command, "show");
    add(&command, "--property=MainPID");
    add(&command, "--");
    add(&command, unit->name);
    result = run(&command, 0, &text);
    if (result)
        return result;
    value = service_manager_property(text, "MainPID", &size);
    if (value && size && size < 10)
        *ret_pid = (uint32_t)strtoul(value, NULL, 10);
    free(text);
    return 0;
}

/* Which units start this one when something comes: "a.socket b.path", to be freed. */
static char *read_triggers(const struct service_unit *unit)
{
    struct command command = {0};
    const char *value;
    char *text, *triggers = NULL;
    size_t size;

    start_systemctl(&command, unit);
    add(&command, "show");
    add(&command, "--property=TriggeredBy");
    add(&command, "--");
    add(&command, unit->name);
    if (run(&command, 0, &text))
        return NULL;
    value = service_manager_property(text, "TriggeredBy", &size);
    if (value)
        triggers = strndup(value, size);
    free(text);
    return triggers;
}

static bool is_socket(const char *unit)
{
    size_t length = strlen(unit);

    return length > 7 && !strcmp(unit + length - 7, ".socket") && unit[0] != '-';
}

int service_manager_stop(const struct service_unit *unit, bool with_sockets, char **ret_said)
{
    struct command command = {0};
    char *triggers = with_sockets ? read_triggers(unit) : NULL, *rest = triggers, *trigger;
    int status;

    start_systemctl(&command, unit);
    add(&command, "stop");
    add(&command, "--");
    while ((trigger = strsep(&rest, " ")))
        if (is_socket(trigger))
            add(&command, trigger);
    add(&command, unit->name);
    status = run(&command, STOP_PATIENCE_MS, ret_said);
    free(triggers);
    return status;
}

int service_manager_stop_container(struct ending_tool tool, const char *name, char **ret_said)
{
    struct command command = {0};

    add(&command, tool.program);
    add(&command, tool.verb);
    add(&command, name);
    return run(&command, STOP_PATIENCE_MS, ret_said);
}
