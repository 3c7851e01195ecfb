/* SPDX-License-Identifier: GPL-2.0 */
/* Who holds a port: the right one is named under churn, and the table of sockets stays true. */
#ifndef TESTS_KERNEL_HOLDERS_H
#define TESTS_KERNEL_HOLDERS_H

#include "bpf/event.h"
#include "tests/kernel/plan.h"
#include "user/capture/capture.h"

struct holders_run {
    const char *plan;
    enum pt_plan plan_id;
    unsigned int percent; /* of the conflicts and operations */
    struct capture *capture;
    uint32_t netns; /* that the processes of the check work in */
    char why[1024]; /* filled by a check that fails */
    char note[256]; /* what was measured */
};

#define HOLDERS_FAIL(run, ...)                                                                     \
    do {                                                                                           \
        snprintf((run)->why, sizeof((run)->why), __VA_ARGS__);                                     \
        return;                                                                                    \
    } while (0)

void holders_check(const struct run_options *options, unsigned int percent);

uint64_t holders_now_ns(void); /* CLOCK_BOOTTIME, as in records */
/* Memory that children share with the runner. Never NULL. */
void *holders_shared(size_t size);
void holders_unshare(void *at, size_t size);

/* Checks. */
void holders_race_tcp(struct holders_run *run);
void holders_race_wildcard(struct holders_run *run);
void holders_race_udp(struct holders_run *run);
void holders_table(struct holders_run *run);

#endif
