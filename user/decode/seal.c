// SPDX-License-Identifier: GPL-2.0
#include "user/decode/seal.h"

#include <string.h>

#define LANES 4
#define STEP  (LANES * sizeof(uint64_t))

/* With the one given each other gives another result: what is altered in one word always shows. */
static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
    return sum ^ (sum >> 32);
}

/* Side by side, as each step waits for the one before it. */
static void mix_lanes(uint64_t lanes[LANES], const char *at)
{
    uint64_t words[LANES];

    memcpy(words, at, STEP);
    for (int i = 0; i < LANES; i++)
        lanes[i] = mix(lanes[i], words[i]);
}

uint64_t seal_sum(uint64_t before, const void *at, size_t size)
{
    uint64_t lanes[LANES] = {1, 2, 3, 4}, sum = mix(before, size);
    const char *next = at;
    char rest[STEP] = {0};

    for (; size >= STEP; next += STEP, size -= STEP)
        mix_lanes(lanes, next);
    memcpy(rest, next, size);
    mix_lanes(lanes, rest);
    for (int i = 0; i < LANES; i++)
        sum = mix(sum, lanes[i]);
    return sum;
}
