/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command of porttrace run: started so that it waits until it is released, and then as if
 * nothing stood between it and who started porttrace.
 */
#ifndef PORTTRACE_CLI_RUN_CHILD_H
#define PORTTRACE_CLI_RUN_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "user/model/strbuf.h"

struct run_user {
    bool wanted; /* false: the command keeps the credentials of porttrace */
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    int group_count;
};

/* By name or number; the number must be that of a user. -EINVAL with the reason added to error. */
int run_user_find(const char *name, struct run_user *ret_user, struct strbuf *error);
void run_user_free(struct run_user *user);

struct run_child {
    pid_t pid;
    int release_fd;
    int failure_fd;
};

/* What could not be done on the way to the command. */
enum run_step {
    RUN_STEP_NONE = 0,
    RUN_STEP_GROUPS,
    RUN_STEP_USER,
    RUN_STEP_EXEC,
};

struct run_failure {
    enum run_step step;
    int error; /* positive errno */
};

struct run_signals;

/* The signals are given back to the child as they were. 0 or negative errno. */
int run_child_start(char *const *command, const struct run_user *user,
                    const struct run_signals *signals, struct run_child *ret_child);

/* Returns when the command runs; .step 0, or why it does not. */
struct run_failure run_child_release(struct run_child *child);

/* It ends without having run anything. */
void run_child_cancel(struct run_child *child);

#endif
