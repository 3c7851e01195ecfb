/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What fails again and again in the same way is reported once and then counted. Pure. Bounded: the
 * failure not seen longest goes first, and is told of then.
 */
#ifndef PORTTRACE_CLI_REPEATS_H
#define PORTTRACE_CLI_REPEATS_H

#include "user/explain/explain.h"
#include "user/model/observation.h"

/* A failure that was not reported each time. */
struct repeat {
    const char *sentence; /* of the last one */
    uint64_t times;
    uint64_t over_ns; /* since it was last reported or told of */
};

typedef void repeats_tell_fn(void *context, const struct repeat *repeat);

struct repeats;

struct repeats *repeats_new(repeats_tell_fn *tell, void *context); /* NULL: no memory */
void repeats_free(struct repeats *repeats);

/*
 * True: report it in full. It is new, has another reason or other holders than before, or had
 * stopped for long. Else it is counted; every now and then the count is told.
 */
bool repeats_take(struct repeats *repeats, const struct observation *seen,
                  const struct explanation *explanation);

/* Tells all that was counted and not told. */
void repeats_finish(struct repeats *repeats, uint64_t time_ns);

#endif
