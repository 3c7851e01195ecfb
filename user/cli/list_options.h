/* SPDX-License-Identifier: GPL-2.0 */
/* The options of porttrace list. */
#ifndef PORTTRACE_CLI_LIST_OPTIONS_H
#define PORTTRACE_CLI_LIST_OPTIONS_H

#include "user/cli/question.h"
#include "user/cli/trace_options.h"

#define LIST_WANTED_MAX 32

struct list_options {
    struct trace_options trace; /* first: the filters and what is shared are taken by its code */
    bool all;
    bool quiet;
    bool watch;
    uint64_t interval_ns;                    /* 0: not given */
    struct question wanted[LIST_WANTED_MAX]; /* ports with an address or protocol, else in .trace */
    unsigned int wanted_count;
};

extern const struct syntax list_syntax;

/*
 * 0, or -EINVAL with the reason added to error, also where options exclude each other. Names of
 * services are looked up in the system's file; users, cgroups and such are kept as typed.
 */
int list_options_parse(int argc, char *const *argv, struct list_options *ret_options,
                       struct strbuf *error);

#endif
