/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is whose parent, for a moment: of a program that tries again and again the system is asked
 * once. Pure but for the question.
 */
#ifndef PORTTRACE_CLI_PARENTS_H
#define PORTTRACE_CLI_PARENTS_H

#include <stdint.h>

#include "bpf/event.h"

#define PARENTS_MOST 64

struct parents {
    uint32_t (*ask)(uint32_t pid); /* 0: there is none */
    struct pt_task caller;         /* for whom .known was asked */
    uint64_t since_ns;
    struct {
        uint32_t pid;
        uint32_t parent;
    } known[PARENTS_MOST];
    unsigned int count;
};

/* Forgets what was asked for another caller, or is as old as age_ns. */
void parents_begin(struct parents *parents, const struct pt_task *caller, uint64_t now_ns,
                   uint64_t age_ns);

/* Takes struct parents, as facts.h has it. */
uint32_t parents_of(void *context, uint32_t pid);

#endif
