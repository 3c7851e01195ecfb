// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/kernel/trace.h"

#define START_SECONDS 60 /* a slow machine loads the programs without hardware help */
#define END_SECONDS   30
#define STEP_US       20000
#define STEPS(s)      ((s) * (1000000 / STEP_US))

static void run_porttrace(const char *porttrace, const char *const *args, int out, int errors)
{
    const char *argv[TRACE_ARGS_MAX] = {porttrace, "trace", "--json"};
    size_t count = 3;

    while (args && *args && count < TRACE_ARGS_MAX - 1)
        argv[count++] = *args++;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(porttrace, (char *const *)(uintptr_t)argv);
    _exit(127);
}

static void add_line(struct trace *trace, const char *line, size_t size)
{
    struct seen *more = realloc(trace->seen, (trace->count + 1) * sizeof(*more));

    if (!more)
        abort();
    trace->seen = more;
    if (seen_parse(line, size, &trace->seen[trace->count]))
        trace->count++;
    else
        trace->broken++;
}

static void split_lines(struct trace *trace)
{
    char *from = trace->text, *end;
    size_t left = trace->text_size;

    while (left && (end = memchr(from, '\n', left))) {
        add_line(trace, from, (size_t)(end - from));
        left -= (size_t)(end + 1 - from);
        from = end + 1;
    }
    memmove(trace->text, from, left);
    trace->text_size = left;
}

bool trace_read_some(struct trace *trace)
{
    char buffer[65536];
    ssize_t got = read(trace->fd, buffer, sizeof(buffer));
    char *more = got > 0 ? realloc(trace->text, trace->text_size + (size_t)got) : NULL;

    if (got <= 0)
        return false;
    if (!more)
        abort();
    trace->text = more;
    memcpy(more + trace->text_size, buffer, (size_t)got);
    trace->text_size += (size_t)got;
    split_lines(trace);
    return true;
}

void trace_read(struct trace *trace)
{
    while (trace_read_some(trace))
        continue;
}

bool trace_has_ended(struct trace *trace)
{
    if (!trace->ended)
        trace->ended = waitpid(trace->pid, &trace->exit_status, WNOHANG) == trace->pid;
    return trace->ended;
}

static bool wait_for_start(struct trace *trace)
{
    int step;

    for (step = 0; step < STEPS(START_SECONDS); step++) {
        bool ended = trace_has_ended(trace);

        trace_read(trace);
        if (trace->count || trace->broken || ended)
            break;
        usleep(STEP_US);
    }
    return !trace->ended && trace->count && trace->seen[0].action &&
           strcmp(trace->seen[0].action, "trace-start") == 0;
}

static void read_errors(struct trace *trace, int errors)
{
    ssize_t got = pread(errors, trace->errors, sizeof(trace->errors) - 1, 0);

    trace->errors[got > 0 ? got : 0] = '\0';
    while (got > 0 && trace->errors[got - 1] == '\n')
        trace->errors[--got] = '\0';
}

bool trace_start(struct trace *trace, const char *porttrace, const char *const *args,
                 const char *path)
{
    int errors = memfd_create("errors", MFD_CLOEXEC);
    int out = path ? open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644)
                   : memfd_create("out", MFD_CLOEXEC);
    char name[64];
    bool started;

    memset(trace, 0, sizeof(*trace));
    if (out < 0 || errors < 0)
        abort();
    snprintf(name, sizeof(name), "/proc/self/fd/%d", out);
    trace->fd = open(name, O_RDONLY | O_CLOEXEC); /* an offset of its own */
    trace->pid = fork();
    if (trace->pid == 0)
        run_porttrace(porttrace, args, out, errors);
    started = wait_for_start(trace);
    read_errors(trace, errors);
    trace->writer = out;
    trace->kept = path != NULL;
    close(errors);
    return started;
}

bool trace_end(struct trace *trace, int signal_number)
{
    int step;

    if (signal_number && !trace_has_ended(trace))
        kill(trace->pid, signal_number);
    for (step = 0; step < STEPS(END_SECONDS) && !trace_has_ended(trace); step++)
        usleep(STEP_US);
    trace_read(trace);
    if (trace->ended)
        return true;
    kill(trace->pid, SIGKILL);
    waitpid(trace->pid, &trace->exit_status, 0);
    trace->ended = true;
    return false;
}

bool trace_exited_with(const struct trace *trace, int status)
{
    return trace->ended && WIFEXITED(trace->exit_status) &&
           WEXITSTATUS(trace->exit_status) == status;
}

void trace_forget(struct trace *trace)
{
    size_t i;

    for (i = 0; i < trace->count; i++)
        seen_free(&trace->seen[i]);
    trace->count = 0;
    /* Where the file cannot have holes it only takes more room. */
    if (!trace->kept)
        (void)fallocate(trace->writer, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                        lseek(trace->fd, 0, SEEK_CUR));
}

void trace_free(struct trace *trace)
{
    trace_forget(trace);
    free(trace->seen);
    free(trace->text);
    close(trace->fd);
    close(trace->writer);
}
