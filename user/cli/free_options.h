/* SPDX-License-Identifier: GPL-2.0 */
/* The options of porttrace free. Pure: names of users, devices and such are kept as typed. */
#ifndef PORTTRACE_CLI_FREE_OPTIONS_H
#define PORTTRACE_CLI_FREE_OPTIONS_H

#include "user/cli/colour.h"
#include "user/cli/options.h"
#include "user/cli/question.h"

#define FREE_COUNT_MAX 1000

struct free_options {
    uint16_t from;           /* 0: none was given */
    uint32_t protocols;      /* of enum free_protocol, a bit each */
    struct question address; /* where .any_address: every address */
    const char *user;        /* NULL: the one who asks */
    const char *netns;       /* NULL: the one this runs in */
    uint32_t count;
    enum colour_choice colour;
    bool json;
    bool quiet;
    bool help;
};

enum free_protocol {
    FREE_TCP = 1 << 0,
    FREE_UDP = 1 << 1,
};

extern const struct syntax free_syntax;

/* 0, or -EINVAL with the reason added to error. */
int free_options_parse(int argc, char *const *argv, struct free_options *ret_options,
                       struct strbuf *error);

#endif
