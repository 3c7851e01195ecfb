/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holders that were looked up, as the records of an event file: a process is described ahead of the
 * first record that names it, as the kernel does it, and again once a replay has forgotten it.
 * Pure.
 */
#ifndef PORTTRACE_CLI_HELD_RECORDS_H
#define PORTTRACE_CLI_HELD_RECORDS_H

#include "user/cli/pipeline.h"
#include "user/explain/explain.h"

/*
 * Adds the holders of the explanation, which were looked up at that time. The pipeline that takes
 * what is recorded takes them too, so that it knows who is described, as that of a replay will. 0,
 * or negative errno.
 */
int held_records_add(struct pipeline *pipeline, const struct explanation *explanation,
                     uint64_t time_ns, struct strbuf *out);

#endif
