/* SPDX-License-Identifier: GPL-2.0 */
/* The options of porttrace run. Pure: the name of the user is kept as typed. */
#ifndef PORTTRACE_CLI_RUN_OPTIONS_H
#define PORTTRACE_CLI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/capture/capture.h"
#include "user/cli/colour.h"
#include "user/cli/options.h"

struct run_options {
    struct capture_options capture; /* .filter lacks the process */
    char *const *command;           /* ended by NULL */
    uint32_t command_count;
    const char *user;   /* NULL: as porttrace itself */
    const char *output; /* NULL: standard error */
    enum colour_choice colour;
    bool json;
    bool all;
    bool wait;
    bool quiet;
    bool help;
};

extern const struct syntax run_syntax;

/* argv ends with NULL. 0, or -EINVAL with the reason added to error. */
int run_options_parse(int argc, char *const *argv, struct run_options *ret_options,
                      struct strbuf *error);

#endif
