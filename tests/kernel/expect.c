// SPDX-License-Identifier: GPL-2.0
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/caller.h"
#include "tests/kernel/expect.h"

#define ANSWER_STEP_US 2000
#define ANSWER_STEPS   (60 * 1000000 / ANSWER_STEP_US)

static struct call *refused_call(struct scene *t)
{
    if (!t->refused)
        scene_fail(t, "an expectation without a refused call");
    return &t->log->calls[t->refused - 1];
}

/* The runner reads along, but for what this plan cannot see. */
static void wait_for_answer(struct scene *t)
{
    struct told *told = &t->log->told;
    int step;

    if (!t->log->watched || t->hasty)
        return;
    told->answered = false;
    __atomic_store_n(&told->asked, t->refused, __ATOMIC_SEQ_CST);
    for (step = 0; __atomic_load_n(&told->asked, __ATOMIC_SEQ_CST); step++) {
        if (step == ANSWER_STEPS)
            scene_fail(t, "the runner does not answer");
        usleep(ANSWER_STEP_US);
    }
}

void scene_expect_reason(struct scene *t, enum reason reason)
{
    struct call *call = refused_call(t);

    call->expected.reason = reason;
    call->expected.known = true;
    if (t->refused_autobind)
        t->log->calls[t->refused_autobind - 1].expected = call->expected;
    wait_for_answer(t);
}

void scene_expect_also(struct scene *t, enum reason reason)
{
    refused_call(t)->expected.also = reason;
}

void scene_expect_holder(struct scene *t, enum holding holding, uint8_t state, uint32_t pid)
{
    struct expected *expected = &refused_call(t)->expected;
    struct expected_holder *holder = &expected->holders[expected->holder_count];

    scene_require(t, expected->holder_count < SCENE_HOLDERS_MAX);
    expected->holder_count++;
    holder->holding = holding;
    holder->state = state;
    if (pid)
        holder->pids[holder->pid_count++] = pid;
}

void scene_expect_sharer(struct scene *t, uint32_t pid)
{
    struct expected *expected = &refused_call(t)->expected;
    struct expected_holder *holder;

    scene_require(t, expected->holder_count > 0);
    holder = &expected->holders[expected->holder_count - 1];
    scene_require(t, holder->pid_count < SCENE_SHARERS_MAX);
    holder->pids[holder->pid_count++] = pid;
}

void scene_expect_stranger(struct scene *t, uint32_t pid)
{
    struct expected *expected = &refused_call(t)->expected;

    scene_require(t, expected->stranger_count < SCENE_SHARERS_MAX);
    expected->strangers[expected->stranger_count++] = pid;
}

void scene_expect_held(struct scene *t, enum reason reason, uint8_t state, uint32_t pid)
{
    scene_expect_holder(t, HOLDING_NOW, state, pid);
    scene_expect_reason(t, reason);
}

uint32_t scene_pid(struct scene *t)
{
    struct caller caller;

    caller_describe(t, &caller);
    return caller.pid;
}

static const char *find_advice(struct scene *t, const char *text)
{
    unsigned int i;

    for (i = 0; i < t->log->told.help_count; i++)
        if (strstr(t->log->told.helps[i], text))
            return t->log->told.helps[i];
    return NULL;
}

static bool is_advised(const struct scene *t)
{
    return t->log->watched && t->log->told.answered && !t->log->told.limited;
}

const char *scene_advice(struct scene *t, const char *text)
{
    const char *help;

    if (!is_advised(t))
        return NULL;
    help = find_advice(t, text);
    if (!help)
        scene_fail(t, "no advice has \"%s\"; the first of %u is \"%s\"", text,
                   t->log->told.help_count, t->log->told.help_count ? t->log->told.helps[0] : "");
    return help;
}

void scene_no_advice(struct scene *t, const char *text)
{
    const char *help = is_advised(t) ? find_advice(t, text) : NULL;

    if (help)
        scene_fail(t, "this must not be advised: %s", help);
}

void scene_note(struct scene *t, const char *text)
{
    if (is_advised(t) && !strstr(t->log->told.note, text))
        scene_fail(t, "the first note has no \"%s\": %s", text, t->log->told.note);
}

/* "COMMAND (what it does)", "COMMAND, or something else" */
static void take_command(char *to, size_t size, const char *help)
{
    static const char *const ends[] = {" (", ", or "};
    size_t i;
    char *end;

    snprintf(to, size, "%s", help);
    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        end = strstr(to, ends[i]);
        if (end)
            *end = '\0';
    }
}

/* What enters the net namespace of the call is no part of what is asked there. */
static const char *behind_entry(const char *command)
{
    const char *end = strstr(command, " -n ");

    return strncmp(command, "nsenter -t ", 11) == 0 && end ? end + 4 : command;
}

/* As the reader does, whose net namespace is not that of the call. */
static bool run_elsewhere(struct scene *t, const char *command)
{
    char line[SCENE_HELP_SIZE + 16];
    int status, child = fork();

    scene_require(t, child >= 0);
    snprintf(line, sizeof(line), "%s >/dev/null", command);
    if (!child)
        _exit(unshare(CLONE_NEWNET) || system(line));
    scene_require(t, waitpid(child, &status, 0) == child);
    return status == 0;
}

static bool begins_with_words(const char *text, const char *words)
{
    size_t length = strlen(words);

    return strncmp(text, words, length) == 0 && (!text[length] || strchr(" =", text[length]));
}

bool scene_follow(struct scene *t, const char *words)
{
    char command[SCENE_HELP_SIZE];
    const struct told *told = &t->log->told;
    unsigned int i;

    if (!is_advised(t))
        return false;
    for (i = 0; i < told->help_count; i++) {
        take_command(command, sizeof(command), told->helps[i]);
        if (!begins_with_words(behind_entry(command), words))
            continue;
        if (!run_elsewhere(t, command))
            scene_fail(t, "the advised command fails: %s", command);
        return true;
    }
    scene_fail(t, "no advice begins with \"%s\"; the first of %u is \"%s\"", words,
               told->help_count, told->help_count ? told->helps[0] : "");
}
