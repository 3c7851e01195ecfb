/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that have a port, for tests of what is told of them. */
#ifndef PORTTRACE_TESTS_HOLDER_SAMPLE_H
#define PORTTRACE_TESTS_HOLDER_SAMPLE_H

#include "tests/unit/explain_sample.h"
#include "tests/unit/processes.h"

__attribute__((unused)) static struct holder_process process(uint32_t pid, const char *comm)
{
    struct process_facts facts = {.task = {.pid = pid, .uid = 33}};

    snprintf(facts.task.comm, sizeof(facts.task.comm), "%s", comm);
    return having(facts, 3);
}

__attribute__((unused)) static struct holder listening(const struct holder_process *processes,
                                                       unsigned int count)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    holder.processes = processes;
    holder.process_count = count;
    return holder;
}

#endif
