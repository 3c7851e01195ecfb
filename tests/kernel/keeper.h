/* SPDX-License-Identifier: GPL-2.0 */
/* A process that has what is in the way of the scenario, until it is told or killed to let go. */
#ifndef TESTS_KERNEL_KEEPER_H
#define TESTS_KERNEL_KEEPER_H

#include "tests/kernel/scene.h"

struct keeper {
    int child;    /* as this process knows it */
    uint32_t pid; /* as the host knows it */
    int ready[2];
    int go[2];
    scene_child_fn *run;
    void *context;
};

/* Runs it to its end in a new process, which then waits. */
void keeper_start(struct scene *t, struct keeper *keeper, scene_child_fn *run, void *context);
void keeper_end(struct scene *t, struct keeper *keeper);

/* For the keeper's function, if it has more to do on keeper_step(). */
void keeper_wait(struct scene *t, struct keeper *keeper);
void keeper_step(struct scene *t, struct keeper *keeper);

/* Checks that what is advised is to kill this one process, and does it. */
void keeper_kill_as_advised(struct scene *t, struct keeper *keeper);
/* By a command with that before its number. */
void keeper_end_as_advised(struct scene *t, struct keeper *keeper, const char *before);

#endif
