// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "user/cli/budget.h"

#define MS 1000000ull
#define S  1000000000ull

/* How often it may be done, asked each millisecond, when each time takes so long. */
static unsigned int times_in(struct budget *budget, uint64_t from_ns, uint64_t length_ns,
                             uint64_t cost_ns)
{
    unsigned int times = 0;

    for (uint64_t at_ns = from_ns; at_ns < from_ns + length_ns; at_ns += MS) {
        if (!budget_take(budget, at_ns))
            continue;
        budget_spend(budget, cost_ns);
        times++;
    }
    return times;
}

static void the_first_times_do_not_wait(void **state)
{
    struct budget budget = {0};

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_true(budget_take(&budget, S));
        budget_spend(&budget, 10 * MS);
    }
    assert_false(budget_take(&budget, S));
}

static void cheap_things_are_limited_in_number(void **state)
{
    struct budget budget = {0};

    (void)state;
    times_in(&budget, S, 5 * S, 1000);
    assert_in_range(times_in(&budget, 6 * S, 10 * S, 1000), 199, 201);
}

static void dear_things_are_limited_in_time(void **state)
{
    struct budget budget = {0};

    (void)state;
    times_in(&budget, S, 60 * S, 100 * MS);
    /* A tenth of 60 s. */
    assert_in_range(times_in(&budget, 61 * S, 60 * S, 100 * MS), 59, 61);
}

static void one_that_took_very_long_is_paid_for(void **state)
{
    struct budget budget = {0};

    (void)state;
    assert_true(budget_take(&budget, S));
    budget_spend(&budget, 2 * S);
    assert_false(budget_take(&budget, 5 * S));
    assert_false(budget_take(&budget, 10 * S));
    assert_true(budget_take(&budget, 12 * S));
}

static void a_clock_that_goes_back_does_no_harm(void **state)
{
    struct budget budget = {0};

    (void)state;
    assert_true(budget_take(&budget, 100 * S));
    assert_true(budget_take(&budget, S));
    assert_true(budget_take(&budget, 2 * S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_times_do_not_wait),
        cmocka_unit_test(cheap_things_are_limited_in_number),
        cmocka_unit_test(dear_things_are_limited_in_time),
        cmocka_unit_test(one_that_took_very_long_is_paid_for),
        cmocka_unit_test(a_clock_that_goes_back_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
