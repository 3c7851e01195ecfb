/* SPDX-License-Identifier: GPL-2.0 */
/* Messages to the user on standard error, and help on standard output. */
#ifndef PORTTRACE_CLI_COMPLAIN_H
#define PORTTRACE_CLI_COMPLAIN_H

#include "user/cli/options.h"

/* A line "porttrace: ...". */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What follows such a line. */
void complain_more(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The reason, and where to read on. Frees the reason. Returns STATUS_USAGE. */
int complain_usage(const char *command, struct strbuf *reason);

/* Of what could not be done, for this negative errno. */
int status_of_error(int error);

/* Returns the exit status. */
int print_help(const struct syntax *syntax);
int print_text(const struct strbuf *text);

#endif
