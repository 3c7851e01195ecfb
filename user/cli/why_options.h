/* SPDX-License-Identifier: GPL-2.0 */
/* The options of porttrace why. Pure: names of users, devices and such are kept as typed. */
#ifndef PORTTRACE_CLI_WHY_OPTIONS_H
#define PORTTRACE_CLI_WHY_OPTIONS_H

#include "user/cli/colour.h"
#include "user/cli/options.h"
#include "user/cli/question.h"

#define WHY_QUESTIONS_MAX 512

/* What a server does with its socket. */
struct why_socket {
    uint32_t options;   /* enum pt_option */
    const char *device; /* NULL: none */
    bool bind_only;     /* and listens not, also where it could */
};

struct why_options {
    struct question questions[WHY_QUESTIONS_MAX];
    unsigned int question_count;
    struct why_socket socket;
    const char *user;  /* NULL: the one who asks */
    const char *netns; /* NULL: the one this runs in */
    enum colour_choice colour;
    bool json;
    bool quiet;
    bool help;
};

extern const struct syntax why_syntax;

/* 0, or -EINVAL with the reason added to error. */
int why_options_parse(int argc, char *const *argv, struct why_options *ret_options,
                      struct strbuf *error);

#endif
