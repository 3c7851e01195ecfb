/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_PRIVILEGES_H
#define PORTTRACE_CLI_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>

struct capability {
    unsigned int number;
    const char *name;
    const char *purpose;
};

#define CAPABILITIES 6

/* Those that a trace can need. */
extern const struct capability privileges_used[CAPABILITIES];

/* The effective capabilities of this process, a bit each. 0 or negative errno. */
int privileges_here(uint64_t *ret_effective);

#endif
