// SPDX-License-Identifier: GPL-2.0
#include "user/cli/run_child.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/cli/lookups.h"
#include "user/cli/run_signals.h"
#include "user/cli/values.h"
#include "user/model/errors.h"

#define GROUPS_FIRST 32

static int find_groups(const char *name, struct run_user *user)
{
    int count = GROUPS_FIRST;

    do {
        user->group_count = count;
        free(user->groups);
        user->groups = calloc((size_t)count, sizeof(*user->groups));
        if (!user->groups)
            return -ENOMEM;
    } while (getgrouplist(name, user->gid, user->groups, &count) < 0 && count > user->group_count);
    user->group_count = count;
    return 0;
}

int run_user_find(const char *name, struct run_user *ret_user, struct strbuf *error)
{
    struct run_user user = {.wanted = true};
    const struct passwd *entry;
    uint32_t uid;
    int result = lookup_user(name, &uid, error);

    if (result)
        return result;
    entry = getpwuid(uid);
    if (!entry) {
        value_quote(error, name);
        strbuf_puts(error, " is not a user of this host, so his groups are not known");
        return -EINVAL;
    }
    user.uid = entry->pw_uid;
    user.gid = entry->pw_gid;
    result = find_groups(entry->pw_name, &user);
    if (result) {
        strbuf_puts(error, error_message(-result));
        return result;
    }
    *ret_user = user;
    return 0;
}

void run_user_free(struct run_user *user)
{
    free(user->groups);
}

static struct run_failure become(const struct run_user *user)
{
    if (!user->wanted)
        return (struct run_failure){0};
    if (setgroups((size_t)user->group_count, user->groups) ||
        setresgid(user->gid, user->gid, user->gid))
        return (struct run_failure){RUN_STEP_GROUPS, errno};
    if (setresuid(user->uid, user->uid, user->uid))
        return (struct run_failure){RUN_STEP_USER, errno};
    return (struct run_failure){0};
}

/* 1; 0: porttrace is gone before it says so, and nothing is run; negative errno. */
static int wait_for_release(int fd)
{
    char word;
    ssize_t got;

    do {
        got = read(fd, &word, sizeof(word));
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got == sizeof(word);
}

static void __attribute__((noreturn))
run_command(char *const *command, const struct run_user *user, const struct run_signals *signals,
            int release_fd, int failure_fd)
{
    int released = wait_for_release(release_fd);
    struct run_failure failure;
    ssize_t written;

    if (!released)
        _exit(EXIT_FAILURE);
    failure = released < 0 ? (struct run_failure){RUN_STEP_EXEC, -released} : become(user);
    if (!failure.step) {
        run_signals_restore(signals);
        execvp(command[0], command);
        failure = (struct run_failure){RUN_STEP_EXEC, errno};
    }
    written = write(failure_fd, &failure, sizeof(failure));
    (void)written; /* porttrace is gone: nobody is left to be told */
    _exit(EXIT_FAILURE);
}

static void close_pair(const int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

int run_child_start(char *const *command, const struct run_user *user,
                    const struct run_signals *signals, struct run_child *ret_child)
{
    int release[2], failure[2];
    pid_t pid;

    if (pipe2(release, O_CLOEXEC))
        return -errno;
    if (pipe2(failure, O_CLOEXEC)) {
        int error = -errno;

        close_pair(release);
        return error;
    }
    pid = fork();
    if (!pid) {
        close(release[1]);
        run_command(command, user, signals, release[0], failure[1]);
    }
    if (pid < 0) {
        int error = -errno;

        close_pair(release);
        close_pair(failure);
        return error;
    }
    close(release[0]);
    close(failure[1]);
    *ret_child = (struct run_child){.pid = pid, .release_fd = release[1], .failure_fd = failure[0]};
    return 0;
}

struct run_failure run_child_release(struct run_child *child)
{
    struct run_failure failure = {0};
    const char word = 'x';
    ssize_t written, got;

    do {
        written = write(child->release_fd, &word, sizeof(word));
    } while (written < 0 && errno == EINTR);
    if (written < 0)
        failure = (struct run_failure){RUN_STEP_EXEC, errno}; /* without the word it ends */
    close(child->release_fd);
    do {
        got = read(child->failure_fd, &failure, sizeof(failure));
    } while (got < 0 && errno == EINTR);
    close(child->failure_fd);
    return failure;
}

void run_child_cancel(struct run_child *child)
{
    close(child->release_fd);
    close(child->failure_fd);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
