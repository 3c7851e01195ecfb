// SPDX-License-Identifier: GPL-2.0
#include "user/host/process_signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/host/text_file.h"

#define STATUS_MOST 8192
#define TERM_BIT    (1ull << (SIGTERM - 1))

/* What is behind "\nNAME:"; NULL: there is no such line. A name of a process cannot forge one. */
static const char *value_of(const char *text, const char *name)
{
    char wanted[16];
    const char *at;

    snprintf(wanted, sizeof(wanted), "\n%s:\t", name);
    at = strstr(text, wanted);
    return at ? at + strlen(wanted) : NULL;
}

static bool has_term(const char *text, const char *name)
{
    const char *mask = value_of(text, name);

    return mask && strtoull(mask, NULL, 16) & TERM_BIT;
}

/* Process 1 of a pid namespace below this one: of signals it gets what it has a handler for. */
static bool is_init_below(const char *text)
{
    const char *numbers = value_of(text, "NSpid"), *last;
    size_t length = numbers ? strcspn(numbers, "\n") : 0;

    last = length ? memrchr(numbers, '\t', length) : NULL;
    return last && last + 2 == numbers + length && last[1] == '1';
}

enum term_effect process_signals_parse(const char *text)
{
    const char *state = value_of(text, "State");

    if (has_term(text, "SigIgn") || (is_init_below(text) && !has_term(text, "SigCgt")))
        return TERM_IGNORED;
    return state && *state == 'T' ? TERM_WAITS : TERM_ENDS;
}

enum term_effect process_signals_read(uint32_t pid)
{
    enum term_effect effect = TERM_ENDS;
    char path[32], *text;

    snprintf(path, sizeof(path), "/proc/%u/status", pid);
    if (text_file_read(path, STATUS_MOST, &text, NULL))
        return effect;
    effect = process_signals_parse(text);
    free(text);
    return effect;
}
