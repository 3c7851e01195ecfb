/* SPDX-License-Identifier: GPL-2.0 */
/* What a JSON line says of why a call was refused. The only place that knows these fields' names.
 */
#ifndef TESTS_KERNEL_SEEN_REASON_H
#define TESTS_KERNEL_SEEN_REASON_H

#include "tests/kernel/seen.h"

struct seen_reason {
    const char *code; /* NULL: the line says nothing of a reason */
    const char *name;
    const char *message;
    const char *confidence;
    const char *check;
    const char *also; /* a code, NULL none */
};

struct seen_holder {
    const char *source;
    const char *state;
    bool kernel;
    bool gone;
    bool held; /* a process has it: a descriptor is only told of one that was found to have it */
    const struct cJSON *json;
};

struct seen_reason seen_reason(const struct seen *seen);
unsigned int seen_holder_count(const struct seen *seen);
struct seen_holder seen_holder(const struct seen *seen, unsigned int index);
bool seen_holder_has(const struct seen_holder *holder, uint32_t pid);

/* The advice of this number, NULL: there are fewer. */
const char *seen_help(const struct seen *seen, unsigned int index);
const char *seen_first_note(const struct seen *seen); /* NULL: there is none */

#endif
