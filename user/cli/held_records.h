/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holders that were looked up, as the records of an event file: a process is described ahead of the
 * first record that names it, as the kernel does it. Pure.
 */
#ifndef PORTTRACE_CLI_HELD_RECORDS_H
#define PORTTRACE_CLI_HELD_RECORDS_H

#include "user/explain/explain.h"

#define HELD_DESCRIBED_MAX 256

/* Processes that were described before: the hash of each; the oldest goes first. */
struct held_records {
    uint64_t described[HELD_DESCRIBED_MAX];
    unsigned int next;
};

/* Adds the holders of the explanation, which were looked up at that time. */
void held_records_add(struct held_records *records, const struct explanation *explanation,
                      uint64_t time_ns, struct strbuf *out);

#endif
