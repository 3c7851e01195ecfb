// SPDX-License-Identifier: GPL-2.0
/* The runner: which plans, which scenarios, and what came of them. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kernel/filters.h"
#include "tests/kernel/holders.h"
#include "tests/kernel/lifecycle.h"
#include "tests/kernel/plan.h"
#include "tests/kernel/report.h"
#include "tests/kernel/scenarios.h"
#include "tests/kernel/thorough.h"

static const char usage[] =
    "usage: runner --porttrace PATH [--plan fexit|kprobe|restricted|all] [--expect-plans LIST]\n"
    "              [--only NAME] [--out DIR] [--filters] [--lifecycle] [--brief]\n"
    "              [--thorough PERCENT | --holders PERCENT]\n"
    "       runner --no-trace [--only NAME]\n"
    "       runner --list\n"
    "\n"
    "Makes system calls that the kernel must refuse or allow as each scenario says, and checks\n"
    "that porttrace reports exactly what happened. Needs root.\n"
    "\n"
    "--only NAME          scenarios or checks whose name contains NAME\n"
    "--out DIR            events-PLAN.jsonl and coverage.tsv go there\n"
    "--expect-plans LIST  the plans that must be usable on this kernel, and no others\n"
    "--filters            check the in-kernel filters instead\n"
    "--lifecycle          check starts, ends, losses and what is left behind instead\n"
    "--brief              of both without what is alike in all kernels, or in all plans\n"
    "--thorough PERCENT   a million binds of each kind, or a share of that, instead\n"
    "--holders PERCENT    10,000 races for a port and 100,000 operations, or a share of that: who\n"
    "                     is said to hold it, and the table of sockets, instead\n"
    "--no-trace           only check that the kernel answers as each scenario says\n";

enum {
    MODE_PLANS,
    MODE_FILTERS,
    MODE_LIFECYCLE,
    MODE_THOROUGH,
    MODE_HOLDERS,
    MODE_NO_TRACE,
    MODE_LIST
};

struct arguments {
    struct run_options run;
    int mode;
    unsigned int percent;
};

static bool parse(int argc, char **argv, struct arguments *arguments)
{
    const struct option options[] = {
        {"porttrace", required_argument, NULL, 'p'},
        {"plan", required_argument, NULL, 'P'},
        {"expect-plans", required_argument, NULL, 'e'},
        {"only", required_argument, NULL, 'o'},
        {"out", required_argument, NULL, 'O'},
        {"filters", no_argument, &arguments->mode, MODE_FILTERS},
        {"lifecycle", no_argument, &arguments->mode, MODE_LIFECYCLE},
        {"brief", no_argument, NULL, 'b'},
        {"thorough", required_argument, NULL, 't'},
        {"holders", required_argument, NULL, 'h'},
        {"no-trace", no_argument, &arguments->mode, MODE_NO_TRACE},
        {"list", no_argument, &arguments->mode, MODE_LIST},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p')
            arguments->run.porttrace = optarg;
        else if (option == 'P')
            arguments->run.plan = optarg;
        else if (option == 'e')
            arguments->run.expected_plans = optarg;
        else if (option == 'o')
            arguments->run.only = optarg;
        else if (option == 'O')
            arguments->run.out = optarg;
        else if (option == 'b')
            arguments->run.brief = true;
        else if (option == 't' || option == 'h') {
            arguments->mode = option == 't' ? MODE_THOROUGH : MODE_HOLDERS;
            arguments->percent = (unsigned int)strtoul(optarg, NULL, 10);
        } else if (option != 0)
            return false;
    }
    return optind == argc && (arguments->run.porttrace || arguments->mode >= MODE_NO_TRACE);
}

static void list(void)
{
    size_t i, k;

    for (i = 0; i < scenario_theme_count; i++)
        for (k = 0; k < scenario_themes[i]->count; k++)
            puts(scenario_themes[i]->scenarios[k].name);
}

int main(int argc, char **argv)
{
    struct arguments arguments = {.run = {.plan = "all"}};

    if (argc > 1 && strcmp(argv[1], "--resume") == 0)
        return scene_resume(argc, argv);
    if (!parse(argc, argv, &arguments)) {
        fputs(usage, stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (arguments.mode == MODE_LIST) {
        list();
        return 0;
    }
    if (geteuid() != 0) {
        fputs("runner: needs root\n", stderr);
        return 2;
    }
    if (arguments.run.out)
        mkdir(arguments.run.out, 0755);
    if (arguments.mode == MODE_FILTERS)
        filters_check(&arguments.run);
    else if (arguments.mode == MODE_LIFECYCLE)
        lifecycle_check(&arguments.run);
    else if (arguments.mode == MODE_THOROUGH)
        thorough_check(&arguments.run, arguments.percent);
    else if (arguments.mode == MODE_HOLDERS)
        holders_check(&arguments.run, arguments.percent);
    else
        plans_check(&arguments.run, arguments.mode == MODE_NO_TRACE);
    scene_remove_cgroups();
    return report_end();
}
