// SPDX-License-Identifier: GPL-2.0
#include "user/cli/budget.h"

#define NS_PER_S 1000000000ull
#define ONE      (NS_PER_S / BUDGET_PER_S) /* nanoseconds that earn one time */
#define MOST     (ONE * BUDGET_PER_S)

static void fill(struct budget *budget, uint64_t now_ns)
{
    uint64_t passed_ns = now_ns > budget->filled_ns ? now_ns - budget->filled_ns : 0;

    if (!budget->filled_ns || passed_ns > BUDGET_SHARE * 2 * BUDGET_SAVE_NS) {
        budget->left_ns = BUDGET_SAVE_NS;
        budget->earned_ns = MOST;
    } else {
        budget->left_ns += (int64_t)(passed_ns / BUDGET_SHARE);
        budget->earned_ns += passed_ns;
    }
    if (budget->left_ns > (int64_t)BUDGET_SAVE_NS)
        budget->left_ns = BUDGET_SAVE_NS;
    if (budget->earned_ns > MOST)
        budget->earned_ns = MOST;
    budget->filled_ns = now_ns;
}

bool budget_take(struct budget *budget, uint64_t now_ns)
{
    fill(budget, now_ns);
    if (budget->left_ns <= 0 || budget->earned_ns < ONE)
        return false;
    budget->earned_ns -= ONE;
    return true;
}

void budget_spend(struct budget *budget, uint64_t spent_ns)
{
    budget->left_ns -= (int64_t)spent_ns;
}
