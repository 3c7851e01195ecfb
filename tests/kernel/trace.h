/* SPDX-License-Identifier: GPL-2.0 */
/* A running porttrace, and the lines that it has printed. */
#ifndef TESTS_KERNEL_TRACE_H
#define TESTS_KERNEL_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/kernel/seen.h"

#define TRACE_ARGS_MAX 32

struct trace {
    int pid;
    int fd;          /* its standard output, a file */
    int writer;      /* the same file, to make holes in it */
    bool kept;       /* the file is for others to read: no holes */
    int exit_status; /* of waitpid(), once it has ended */
    bool ended;
    struct seen *seen;
    size_t count;
    size_t broken; /* lines that are not JSON objects */
    char *text;    /* what is read and not yet a whole line */
    size_t text_size;
    char errors[2048]; /* the beginning of its standard error */
};

/*
 * Starts "PORTTRACE trace --json ARGS". True: it has printed its first line, so that all that
 * happens from now on must be seen. False: it has ended, or has not begun within its time.
 * path: where standard output is kept, NULL for nowhere.
 */
bool trace_start(struct trace *trace, const char *porttrace, const char *const *args,
                 const char *path);

/* Reads what has come since; or at most a buffer of it, and says whether there was any. */
void trace_read(struct trace *trace);
bool trace_read_some(struct trace *trace);

/* Forgets what has been read, for traces that are too long to keep. */
void trace_forget(struct trace *trace);

bool trace_has_ended(struct trace *trace);

/* Sends the signal (0: none), waits for the end and reads the rest. False: it did not end. */
bool trace_end(struct trace *trace, int signal_number);

bool trace_exited_with(const struct trace *trace, int status);
void trace_free(struct trace *trace);

#endif
