// SPDX-License-Identifier: GPL-2.0
/* How a trace begins and ends. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/lifecycle_run.h"
#include "tests/kernel/program.h"

static void check_signal(struct lifecycle *run, int number)
{
    struct trace *trace = &run->trace;
    bool ended;
    int pid;

    if (!lifecycle_start(run, NULL, NULL))
        return;
    pid = lifecycle_binds(100);
    ended = trace_end(trace, number);
    if (!ended || !trace_exited_with(trace, 0))
        FAIL(run, "it did not end with 0");
    if (lifecycle_binds_of(trace, pid) != 100)
        FAIL(run, "%zu of 100 binds were printed", lifecycle_binds_of(trace, pid));
    if (!lifecycle_last_line(trace) || trace->text_size)
        FAIL(run, "the last line is not trace-end");
}

void lifecycle_sigint(struct lifecycle *run)
{
    check_signal(run, SIGINT);
}

void lifecycle_sigterm(struct lifecycle *run)
{
    check_signal(run, SIGTERM);
}

void lifecycle_live(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    int pid, waited;

    if (!lifecycle_start(run, NULL, NULL))
        return;
    pid = lifecycle_binds(1);
    for (waited = 0; waited < LIFECYCLE_PATIENCE_MS && !lifecycle_binds_of(trace, pid);
         waited += 10) {
        usleep(10000);
        trace_read(trace);
    }
    if (!lifecycle_binds_of(trace, pid))
        FAIL(run, "a bind was not printed within %d ms", LIFECYCLE_PATIENCE_MS);
}

void lifecycle_count(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    size_t events = 0, i;

    if (!lifecycle_start(run, "--count", "7"))
        return;
    lifecycle_binds(100);
    if (!trace_end(trace, 0) || !trace_exited_with(trace, 0))
        FAIL(run, "--count 7 did not end it with 0");
    for (i = 0; i < trace->count; i++)
        events += trace->seen[i].sequence > 0;
    if (events != 7)
        FAIL(run, "--count 7 printed %zu events", events);
}

void lifecycle_duration(struct lifecycle *run)
{
    struct trace *trace = &run->trace;
    int pid;

    if (!lifecycle_start(run, "--duration", "1500ms"))
        return;
    pid = lifecycle_binds(10);
    if (!trace_end(trace, 0) || !trace_exited_with(trace, 0))
        FAIL(run, "--duration did not end it with 0");
    if (lifecycle_binds_of(trace, pid) != 10)
        FAIL(run, "%zu of 10 binds were printed", lifecycle_binds_of(trace, pid));
}

void lifecycle_closed_pipe(struct lifecycle *run)
{
    const char *const args[] = {"trace", "--json", "--plan", run->plan, NULL};
    struct program program;
    char first;

    if (!program_start(&program, run->options->porttrace, args, 0))
        FAIL(run, "cannot start it");
    if (read(program.out, &first, 1) != 1)
        FAIL(run, "it printed nothing: %s", program_errors(&program));
    close(program.out);
    program.out = -1;
    lifecycle_binds(1000);
    program_wait(&program);
    if (program.status != 0 || program_errors(&program)[0])
        FAIL(run, "it ended with %d and said: %s", program.status, program_errors(&program));
}

void lifecycle_without_privileges(struct lifecycle *run)
{
    const char *const args[] = {"trace", "--plan", run->plan, NULL};
    struct program program;

    if (!program_start(&program, run->options->porttrace, args, 65534))
        FAIL(run, "cannot start it");
    program_wait(&program);
    if (program.status != 3)
        FAIL(run, "it ended with %d, not 3: %s", program.status, program_errors(&program));
    if (!strstr(program_errors(&program), "CAP_"))
        FAIL(run, "it names no capability: %s", program_errors(&program));
}
