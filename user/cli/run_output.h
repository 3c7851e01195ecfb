/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the reports go while a command runs. A reader that is slow must not keep its signals from
 * the command, so this waits for both.
 */
#ifndef PORTTRACE_CLI_RUN_OUTPUT_H
#define PORTTRACE_CLI_RUN_OUTPUT_H

#include "user/cli/output.h"
#include "user/cli/run_job.h"

struct run_output {
    struct output output;
    struct run_job *job;
    bool is_file; /* not standard error */
    bool closed;  /* nobody reads it any more */
};

/* path NULL: standard error. 0, or negative errno with the reason added to error. */
int run_output_open(struct run_output *ret_output, const char *path, struct run_job *job,
                    struct strbuf *error);

/*
 * Writes the text, in one piece where that is possible. What cannot be written to a file is said
 * once and goes to standard error from then on, and nothing of it stays in the file.
 */
void run_output_write(struct run_output *output, const struct strbuf *text);

/* Only tells what went wrong: the command's exit status is all that counts. */
void run_output_close(struct run_output *output);

#endif
