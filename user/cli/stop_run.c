// SPDX-License-Identifier: GPL-2.0
#include "user/cli/stop_run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/cli/clock.h"
#include "user/cli/complain.h"
#include "user/cli/values.h"
#include "user/host/end_process.h"
#include "user/host/process_stat.h"
#include "user/host/service_manager.h"
#include "user/model/errors.h"
#include "user/model/sanitize.h"
#include "user/render/moment.h"

#define KILLED_WAIT_NS 3000000000ull /* a process that is killed ends soon, if it can */

static void add_said(struct strbuf *out, const char *said)
{
    size_t length = strcspn(said, "\n");

    if (!length)
        return;
    strbuf_puts(out, ": ");
    sanitize_add(out, said, length);
}

/* The words of the step, and how it went. */
static void complain_step(const struct stop_step *step, int status, const char *said)
{
    struct strbuf text = {0};

    strbuf_puts(&text, "cannot ");
    stop_plan_add_step(&text, step);
    if (status == -ENOENT)
        strbuf_puts(&text, ": it is not installed");
    else if (status == -ETIMEDOUT)
        strbuf_puts(&text, ": it takes too long");
    else if (status < 0)
        strbuf_printf(&text, ": %s", error_message(-status));
    else
        add_said(&text, said);
    complain("%s", text.failed ? error_message(ENOMEM) : text.text);
    strbuf_free(&text);
}

bool stop_run_managed(const struct stop_plan *plan)
{
    bool failed = false;

    for (unsigned int i = 0; i < plan->count; i++) {
        const struct stop_step *step = &plan->steps[i];
        char *said = NULL;
        int status;

        if (step->way != STOP_MANAGED)
            continue;
        status = service_manager_stop(&step->ending, &said);
        if (status) {
            failed = true;
            complain_step(step, status, said ? said : "");
        }
        free(said);
    }
    return failed;
}

static bool is_forbidden(int result)
{
    return result == -EACCES || result == -EPERM;
}

/* Why a process gets no signal. */
static void complain_withheld(uint32_t pid, int error)
{
    switch (error) {
    case -EACCES:
    case -EPERM:
        complain("process %u cannot be ended: it belongs to another user; try sudo", pid);
        break;
    case -ESRCH:
        complain("process %u gets no signal: it has ended", pid);
        break;
    case -ENOENT:
        complain("process %u gets no signal: it does not have the socket any more", pid);
        break;
    case -EXDEV:
        complain("process %u gets no signal: here the number is another process's than in /proc",
                 pid);
        break;
    default:
        complain("process %u cannot be ended: %s", pid, error_message(-error));
    }
}

/* Negative errno: it has ended, or it must not be touched. */
static int open_step(const struct stop_step *step)
{
    const struct pt_task *task;
    int pidfd;

    if (step->way != STOP_SIGNAL && step->way != STOP_AWAITED)
        return -ESRCH;
    task = &step->process->process->task;
    pidfd = end_process_open(task, step->holder->seen.socket.inode);
    if (step->way == STOP_AWAITED && (pidfd == -ESRCH || pidfd == -ENOENT))
        return pidfd;
    if (pidfd < 0)
        complain_withheld(task->pid, pidfd);
    return pidfd;
}

/* What is stopped gets no other signal until it goes on. */
static void let_go_on(uint32_t pid, int pidfd)
{
    struct process_stat stat;

    if (process_stat_read(pid, &stat) || !stat.stopped)
        return;
    complain("process %u is stopped: it gets SIGCONT after SIGTERM", pid);
    end_process_signal(pidfd, SIGCONT);
}

static void send_signal(const struct stop_step *step, int *pidfd, int number)
{
    int result = end_process_signal(*pidfd, number);

    if (!result && number == SIGTERM)
        let_go_on(step->process->process->task.pid, *pidfd);
    if (!result)
        return;
    if (result != -ESRCH)
        complain("process %u cannot be ended: %s", step->process->process->task.pid,
                 error_message(-result));
    close(*pidfd);
    *pidfd = -1;
}

/* Closes the descriptors of those that end in time; returns how many do not. */
static unsigned int wait_all(int *pidfds, unsigned int count, uint64_t limit_ns)
{
    uint64_t end_ns = clock_boot_ns() + limit_ns;
    unsigned int left = 0;

    for (unsigned int i = 0; i < count; i++) {
        uint64_t now_ns = clock_boot_ns();

        if (pidfds[i] < 0)
            continue;
        if (end_process_wait(pidfds[i], now_ns < end_ns ? end_ns - now_ns : 0)) {
            close(pidfds[i]);
            pidfds[i] = -1;
        } else {
            left++;
        }
    }
    return left;
}

static void complain_left(const struct stop_plan *plan, const int *pidfds, uint64_t waited_ns,
                          const char *more)
{
    struct strbuf text = {0};

    moment_add_length(&text, waited_ns);
    for (unsigned int i = 0; i < plan->count; i++)
        if (pidfds[i] >= 0)
            complain("process %u still runs after %s%s", plan->steps[i].process->process->task.pid,
                     text.text ? text.text : "a while", more);
    strbuf_free(&text);
}

static void signal_all(const struct stop_plan *plan, int *pidfds, int number)
{
    for (unsigned int i = 0; i < plan->count; i++)
        if (pidfds[i] >= 0 && (number == SIGKILL || plan->steps[i].way == STOP_SIGNAL))
            send_signal(&plan->steps[i], &pidfds[i], number);
}

bool stop_run_signals(const struct stop_plan *plan, const struct stop_options *options)
{
    int pidfds[STOP_STEPS_MAX];
    bool allowed = true;

    /* All are held before the first one is ended: the end of one can end others. */
    for (unsigned int i = 0; i < plan->count; i++) {
        pidfds[i] = open_step(&plan->steps[i]);
        allowed &= !is_forbidden(pidfds[i]);
    }
    signal_all(plan, pidfds, SIGTERM);
    if (wait_all(pidfds, plan->count, options->grace_ns)) {
        complain_left(plan, pidfds, options->grace_ns,
                      options->force ? ": it is killed" : "; --force kills it");
        if (options->force) {
            signal_all(plan, pidfds, SIGKILL);
            if (wait_all(pidfds, plan->count, KILLED_WAIT_NS))
                complain_left(plan, pidfds, KILLED_WAIT_NS, " of being killed");
        }
    }
    for (unsigned int i = 0; i < plan->count; i++)
        if (pidfds[i] >= 0)
            close(pidfds[i]);
    return allowed;
}
