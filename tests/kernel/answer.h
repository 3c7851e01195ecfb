/* SPDX-License-Identifier: GPL-2.0 */
/* Reads along while a scenario runs, and tells it what porttrace has said of its refusals. */
#ifndef TESTS_KERNEL_ANSWER_H
#define TESTS_KERNEL_ANSWER_H

#include "tests/kernel/match.h"

/* Until this process has ended; its status as waitpid() has it, or -1. */
int answer_until_end(int pid, struct trace *trace, const struct expectation *expected,
                     struct scene_log *log);

#endif
