/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that is given back all at once. What was taken does not move. */
#ifndef PORTTRACE_MODEL_ARENA_H
#define PORTTRACE_MODEL_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *first;
};

/* Aligned for any type; NULL: no memory. */
void *arena_take(struct arena *arena, size_t size);

/* A copy with a NUL behind it; NULL: no memory. */
char *arena_copy(struct arena *arena, const void *from, size_t size);

void arena_reset(struct arena *arena);

#endif
