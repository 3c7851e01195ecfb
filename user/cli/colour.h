/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_COLOUR_H
#define PORTTRACE_CLI_COLOUR_H

#include <stdbool.h>

#include "user/model/strbuf.h"

enum colour_choice {
    COLOUR_AUTO,
    COLOUR_ALWAYS,
    COLOUR_NEVER,
};

int colour_parse(const char *text, enum colour_choice *ret_choice, struct strbuf *error);

/* no_colour and term are the variables NO_COLOR and TERM of the environment, NULL where unset. */
bool colour_wanted(enum colour_choice choice, bool terminal, const char *no_colour,
                   const char *term);

#endif
