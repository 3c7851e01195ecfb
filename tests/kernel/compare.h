/* SPDX-License-Identifier: GPL-2.0 */
/* One call against the event that reports it, field by field. */
#ifndef TESTS_KERNEL_COMPARE_H
#define TESTS_KERNEL_COMPARE_H

#include <stddef.h>

#include "tests/kernel/scene.h"
#include "tests/kernel/seen.h"

/* A growing list of complaints, cut where the room ends. */
struct wrong {
    char *text;
    size_t size;
    size_t length;
};

void wrong_add(struct wrong *wrong, const char *format, ...) __attribute__((format(printf, 2, 3)));

void compare_call(const struct seen *seen, const char *plan, const struct call *call,
                  const struct process *process, struct wrong *wrong);

#endif
