/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CAPTURE_TYPES_COPY_H
#define PORTTRACE_CAPTURE_TYPES_COPY_H

#include "user/capture/types.h"

/* Numbers in the copy are larger, and so not taken for other numbers that CO-RE puts in. */
#define TYPES_COPY_BASE 1024u

struct types_copied {
    uint32_t *ids; /* in the kernel, by number in the copy less the base, from 1 to .count */
    uint32_t count;
};

/*
 * Writes BTF of what CO-RE may ask for: all types with announced names and what lies within them,
 * with those members and values whose names are announced. Pointers in it lead nowhere. 0, or
 * negative errno; the caller frees .ids.
 */
int types_copy(const struct types *types, int fd, struct types_copied *ret_copied);

#endif
