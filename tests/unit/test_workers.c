// SPDX-License-Identifier: GPL-2.0
/* Each number is worked on once, however many there are, and all is done at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "user/capture/workers.h"

#define NUMBERS 1000

struct seen {
    unsigned int times[NUMBERS];
    unsigned int signalled; /* how often a helper could have got a signal */
    pthread_t caller;
};

static void look(void *context, size_t number)
{
    struct seen *seen = context;
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!pthread_equal(pthread_self(), seen->caller) && !sigismember(&mask, SIGINT))
        __atomic_fetch_add(&seen->signalled, 1, __ATOMIC_RELAXED);
    usleep(10); /* so that the others have a turn */
    __atomic_fetch_add(&seen->times[number], 1, __ATOMIC_RELAXED);
}

static void run_and_check(size_t count)
{
    struct seen seen = {.caller = pthread_self()};

    workers_run(look, &seen, count);
    for (size_t i = 0; i < NUMBERS; i++)
        assert_int_equal(seen.times[i], i < count);
    assert_int_equal(seen.signalled, 0);
}

static void each_number_has_its_turn_once(void **state)
{
    (void)state;
    run_and_check(NUMBERS);
    run_and_check(3);
    run_and_check(1);
    run_and_check(0);
}

static void signals_still_reach_the_caller(void **state)
{
    sigset_t mask;

    (void)state;
    run_and_check(NUMBERS);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_false(sigismember(&mask, SIGINT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_its_turn_once),
        cmocka_unit_test(signals_still_reach_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
