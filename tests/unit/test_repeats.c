// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/sample.h"
#include "user/cli/repeats.h"

#define MS       1000000ull
#define S        1000000000ull
#define TOLD_MAX 256

struct told {
    char sentence[128];
    uint64_t times;
    uint64_t over_ns;
};

struct fixture {
    struct repeats *repeats;
    struct told told[TOLD_MAX];
    unsigned int told_count;
    struct holder holders[2];
    struct explanation explanation;
    struct observation seen;
};

static void on_repeat(void *context, const struct repeat *repeat)
{
    struct fixture *fixture = context;
    struct told *told = &fixture->told[fixture->told_count++];

    assert_true(fixture->told_count <= TOLD_MAX);
    snprintf(told->sentence, sizeof(told->sentence), "%s", repeat->sentence);
    told->times = repeat->times;
    told->over_ns = repeat->over_ns;
}

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    fixture.repeats = repeats_new(on_repeat, &fixture);
    assert_non_null(fixture.repeats);
    fixture.seen = sample_refused_bind();
    fixture.holders[0].seen = (struct pt_holder){.socket.inode = 7, .task = {.pid = 1188}};
    fixture.holders[1].seen = (struct pt_holder){.socket.inode = 8, .task = {.pid = 1189}};
    fixture.explanation.reason = REASON_LISTENER;
    fixture.explanation.holders[0] = &fixture.holders[0];
    fixture.explanation.holder_count = 1;
    strbuf_puts(&fixture.explanation.sentence, "web cannot bind");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    repeats_free(fixture->repeats);
    strbuf_free(&fixture->explanation.sentence);
    return 0;
}

static bool fails_at(struct fixture *fixture, uint64_t time_ns)
{
    fixture->seen.time_ns = time_ns;
    return repeats_take(fixture->repeats, &fixture->seen, &fixture->explanation);
}

static void the_first_is_reported_and_the_others_are_counted(void **state)
{
    struct fixture *fixture = *state;

    assert_true(fails_at(fixture, S));
    for (int i = 1; i < 50; i++)
        assert_false(fails_at(fixture, S + (uint64_t)i * 100 * MS));
    assert_int_equal(fixture->told_count, 0);
    assert_false(fails_at(fixture, S + 5 * S));
    assert_int_equal(fixture->told_count, 1);
    assert_int_equal(fixture->told[0].times, 50);
    assert_int_equal(fixture->told[0].over_ns, 5 * S);
    assert_string_equal(fixture->told[0].sentence, "web cannot bind");
}

static void counts_are_told_ever_more_rarely(void **state)
{
    struct fixture *fixture = *state;
    uint64_t times = 0;

    fails_at(fixture, S);
    for (uint64_t at_ns = S + 100 * MS; at_ns <= 601 * S; at_ns += 100 * MS)
        assert_false(fails_at(fixture, at_ns));
    /* After 5, 15, 35, 75 and then each 60 s. */
    assert_int_equal(fixture->told_count, 12);
    assert_int_equal(fixture->told[1].over_ns, 10 * S);
    assert_int_equal(fixture->told[11].over_ns, 60 * S);
    repeats_finish(fixture->repeats, 601 * S);
    for (unsigned int i = 0; i < fixture->told_count; i++)
        times += fixture->told[i].times;
    assert_int_equal(times, 6000);
}

static void what_was_not_told_is_told_at_the_end(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    fails_at(fixture, S + 200 * MS);
    repeats_finish(fixture->repeats, 3 * S);
    assert_int_equal(fixture->told_count, 1);
    assert_int_equal(fixture->told[0].times, 1);
    assert_int_equal(fixture->told[0].over_ns, 2 * S);
    repeats_finish(fixture->repeats, 4 * S);
    assert_int_equal(fixture->told_count, 1);
}

static void a_single_failure_is_never_told_again(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    repeats_finish(fixture->repeats, 3 * S);
    assert_int_equal(fixture->told_count, 0);
}

/* Where a connect comes from may be what is wrong with it; its port never is. */
static void another_source_is_news(void **state)
{
    struct fixture *fixture = *state;

    fixture->seen.op = PT_OP_CONNECT;
    assert_true(fails_at(fixture, S));
    fixture->seen.local.family = AF_INET6;
    fixture->seen.local.address[15] = 1;
    assert_true(fails_at(fixture, 2 * S));
    fixture->seen.local.port = 40000;
    assert_false(fails_at(fixture, 3 * S));
}

static void another_reason_is_news(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    assert_false(fails_at(fixture, 2 * S));
    fixture->explanation.reason = REASON_TIME_WAIT;
    assert_true(fails_at(fixture, 3 * S));
    assert_int_equal(fixture->told_count, 1); /* before it, what was counted until then */
    assert_int_equal(fixture->told[0].times, 1);
    fixture->explanation.also = REASON_PRIVILEGED_PORT;
    assert_true(fails_at(fixture, 5 * S));
}

static void reasons_that_take_turns_are_told_and_counted_each(void **state)
{
    struct fixture *fixture = *state;

    assert_true(fails_at(fixture, S));
    fixture->explanation.reason = REASON_REUSEPORT;
    strbuf_puts(&fixture->explanation.sentence, ": no SO_REUSEPORT");
    assert_true(fails_at(fixture, S + MS));
    assert_false(fails_at(fixture, S + 2 * MS));
    fixture->explanation.reason = REASON_LISTENER;
    strbuf_reset(&fixture->explanation.sentence);
    strbuf_puts(&fixture->explanation.sentence, "web cannot bind");
    assert_false(fails_at(fixture, S + 3 * MS));
    assert_false(fails_at(fixture, S + 4 * MS));
    repeats_finish(fixture->repeats, 2 * S);
    assert_int_equal(fixture->told_count, 2);
    assert_string_equal(fixture->told[0].sentence, "web cannot bind");
    assert_int_equal(fixture->told[0].times, 2);
    assert_string_equal(fixture->told[1].sentence, "web cannot bind: no SO_REUSEPORT");
    assert_int_equal(fixture->told[1].times, 1);
}

static void another_holder_is_news_and_another_order_is_not(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    fixture->explanation.holders[1] = &fixture->holders[1];
    fixture->explanation.holder_count = 2;
    assert_true(fails_at(fixture, 3 * S));
    fixture->explanation.holders[0] = &fixture->holders[1];
    fixture->explanation.holders[1] = &fixture->holders[0];
    assert_false(fails_at(fixture, 5 * S));
    fixture->holders[0].seen.task.pid = 9999;
    assert_true(fails_at(fixture, 7 * S));
}

static void what_tells_less_is_no_news(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    fixture->explanation.holder_count = 0;
    assert_false(fails_at(fixture, 3 * S));
    fixture->explanation.reason = REASON_UNKNOWN;
    strbuf_reset(&fixture->explanation.sentence);
    strbuf_puts(&fixture->explanation.sentence, "why is not known");
    assert_false(fails_at(fixture, 5 * S));
    repeats_finish(fixture->repeats, 5 * S);
    assert_string_equal(fixture->told[0].sentence, "web cannot bind");
}

static void what_is_found_out_later_is_news(void **state)
{
    struct fixture *fixture = *state;

    fixture->explanation.reason = REASON_UNKNOWN;
    fixture->explanation.holder_count = 0;
    fails_at(fixture, S);
    assert_false(fails_at(fixture, 3 * S));
    fixture->explanation.reason = REASON_LISTENER;
    fixture->explanation.holder_count = 1;
    assert_true(fails_at(fixture, 5 * S));
}

static void holders_that_change_all_the_time_are_reported_once_a_second(void **state)
{
    struct fixture *fixture = *state;
    unsigned int reported = 0;

    for (uint64_t i = 0; i < 100; i++) {
        fixture->holders[0].seen.socket.inode = 1000 + i;
        reported += fails_at(fixture, S + i * 100 * MS);
    }
    assert_int_equal(reported, 10);
}

static void what_had_stopped_for_a_minute_is_news(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    assert_false(fails_at(fixture, 61 * S));
    assert_true(fails_at(fixture, 122 * S));
}

static void a_new_process_of_the_same_name_is_the_same(void **state)
{
    struct fixture *fixture = *state;

    fails_at(fixture, S);
    fixture->seen.process.task.pid++;
    assert_false(fails_at(fixture, 2 * S));
    strcpy(fixture->seen.process.task.comm, "other");
    assert_true(fails_at(fixture, 3 * S));
}

static void different_calls_are_different_failures(void **state)
{
    struct fixture *fixture = *state;

    assert_true(fails_at(fixture, S));
    fixture->seen.requested.port++;
    assert_true(fails_at(fixture, S));
    fixture->seen.error = 13;
    assert_true(fails_at(fixture, S));
    fixture->seen.op = PT_OP_LISTEN;
    assert_true(fails_at(fixture, S));
    fixture->seen.socket.protocol = 17;
    assert_true(fails_at(fixture, S));
    fixture->seen.process.task.netns++;
    assert_true(fails_at(fixture, S));
    fixture->seen.requested.address[3]++;
    assert_true(fails_at(fixture, S));
    fixture->seen.socket.family++;
    assert_true(fails_at(fixture, S));
    fixture->seen.address_size++;
    assert_true(fails_at(fixture, S));
    fixture->seen.socket.options ^= PT_OPTION_REUSEPORT;
    assert_true(fails_at(fixture, S));
    fixture->seen.socket.device_ifindex++;
    assert_true(fails_at(fixture, S));
    assert_false(fails_at(fixture, S));
}

static void what_the_kernel_went_by_is_part_of_a_failure(void **state)
{
    struct fixture *fixture = *state;

    fixture->seen.refusal_known = true;
    assert_true(fails_at(fixture, S));
    fixture->seen.refusal.check++;
    assert_true(fails_at(fixture, S));
    fixture->seen.refusal.entry_state++;
    assert_true(fails_at(fixture, S));
    assert_false(fails_at(fixture, S));
}

static void a_descriptor_counts_only_where_it_is_wrong(void **state)
{
    struct fixture *fixture = *state;

    assert_true(fails_at(fixture, S));
    fixture->seen.fd++;
    assert_false(fails_at(fixture, S));
    fixture->seen.error = EBADF;
    assert_true(fails_at(fixture, S));
    fixture->seen.fd++;
    assert_true(fails_at(fixture, S));
}

static void a_listen_is_told_by_what_its_socket_has(void **state)
{
    struct fixture *fixture = *state;

    fixture->seen.op = PT_OP_LISTEN;
    fixture->seen.local = fixture->seen.requested;
    fixture->seen.requested = (struct pt_endpoint){0};
    assert_true(fails_at(fixture, S));
    assert_false(fails_at(fixture, S));
    fixture->seen.local.port++;
    assert_true(fails_at(fixture, S));
}

static void more_failures_than_are_kept_lose_no_count(void **state)
{
    struct fixture *fixture = *state;
    uint64_t times = 0;

    for (uint16_t port = 1; port <= 200; port++) {
        fixture->seen.requested.port = port;
        assert_true(fails_at(fixture, S + port * MS));
        assert_false(fails_at(fixture, S + port * MS));
        assert_false(fails_at(fixture, S + port * MS));
    }
    repeats_finish(fixture->repeats, 2 * S);
    for (unsigned int i = 0; i < fixture->told_count; i++)
        times += fixture->told[i].times;
    assert_int_equal(times, 400);
}

static void a_clock_that_goes_back_does_no_harm(void **state)
{
    struct fixture *fixture = *state;

    assert_true(fails_at(fixture, 100 * S));
    assert_false(fails_at(fixture, S));
    assert_false(fails_at(fixture, 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_first_is_reported_and_the_others_are_counted),
        TEST(counts_are_told_ever_more_rarely),
        TEST(what_was_not_told_is_told_at_the_end),
        TEST(a_single_failure_is_never_told_again),
        TEST(another_source_is_news),
        TEST(another_reason_is_news),
        TEST(reasons_that_take_turns_are_told_and_counted_each),
        TEST(another_holder_is_news_and_another_order_is_not),
        TEST(what_tells_less_is_no_news),
        TEST(what_is_found_out_later_is_news),
        TEST(holders_that_change_all_the_time_are_reported_once_a_second),
        TEST(what_had_stopped_for_a_minute_is_news),
        TEST(a_new_process_of_the_same_name_is_the_same),
        TEST(different_calls_are_different_failures),
        TEST(what_the_kernel_went_by_is_part_of_a_failure),
        TEST(a_descriptor_counts_only_where_it_is_wrong),
        TEST(a_listen_is_told_by_what_its_socket_has),
        TEST(more_failures_than_are_kept_lose_no_count),
        TEST(a_clock_that_goes_back_does_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
