// SPDX-License-Identifier: GPL-2.0
/*
 * Makes events and says exactly how many. Needs root.
 * usage: soak-load churn CGROUP EVENTS-PER-SECOND SECONDS PROCESSES-PER-SECOND PROCESSES-FIRST
 *        soak-load storm CGROUP COUNT WAVE RECORD [PROGRAM]
 *        soak-load rings COUNT
 *        soak-load once PORT NUMBER      what PROGRAM is
 * CGROUP: a cgroup2 folder of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "tests/soak/churn.h"
#include "tests/soak/made.h"
#include "tests/soak/rings.h"
#include "tests/soak/storm.h"

static int usage(void)
{
    fputs("soak-load: wrong usage; see the source\n", stderr);
    return 2;
}

static int churn(char **argv)
{
    const struct churn churn = {.cgroup = argv[0],
                                .events_per_s = strtod(argv[1], NULL),
                                .seconds = strtod(argv[2], NULL),
                                .births_per_s = strtod(argv[3], NULL),
                                .births_first = strtoul(argv[4], NULL, 10)};

    churn_run(&churn);
    return 0;
}

static int storm(char **argv)
{
    const struct storm storm = {.cgroup = argv[0],
                                .count = strtoul(argv[1], NULL, 10),
                                .wave = (unsigned int)strtoul(argv[2], NULL, 10),
                                .record = argv[3],
                                .program = argv[4]};

    storm_run(&storm);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (!strcmp(what, "once") && argc == 4)
        return storm_once((uint16_t)strtoul(argv[2], NULL, 10));
    prctl(PR_SET_NAME, LOAD_NAME);
    made_open();
    if (!strcmp(what, "churn") && argc == 7)
        return churn(argv + 2);
    if (!strcmp(what, "storm") && (argc == 6 || argc == 7))
        return storm(argv + 2);
    if (!strcmp(what, "rings") && argc == 3)
        return rings_run(strtoul(argv[2], NULL, 10));
    return usage();
}
