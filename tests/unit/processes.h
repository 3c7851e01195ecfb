/* SPDX-License-Identifier: GPL-2.0 */
/* Processes that have the sockets of a test, and may be changed in it. */
#ifndef PORTTRACE_TESTS_PROCESSES_H
#define PORTTRACE_TESTS_PROCESSES_H

#include "user/model/holder.h"

#define TEST_PROCESSES 1024 /* more than any test has at once */

__attribute__((unused)) static struct process_facts test_processes[TEST_PROCESSES];

__attribute__((unused)) static struct holder_process having(struct process_facts facts, int fd)
{
    static unsigned int next;
    struct process_facts *process = &test_processes[next++ % TEST_PROCESSES];

    *process = facts;
    return (struct holder_process){.process = process, .fd = fd};
}

__attribute__((unused)) static struct process_facts *facts_of(const struct holder_process *having)
{
    return &test_processes[having->process - test_processes];
}

#endif
