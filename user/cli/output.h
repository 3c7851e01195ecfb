/* SPDX-License-Identifier: GPL-2.0 */
/* Where lines or records go: a buffer before a file. */
#ifndef PORTTRACE_CLI_OUTPUT_H
#define PORTTRACE_CLI_OUTPUT_H

#include <stdbool.h>

#include "user/cli/write_whole.h"
#include "user/model/strbuf.h"

#define OUTPUT_BATCH (64u << 10) /* bytes that are worth a write */
#define OUTPUT_NAME  512

struct output {
    char name[OUTPUT_NAME]; /* as the user knows it, fit to print */
    int fd;
    bool is_file;    /* to be emptied at the beginning */
    whole_fn *whole; /* where the file may end */
    struct strbuf buffer;
    int error; /* negative errno of the first write that failed */
};

/*
 * path NULL or "-": standard output. Otherwise a file of mode 0600 is made, or one that is there
 * taken; no link is followed and no file or pipe of another user is touched. A file is locked, and
 * one that is locked refused. 0, or negative errno with the reason added to error.
 */
int output_open(struct output *ret_output, const char *path, struct strbuf *error);

/* What the file held before goes, now that there is something to take its place. */
int output_begin(struct output *output);

/*
 * Writes all that is buffered. 0, -EPIPE where nobody reads it any more, or other negative errno;
 * then the file ends with what is whole.
 */
int output_flush(struct output *output);

/* As above, when there is enough to be worth it. */
int output_flush_batch(struct output *output);

/* What is still buffered is dropped. 0, or negative errno: some of the file may not be there. */
int output_close(struct output *output);

/* A path fit to print: it may be of somebody else's choosing, as out of a folder. */
void output_print_name(char *ret_name, size_t size, const char *path);

#endif
