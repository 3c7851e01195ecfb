// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/cli/confine.h"
#include "user/cli/plan_report.h"
#include "user/cli/priority.h"
#include "user/cli/run_job.h"
#include "user/cli/run_report.h"
#include "user/cli/values.h"
#include "user/model/errors.h"

#define HOST_PID_NAMESPACE "pid:[4026531836]" /* PROC_PID_INIT_INO */
#define STATUS_CANNOT_RUN  126
#define STATUS_NOT_FOUND   127

struct run {
    const struct run_options *options;
    struct run_user user;
    struct run_job job;
    struct run_output output;
    struct capture *capture;
    struct run_report *report;
};

static int refuse_command(const struct run *run, struct run_failure failure)
{
    struct strbuf name = {0};

    value_quote(&name,
                failure.step == RUN_STEP_EXEC ? run->options->command[0] : run->options->user);
    complain("cannot %s %s%s: %s", failure.step == RUN_STEP_EXEC ? "run" : "become",
             name.text ? name.text : "", failure.step == RUN_STEP_GROUPS ? " with his groups" : "",
             error_message(failure.error));
    strbuf_free(&name);
    return failure.step == RUN_STEP_EXEC && failure.error == ENOENT ? STATUS_NOT_FOUND
                                                                    : STATUS_CANNOT_RUN;
}

/* The command goes on whatever becomes of the reports. */
static void follow(struct run *run)
{
    int result = 0;

    run_job_attend(&run->job);
    while (!run->job.over && result >= 0) {
        result =
            capture_read(run->capture, run_report_record, run->report, run->job.signals.fd, -1);
        if (result == -EINTR)
            result = 0;
        run_job_attend(&run->job);
    }
    if (result < 0) {
        complain("cannot read events any more: %s; the command goes on without reports",
                 error_message(-result));
        run_job_await(&run->job);
    }
}

/* What is still in the buffer is reported before the command's status is passed on. */
static void finish(struct run *run)
{
    int result;

    capture_stop(run->capture);
    do {
        result = capture_read(run->capture, run_report_record, run->report, -1, 0);
    } while (result > 0 || result == -EINTR);
    if (!result)
        result = run_report_finish(run->report);
    if (result < 0)
        complain("the last reports are missing: %s", error_message(-result));
}

static int run_traced(struct run *run, enum pt_plan plan)
{
    struct run_failure failure;
    int result;

    run->report = run_report_new(run->options, run->capture, &run->output);
    result = output_begin(&run->output.output);
    if (!result)
        result = run->report ? run_report_start(run->report, plan) : -ENOMEM;
    if (!result && run->options->wait && prctl(PR_SET_CHILD_SUBREAPER, 1))
        result = -errno;
    /* The command, which keeps its own, waits already. */
    priority_raise();
    if (!result)
        result = confine_to(confine_needed(true, true));
    if (result) {
        complain("cannot run the command traced: %s", error_message(-result));
        run_child_cancel(&run->job.child);
        return STATUS_BAD_NEWS;
    }
    failure = run_child_release(&run->job.child);
    follow(run);
    finish(run);
    return failure.step ? refuse_command(run, failure) : STATUS_DONE;
}

static void advise(int status)
{
    if (status == STATUS_PRIVILEGE)
        complain("the command was not run. With root for the hooks, and the command as yourself:\n"
                 "  sudo -E porttrace run -u \"$USER\" -- COMMAND");
    else
        complain("the command was not run");
}

/* The kernel's filter knows processes by their number on the host. */
static bool is_in_other_pid_namespace(void)
{
    char name[sizeof(HOST_PID_NAMESPACE) + 16];
    ssize_t length = readlink("/proc/self/ns/pid", name, sizeof(name) - 1);

    if (length < 0)
        return false;
    name[length] = '\0';
    return strcmp(name, HOST_PID_NAMESPACE) != 0;
}

/* The command waits until all hooks are in place, and is not run without them. */
static int run_command(struct run *run)
{
    struct capture_options capture = run->options->capture;
    struct capture_report report;
    int result, status;

    if (is_in_other_pid_namespace()) {
        complain("cannot run a command traced from within a pid namespace. Start porttrace on "
                 "the host\n(a command in here, by the PID that a process of here has there: "
                 "porttrace run --\nnsenter -t PID -a COMMAND), or trace all: porttrace --failed");
        return STATUS_KERNEL;
    }
    result = run_child_start(run->options->command, &run->user, &run->job.signals, &run->job.child);
    if (result) {
        complain("cannot start a process: %s", error_message(-result));
        return STATUS_BAD_NEWS;
    }
    capture.filter.pids[0] = (uint32_t)run->job.child.pid;
    capture.filter.pid_count = 1;
    result = capture_open(&capture, &run->capture, &report);
    if (result) {
        run_child_cancel(&run->job.child);
        status = plan_report_failure(&report, result);
        advise(status);
        return status;
    }
    if (!run->options->json && !run->options->quiet && !run->options->capture.plan)
        plan_report_choice(&report);
    plan_report_seccomp(run->options->capture.seccomp, report.plan);
    status = run_traced(run, report.plan);
    run_report_free(run->report);
    capture_close(run->capture);
    return status;
}

static int run(const struct run_options *options, struct run_user *user)
{
    struct run run = {.options = options, .user = *user, .job.wait_for_all = options->wait};
    struct strbuf reason = {0};
    int result, status;

    if (run_output_open(&run.output, options->output, &run.job, &reason)) {
        complain("--output: %s", reason.text ? reason.text : error_message(ENOMEM));
        strbuf_free(&reason);
        return STATUS_BAD_NEWS;
    }
    result = run_signals_open(&run.job.signals);
    if (result) {
        complain("cannot wait for signals: %s", error_message(-result));
        status = STATUS_BAD_NEWS;
    } else {
        status = run_command(&run);
        run_signals_close(&run.job.signals);
    }
    run_output_close(&run.output);
    return run.job.ended && !status ? run_job_finish(&run.job) : status;
}

int cmd_run(int argc, char *const *argv)
{
    struct run_options options;
    struct run_user user = {0};
    struct strbuf reason = {0};
    int result = run_options_parse(argc, argv, &options, &reason);
    int status;

    if (!result && options.help)
        return print_help(&run_syntax);
    if (!result && options.user) {
        struct strbuf why = {0};

        result = run_user_find(options.user, &user, &why);
        if (result)
            strbuf_printf(&reason, "--user: %s", why.text ? why.text : error_message(-result));
        strbuf_free(&why);
    }
    if (result)
        return complain_usage(run_syntax.command, &reason);
    status = run(&options, &user);
    run_user_free(&user);
    return status;
}
