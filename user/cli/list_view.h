/* SPDX-License-Identifier: GPL-2.0 */
/* A survey as the user asked to see it. */
#ifndef PORTTRACE_CLI_LIST_VIEW_H
#define PORTTRACE_CLI_LIST_VIEW_H

#include "user/cli/list_match.h"
#include "user/cli/list_netns.h"
#include "user/cli/list_options.h"
#include "user/cli/list_range.h"
#include "user/cli/survey.h"
#include "user/enrich/names.h"
#include "user/render/holder_row.h"

/* Writes out what is enough for that, or keeps it. 0, or what ends the printing. */
typedef int list_flush_fn(void *context);

struct list_view {
    const struct list_options *options;
    struct list_match match;
    struct name_tables *names;
    struct list_netns *netns;
    struct list_ranges *ranges;
    struct table table;
    struct strbuf *out;
    list_flush_fn *flush; /* may be NULL */
    void *context;
    unsigned int rows_most; /* 0: no limit */
    bool owner_unseen;      /* of the last survey somebody has a socket who was not seen */
    const char *missing;    /* of the last survey what concerns what is shown; NULL: nothing */
};

/*
 * The lists of names in the options must be looked up. What stands in the view is borrowed, the
 * options too. 0 or -ENOMEM.
 */
int list_view_open(struct list_view *view, const struct list_options *options, bool colour);
void list_view_close(struct list_view *view);

/* Net namespaces may have come, gone and changed since the last survey. */
void list_view_forget(struct list_view *view);

/* How many rows there are; more than rows_most are not printed. Negative errno on failure. */
int list_view_print(struct list_view *view, const struct survey *survey);

#endif
