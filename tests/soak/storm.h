/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that fork, bind and exit, as many at once as the machine has room for. */
#ifndef TESTS_SOAK_STORM_H
#define TESTS_SOAK_STORM_H

#include <stdbool.h>
#include <stdint.h>

#define STORM_USER 30000 /* the first of the users that they become */

struct storm {
    unsigned long count;
    unsigned int wave;   /* that are released at once */
    const char *program; /* that each of them executes; NULL: none */
    const char *cgroup;  /* below which theirs are made */
    const char *record;  /* a file: NETNS PORT PID UID CGROUP NUMBER of each */
};

void storm_run(const struct storm *storm);

/* What the program does: binds the port and ends. */
int storm_once(uint16_t port);

#endif
