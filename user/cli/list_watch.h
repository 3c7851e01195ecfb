/* SPDX-License-Identifier: GPL-2.0 */
/* The same list again and again: over the whole terminal, or one below the other. */
#ifndef PORTTRACE_CLI_LIST_WATCH_H
#define PORTTRACE_CLI_LIST_WATCH_H

#include "user/cli/list_view.h"

/* Until a signal. Returns the exit status. */
int list_watch(const struct list_options *options, struct list_view *view,
               struct surveyor *surveyor, const struct survey_query *query);

/*
 * Text for a screen of so many lines and columns, without scrolling: every line is cleared behind
 * its end, what is more than the screen is left out. Pure.
 */
void list_watch_screen(const char *text, size_t size, unsigned int height, struct strbuf *out);

#endif
