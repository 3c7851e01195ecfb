// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "user/cli/parents.h"

#define MS 1000000ull
#define S  1000000000ull

static unsigned int times_asked;
static uint32_t shift; /* of all pids, as if each had another parent now */

static uint32_t ask(uint32_t pid)
{
    times_asked++;
    return pid > 1 ? pid - 1 + shift : 0;
}

static int set_up(void **state)
{
    static struct parents parents;

    times_asked = shift = 0;
    parents = (struct parents){.ask = ask};
    *state = &parents;
    return 0;
}

static struct pt_task caller_of(uint32_t pid, uint64_t start_ns)
{
    return (struct pt_task){.pid = pid, .parent_pid = pid - 1, .start_ns = start_ns};
}

static void begin(struct parents *parents, const struct pt_task *caller, uint64_t now_ns)
{
    parents_begin(parents, caller, now_ns, 100 * MS);
}

static void each_is_asked_about_once(void **state)
{
    struct pt_task caller = caller_of(500, 1);

    begin(*state, &caller, S);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(parents_of(*state, 500), 499);
        assert_int_equal(parents_of(*state, 499), 498);
        assert_int_equal(parents_of(*state, 1), 0);
        begin(*state, &caller, S + 99 * MS);
    }
    assert_int_equal(times_asked, 3);
}

static void it_does_not_hold_for_long(void **state)
{
    struct pt_task caller = caller_of(500, 1);

    begin(*state, &caller, S);
    assert_int_equal(parents_of(*state, 500), 499);
    shift = 7;
    begin(*state, &caller, S + 50 * MS);
    assert_int_equal(parents_of(*state, 500), 499);
    begin(*state, &caller, S + 100 * MS); /* since it was asked, not since it was needed */
    assert_int_equal(parents_of(*state, 500), 506);
}

static void it_does_not_hold_at_all_where_nothing_may_be_old(void **state)
{
    struct pt_task caller = caller_of(500, 1);

    parents_begin(*state, &caller, S, 0);
    assert_int_equal(parents_of(*state, 500), 499);
    parents_begin(*state, &caller, S, 0);
    assert_int_equal(parents_of(*state, 500), 499);
    assert_int_equal(times_asked, 2);
}

static void it_does_not_hold_for_another_caller(void **state)
{
    struct pt_task callers[] = {caller_of(500, 1), caller_of(501, 1), caller_of(501, 2),
                                caller_of(501, 2)};

    callers[3].parent_pid = 1; /* its own has ended */
    for (unsigned int i = 0; i < 4; i++) {
        shift = i;
        begin(*state, &callers[i], S);
        assert_int_equal(parents_of(*state, 400), 399 + i);
    }
}

static void more_than_can_be_kept_are_asked_about_each_time(void **state)
{
    struct pt_task caller = caller_of(500, 1);

    begin(*state, &caller, S);
    for (uint32_t pid = 1000; pid < 1000 + 2 * PARENTS_MOST; pid++)
        assert_int_equal(parents_of(*state, pid), pid - 1);
    for (uint32_t pid = 1000; pid < 1000 + 2 * PARENTS_MOST; pid++)
        assert_int_equal(parents_of(*state, pid), pid - 1);
    assert_int_equal(times_asked, 3 * PARENTS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_is_asked_about_once, set_up),
        cmocka_unit_test_setup(it_does_not_hold_for_long, set_up),
        cmocka_unit_test_setup(it_does_not_hold_at_all_where_nothing_may_be_old, set_up),
        cmocka_unit_test_setup(it_does_not_hold_for_another_caller, set_up),
        cmocka_unit_test_setup(more_than_can_be_kept_are_asked_about_each_time, set_up),
    };

    return cmocka_run_group_tests_name("parents", tests, NULL, NULL);
}
