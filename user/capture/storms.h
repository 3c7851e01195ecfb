/* SPDX-License-Identifier: GPL-2.0 */
/* Refused calls that the programs have counted instead of told, as records (PT_KIND_REPEATED). */
#ifndef PORTTRACE_CAPTURE_STORMS_H
#define PORTTRACE_CAPTURE_STORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/config.h"
#include "user/capture/ring.h"

struct storms {
    struct pt_storm *shared; /* PT_STORMS of them */
    struct pt_control *control;
    uint64_t look_ns; /* CLOCK_BOOTTIME of the next look; 0: there is nothing to look for */
};

/* The programs say when there will be something. */
void storms_notice(struct storms *storms);

/* Until the next look, rounded up; the same as most_ms, -1 for ever, when that is earlier. */
int storms_wait_ms(const struct storms *storms, int most_ms);

/*
 * Hands on what was counted, when it is time for that, or if all has come to an end. Returns how
 * many records, or what on_record() returned, if that was not 0.
 */
int storms_take(struct storms *storms, bool ended, ring_record_fn *on_record, void *context);

#endif
