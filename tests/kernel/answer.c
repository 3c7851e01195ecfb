// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/kernel/answer.h"
#include "tests/kernel/limits.h"
#include "tests/kernel/limits_reason.h"
#include "tests/kernel/seen_reason.h"

#define STEP_US    2000
#define PATIENCE_S 15 /* a slow machine looks through all of its sockets meanwhile */

static void write_answer(struct told *told, const struct seen *seen)
{
    const char *help, *note = seen_first_note(seen);

    snprintf(told->note, sizeof(told->note), "%s", note ? note : "");
    told->help_count = 0;
    while (told->help_count < SCENE_HELPS_MAX && (help = seen_help(seen, told->help_count)))
        snprintf(told->helps[told->help_count++], SCENE_HELP_SIZE, "%s", help);
    told->answered = true;
}

/* True: there is nothing more to wait for. */
static bool answer(struct trace *trace, const struct expectation *expected, struct scene_log *log)
{
    const struct call *call = &log->calls[log->told.asked - 1];
    const struct seen *seen;

    if (limits_reason(LIMIT_EVENT, expected->plan, call))
        return true;
    trace_read(trace);
    seen = match_event(trace, log, log->told.asked - 1);
    if (!seen)
        return false;
    log->told.limited = limits_reason_of(REASON_LIMIT_REASON, expected->plan, call) != NULL;
    write_answer(&log->told, seen);
    return true;
}

int answer_until_end(int pid, struct trace *trace, const struct expectation *expected,
                     struct scene_log *log)
{
    int status, ended;
    time_t since = 0;

    while (!(ended = waitpid(pid, &status, WNOHANG))) {
        if (!__atomic_load_n(&log->told.asked, __ATOMIC_SEQ_CST)) {
            since = time(NULL);
        } else if (answer(trace, expected, log) || trace_has_ended(trace) ||
                   time(NULL) - since > PATIENCE_S) {
            __atomic_store_n(&log->told.asked, 0, __ATOMIC_SEQ_CST);
        }
        usleep(STEP_US);
    }
    return ended == pid ? status : -1;
}
