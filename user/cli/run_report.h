/* SPDX-License-Identifier: GPL-2.0 */
/* The failures of a command as reports, each as it happens. */
#ifndef PORTTRACE_CLI_RUN_REPORT_H
#define PORTTRACE_CLI_RUN_REPORT_H

#include "user/capture/capture.h"
#include "user/cli/run_options.h"
#include "user/cli/run_output.h"

struct run_report;

/* NULL: no memory. All that is handed in must outlive it. */
struct run_report *run_report_new(const struct run_options *options, struct capture *capture,
                                  struct run_output *output);
void run_report_free(struct run_report *report);

/* 0 or negative errno. */
int run_report_start(struct run_report *report, enum pt_plan plan);

/* A capture_record_fn; the context is the report. */
int run_report_record(void *report, const void *record, size_t size);

/* The rest, after the last record. */
int run_report_finish(struct run_report *report);

#endif
