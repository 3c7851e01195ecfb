// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/keeper.h"

static void say_ready(struct scene *t, struct keeper *keeper)
{
    uint32_t pid = scene_pid(t);

    scene_require(t, write(keeper->ready[1], &pid, sizeof(pid)) == sizeof(pid));
}

static void await_ready(struct scene *t, struct keeper *keeper)
{
    if (read(keeper->ready[0], &keeper->pid, sizeof(keeper->pid)) != sizeof(keeper->pid))
        scene_wait(t, keeper->child);
}

void keeper_wait(struct scene *t, struct keeper *keeper)
{
    char byte;

    say_ready(t, keeper);
    scene_require(t, read(keeper->go[0], &byte, 1) == 1);
}

void keeper_step(struct scene *t, struct keeper *keeper)
{
    scene_require(t, write(keeper->go[1], "", 1) == 1);
    await_ready(t, keeper);
}

/* What it holds is written down as released before it may be killed. */
static void keep(struct scene *t, void *context)
{
    struct keeper *keeper = context;
    char byte;

    close(keeper->ready[0]);
    close(keeper->go[1]);
    keeper->run(t, keeper->context);
    scene_expect_releases(t);
    say_ready(t, keeper);
    scene_require(t, read(keeper->go[0], &byte, 1) == 1);
}

void keeper_start(struct scene *t, struct keeper *keeper, scene_child_fn *run, void *context)
{
    keeper->run = run;
    keeper->context = context;
    scene_require(t, pipe2(keeper->ready, O_CLOEXEC) == 0 && pipe2(keeper->go, O_CLOEXEC) == 0);
    keeper->child = scene_fork(t, keep, keeper);
    close(keeper->ready[1]);
    close(keeper->go[0]);
    await_ready(t, keeper);
}

void keeper_end(struct scene *t, struct keeper *keeper)
{
    scene_require(t, write(keeper->go[1], "", 1) == 1);
    scene_wait(t, keeper->child);
    close(keeper->ready[0]);
    close(keeper->go[1]);
}

void keeper_kill_as_advised(struct scene *t, struct keeper *keeper)
{
    keeper_end_as_advised(t, keeper, "kill ");
}

void keeper_end_as_advised(struct scene *t, struct keeper *keeper, const char *before)
{
    char command[32];

    snprintf(command, sizeof(command), "%s%u", before, keeper->pid);
    if (!scene_follow(t, command))
        scene_require(t, kill(keeper->child, SIGKILL) == 0);
    scene_require(t, waitpid(keeper->child, NULL, 0) == keeper->child);
    close(keeper->ready[0]);
    close(keeper->go[1]);
}
