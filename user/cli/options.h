/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A table of options, the parser that goes by it and the help that is made of it. Pure: what an
 * option does to its target is all that happens.
 */
#ifndef PORTTRACE_CLI_OPTIONS_H
#define PORTTRACE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/model/strbuf.h"

/* 0, or -EINVAL with the reason added to error. */
typedef int option_take_fn(void *target, const char *value, struct strbuf *error);

struct option_row {
    const char *name;     /* without the dashes */
    char letter;          /* 0: none */
    const char *argument; /* NULL: takes none */
    const char *help;
    unsigned int group; /* index into the titles of the groups */

    option_take_fn *take; /* NULL: a switch, and the two below say what it does */
    size_t target_offset; /* of a bool, or with target_bits of an uint32_t, in the target */
    uint32_t target_bits; /* 0: the bool becomes true; else these bits are set */
};

struct option_example {
    const char *command;
    const char *meaning;
};

struct syntax {
    const char *command; /* as the user calls it: "porttrace trace" */
    const char *usage;
    const char *brief; /* a line in the list of commands */
    const char *summary;
    const struct option_example *examples;
    size_t example_count;
    const char *const *groups;
    const struct option_row *rows;
    size_t row_count;
    option_take_fn *take_argument; /* what is no option; NULL: there is none */
    bool takes_command;            /* behind the first argument nothing is an option */
    const char *notes;
};

/* argv[0] is the first argument. 0, or -EINVAL with the whole reason added to error. */
int options_parse(const struct syntax *syntax, int argc, char *const *argv, void *target,
                  struct strbuf *error);

void options_help(const struct syntax *syntax, struct strbuf *out);

#endif
