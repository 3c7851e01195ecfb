/* SPDX-License-Identifier: GPL-2.0 */
/* Why records are missing, in words. Never NULL. */
#ifndef PORTTRACE_MODEL_LOSSES_H
#define PORTTRACE_MODEL_LOSSES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

const char *loss_name(enum pt_loss_cause cause);                 /* "ring_full" */
const char *loss_what(enum pt_loss_cause cause, uint64_t count); /* "events lost" */
const char *loss_reason(enum pt_loss_cause cause);               /* "the reader was too slow" */
const char *loss_advice(enum pt_loss_cause cause);               /* "use a larger --buffer" */

/* Lost descriptions of processes, skipped hooks and children that are not followed are none. */
bool loss_is_of_events(enum pt_loss_cause cause);
uint64_t loss_events(const uint64_t lost[PT_LOSS_CAUSES]);

#endif
