/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The options of porttrace trace. Pure, but for names of services, which the system's file has:
 * those of users, cgroups and such are kept as typed.
 */
#ifndef PORTTRACE_CLI_TRACE_OPTIONS_H
#define PORTTRACE_CLI_TRACE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/capture/capture.h"
#include "user/cli/colour.h"
#include "user/cli/options.h"

struct name_list {
    const char *at[FILTER_LIST_MAX];
    unsigned int count;
};

struct trace_options {
    struct capture_options capture; /* .filter lacks what stands in the lists of names below */
    struct name_list users;
    struct name_list cgroups;
    struct name_list netns;
    enum colour_choice colour;
    bool json;
    bool verbose;
    bool no_holders;
    bool thorough;
    bool help;
    uint32_t width;       /* 0: that of the terminal */
    uint64_t count;       /* 0: no limit */
    uint64_t duration_ns; /* 0: no limit */
    const char *output;   /* files: NULL none, "-" standard output or input */
    const char *write;
    const char *read;
};

extern const struct syntax trace_syntax;

/* 0, or -EINVAL with the reason added to error, also where options exclude each other. */
int trace_options_parse(int argc, char *const *argv, struct trace_options *ret_options,
                        struct strbuf *error);

#endif
