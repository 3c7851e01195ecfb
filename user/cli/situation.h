/* SPDX-License-Identifier: GPL-2.0 */
/* What this process may do on this kernel, before anything is tried. */
#ifndef PORTTRACE_CLI_SITUATION_H
#define PORTTRACE_CLI_SITUATION_H

#include <stdbool.h>
#include <stdint.h>

#define SITUATION_KERNEL_SIZE 65

struct situation {
    char kernel[SITUATION_KERNEL_SIZE]; /* its release */
    bool too_old;                       /* before Linux 5.10 */
    bool memlock_counts;                /* this kernel charges BPF memory against the limit */
    uint64_t memlock_bytes;             /* UINT64_MAX: no limit */
    bool in_userns;                     /* of its own: no capability counts for the host */
    uint64_t capabilities;              /* effective, a bit each; 0 in_userns */
    int perf_event_paranoid;            /* the sysctl; 3 and more is known to some kernels only */
};

void situation_examine(struct situation *ret_situation); /* does I/O */

bool situation_has(const struct situation *situation, unsigned int capability);

/* The verifier trusts its programs with the kernel's memory. */
bool situation_trusted(const struct situation *situation);

/* Whoever has all privileges is refused by the kernel, not for want of them. */
bool situation_privileged(const struct situation *situation);

/* BPF memory counts against a limit that this process cannot raise. */
bool situation_memlock_limits(const struct situation *situation);

/* Perf events, which all plans but fexit need, take CAP_SYS_ADMIN here. */
bool situation_perf_refused(const struct situation *situation);

#endif
