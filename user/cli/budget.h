/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often something that costs time may be done: so many times a second, and a tenth of the time
 * at most, over a while. Pure.
 */
#ifndef PORTTRACE_CLI_BUDGET_H
#define PORTTRACE_CLI_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#define BUDGET_PER_S   20u
#define BUDGET_SHARE   10u           /* one part in so many of the time */
#define BUDGET_SAVE_NS 1000000000ull /* spent without waiting, where nothing was spent before */

struct budget {
    uint64_t filled_ns; /* when it was last filled, 0: never */
    int64_t left_ns;    /* to be spent; below 0 the last one took longer than was there */
    uint64_t earned_ns; /* towards the next time */
};

/* Whether it may be done now. True counts as one time. */
bool budget_take(struct budget *budget, uint64_t now_ns);

/* It took so long. */
void budget_spend(struct budget *budget, uint64_t spent_ns);

#endif
