// SPDX-License-Identifier: GPL-2.0
#include "user/model/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16384
#define ALIGNMENT  _Alignof(max_align_t)

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

void *arena_take(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->first;
    size_t room;
    void *taken;

    if (size > SIZE_MAX / 2)
        return NULL;
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!block || block->size - block->used < size) {
        room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = malloc(sizeof(*block) + room);
        if (!block)
            return NULL;
        *block = (struct arena_block){.next = arena->first, .size = room};
        arena->first = block;
    }
    taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

char *arena_copy(struct arena *arena, const void *from, size_t size)
{
    char *copy = size < SIZE_MAX ? arena_take(arena, size + 1) : NULL;

    if (!copy)
        return NULL;
    memcpy(copy, from, size);
    copy[size] = '\0';
    return copy;
}

void arena_reset(struct arena *arena)
{
    while (arena->first) {
        struct arena_block *block = arena->first;

        arena->first = block->next;
        free(block);
    }
}
