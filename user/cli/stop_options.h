/* SPDX-License-Identifier: GPL-2.0 */
/* The options of porttrace stop. Pure: names of services and namespaces are kept as typed. */
#ifndef PORTTRACE_CLI_STOP_OPTIONS_H
#define PORTTRACE_CLI_STOP_OPTIONS_H

#include "user/cli/colour.h"
#include "user/cli/options.h"
#include "user/cli/question.h"

struct stop_options {
    struct question question;
    const char *netns; /* NULL: that of porttrace */
    uint64_t grace_ns;
    enum colour_choice colour;
    bool asked; /* there is a question */
    bool yes;
    bool force;
    bool dry_run;
    bool ancestors;
    bool help;
};

extern const struct syntax stop_syntax;

/* 0, or -EINVAL with the reason added to error. */
int stop_options_parse(int argc, char *const *argv, struct stop_options *ret_options,
                       struct strbuf *error);

#endif
