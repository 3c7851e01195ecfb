/* SPDX-License-Identifier: GPL-2.0 */
/* The command while it runs: its signals, its stops and its end. */
#ifndef PORTTRACE_CLI_RUN_JOB_H
#define PORTTRACE_CLI_RUN_JOB_H

#include "user/cli/run_child.h"
#include "user/cli/run_signals.h"

struct run_job {
    struct run_signals signals;
    struct run_child child;
    bool wait_for_all; /* also for what the command leaves running */
    bool ended;        /* the command has */
    int status;        /* its wait status */
    bool over;         /* nothing is left to wait for */
    bool given_up;     /* over, and a signal asks to end at once */
};

/* Hands out what has happened, when .signals.fd is readable or might be. Does not wait. */
void run_job_attend(struct run_job *job);

/* Waits until it is over, without looking at anything else. */
void run_job_await(struct run_job *job);

/* What run ends with: dies as the command died, or returns the exit status. */
int run_job_finish(const struct run_job *job);

#endif
