/* SPDX-License-Identifier: GPL-2.0 */
/* What the checks of a trace's life share, and the checks themselves. */
#ifndef TESTS_KERNEL_LIFECYCLE_RUN_H
#define TESTS_KERNEL_LIFECYCLE_RUN_H

#include <stdio.h>

#include "tests/kernel/plan.h"
#include "tests/kernel/trace.h"

#define LIFECYCLE_PATIENCE_MS 2000

struct lifecycle {
    const struct run_options *options;
    const char *plan;
    struct trace trace; /* ended and freed after the check, whatever came of it */
    bool tracing;
    char why[4096]; /* filled by a check that fails */
};

#define FAIL(run, ...)                                                                             \
    do {                                                                                           \
        snprintf((run)->why, sizeof((run)->why), __VA_ARGS__);                                     \
        return;                                                                                    \
    } while (0)

/* Both fill in .why where the trace does not begin. */
bool lifecycle_start(struct lifecycle *run, const char *option, const char *value);
bool lifecycle_start_with(struct lifecycle *run, const char *const *args);

/*
 * A process in a net namespace of its own that binds one socket so many times: once successfully,
 * then with EINVAL, to one port and another in turn, so that each is told by itself. It begins when
 * a byte comes from go (-1: at once). Returns its id.
 */
int lifecycle_storm(int times, int go);
int lifecycle_binds(int times); /* the same, and it has ended */

size_t lifecycle_binds_of(const struct trace *trace, int pid);
const struct seen *lifecycle_last_line(const struct trace *trace); /* NULL: not trace-end */

/* Checks. */
void lifecycle_sigint(struct lifecycle *run);
void lifecycle_sigterm(struct lifecycle *run);
void lifecycle_live(struct lifecycle *run);
void lifecycle_count(struct lifecycle *run);
void lifecycle_duration(struct lifecycle *run);
void lifecycle_end_leaves_nothing(struct lifecycle *run);
void lifecycle_kill_leaves_nothing(struct lifecycle *run);
void lifecycle_closed_pipe(struct lifecycle *run);
void lifecycle_without_privileges(struct lifecycle *run);
void lifecycle_loss(struct lifecycle *run);
void lifecycle_flipped_address(struct lifecycle *run);
void lifecycle_repeated(struct lifecycle *run);
void lifecycle_repeated_without_holders(struct lifecycle *run);
void lifecycle_existing(struct lifecycle *run);
void lifecycle_crowded_ports(struct lifecycle *run);
void lifecycle_crowded_sockets(struct lifecycle *run);
void lifecycle_crowded_threads(struct lifecycle *run);

#endif
