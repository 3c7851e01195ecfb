/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hooks that the kernel skipped: a program at a trampoline or tracepoint is not run for a thread
 * while it is at work, or preempted, for another one on that processor. Told from 5.12 on.
 */
#ifndef PORTTRACE_CAPTURE_SKIPPED_H
#define PORTTRACE_CAPTURE_SKIPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define SKIPPED_PROGRAMS_MAX 128

struct bpf_object;

struct skipped {
    int programs[SKIPPED_PROGRAMS_MAX];
    uint64_t misses[SKIPPED_PROGRAMS_MAX]; /* as the kernel told them last */
    size_t count;
    uint64_t before; /* the trace began */
    uint64_t hooks;  /* since then, when it was last looked */
    time_t looked_s;
};

/* Keeps the programs that are loaded, and counts from here on; 0 or negative errno. */
int skipped_begin(struct skipped *skipped, const struct bpf_object *object);

/* As of this second, or of now: asking takes a system call for each program. */
uint64_t skipped_hooks(struct skipped *skipped, bool of_now);
void skipped_end(struct skipped *skipped);

#endif
