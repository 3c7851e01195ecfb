// SPDX-License-Identifier: GPL-2.0
#include "tests/kernel/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/kernel/feature.h"
#include "tests/kernel/report.h"

uint64_t holders_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

void *holders_shared(size_t size)
{
    void *at =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED) {
        perror("holders: mmap");
        exit(2);
    }
    return at;
}

void holders_unshare(void *at, size_t size)
{
    munmap(at, size);
}

static const struct {
    const char *name;
    void (*check)(struct holders_run *run);
} checks[] = {
    {"race-tcp", holders_race_tcp},
    {"race-tcp-wildcard", holders_race_wildcard},
    {"race-udp", holders_race_udp},
    {"table", holders_table},
};

/* In an emulated machine what fails is tried once more: see tests/kernel/plan.c. */
static void check(struct holders_run *run, size_t index, bool again)
{
    struct capture_options options = {
        .plan = run->plan_id,
        .buffer_bytes = CAPTURE_BUFFER_DEFAULT,
        .sockets = CAPTURE_SOCKETS_DEFAULT,
        .holders = true,
        .filter.outcomes = FILTER_FAILURE,
    };
    struct capture_report report;
    char group[64];

    snprintf(group, sizeof(group), "holders %s", run->plan);
    run->why[0] = run->note[0] = '\0';
    if (capture_open(&options, &run->capture, &report)) {
        report_failed(group, checks[index].name, "it does not start: %s",
                      report.refusals[0].reason);
        return;
    }
    checks[index].check(run);
    capture_close(run->capture);
    if (run->why[0] && !again && feature_emulated()) {
        report_note("%s %s: once more: %s", group, checks[index].name, run->why);
        check(run, index, true);
        return;
    }
    if (run->note[0])
        report_note("%s %s: %s", group, checks[index].name, run->note);
    if (run->why[0])
        report_failed(group, checks[index].name, "%s", run->why);
    else
        report_passed(group, checks[index].name);
}

void holders_check(const struct run_options *options, unsigned int percent)
{
    static const enum pt_plan ids[PLAN_COUNT] = {PT_PLAN_FEXIT, PT_PLAN_KPROBE, PT_PLAN_RESTRICTED};

    for (size_t i = 0; i < PLAN_COUNT; i++) {
        struct holders_run run = {.plan = plan_names[i], .plan_id = ids[i], .percent = percent};

        if (!plan_is_chosen(options, plan_names[i]) || !plan_is_usable(options, plan_names[i]))
            continue;
        for (size_t k = 0; k < sizeof(checks) / sizeof(checks[0]); k++)
            if (!options->only || strstr(checks[k].name, options->only))
                check(&run, k, false);
    }
}
