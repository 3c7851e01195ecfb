/* SPDX-License-Identifier: GPL-2.0 */
/* What main calls. Each takes the arguments behind the name of the command. */
#ifndef PORTTRACE_CLI_CMD_H
#define PORTTRACE_CLI_CMD_H

#include "user/cli/free_options.h"
#include "user/cli/run_options.h"
#include "user/cli/trace_options.h"
#include "user/cli/why_options.h"

enum exit_status {
    STATUS_DONE = 0,
    STATUS_BAD_NEWS = 1, /* also what went wrong on the way */
    STATUS_USAGE = 2,
    STATUS_PRIVILEGE = 3,
    STATUS_KERNEL = 4,
};

struct command {
    const char *name;
    int (*run)(int argc, char *const *argv); /* returns an enum exit_status */
    const struct syntax *syntax;
};

int cmd_trace(int argc, char *const *argv);
int cmd_run(int argc, char *const *argv);
int cmd_explain(int argc, char *const *argv);
int cmd_why(int argc, char *const *argv);
int cmd_free(int argc, char *const *argv);
int cmd_doctor(int argc, char *const *argv);
int cmd_list(int argc, char *const *argv);
int cmd_stop(int argc, char *const *argv);

extern const struct syntax explain_syntax;
extern const struct syntax doctor_syntax;
extern const struct syntax list_syntax;
extern const struct syntax stop_syntax;

#endif
