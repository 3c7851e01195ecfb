/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holders that came as records: the one that the kernel's check hit, and those that were looked up
 * and recorded. Records of one socket become one holder with all its processes. Pure. Bounded: what
 * does not fit is counted.
 */
#ifndef PORTTRACE_CLI_FOUND_H
#define PORTTRACE_CLI_FOUND_H

#include "user/model/arena.h"
#include "user/model/holder.h"

#define FOUND_HOLDERS_MAX   64
#define FOUND_PROCESSES_MAX 128

struct found {
    struct holder at[FOUND_HOLDERS_MAX]; /* in the order in which they came */
    struct holder sorted[FOUND_HOLDERS_MAX];
    unsigned int count;
    unsigned int left_out;
    uint64_t looked_ns; /* when they were looked up, 0: nobody looked */

    /* Of one holder they stand in a row, which found_holders() sees to. */
    struct holder_process processes[FOUND_PROCESSES_MAX];
    unsigned int holder_of[FOUND_PROCESSES_MAX];
    unsigned int process_count;
    struct arena memory; /* of what is said of processes */
};

/* What is said of a process is copied. NULL: it is not known who has it. */
void found_add(struct found *found, const struct pt_holder *seen,
               const struct process_facts *process);

/* The surest first: the one that the kernel's check hit. They hold until the next change. */
struct holders found_holders(struct found *found);

/* False also where too little is known of either. */
bool found_is_same_socket(const struct pt_holder *one, const struct pt_holder *other);

void found_reset(struct found *found); /* also frees all that it has */

#endif
