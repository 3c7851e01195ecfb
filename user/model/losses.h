/* SPDX-License-Identifier: GPL-2.0 */
/* Why records are missing, in words. Never NULL. */
#ifndef PORTTRACE_MODEL_LOSSES_H
#define PORTTRACE_MODEL_LOSSES_H

#include <linux/types.h>
#include <stdint.h>

#include "bpf/event.h"

const char *loss_name(enum pt_loss_cause cause);   /* "ring_full" */
const char *loss_reason(enum pt_loss_cause cause); /* "the reader was too slow" */
const char *loss_advice(enum pt_loss_cause cause); /* "use a larger --buffer" */

/* Events only: what is lost of the description of a process is no event. */
uint64_t loss_events(const uint64_t lost[PT_LOSS_CAUSES]);

#endif
