// SPDX-License-Identifier: GPL-2.0
/* Of what a file of events tells; nothing is looked up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/sample.h"
#include "user/cli/investigate.h"

struct fixture {
    struct investigator *investigator;
    struct observation seen;
    struct found found;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct render_names names = sample_names();
    struct pt_start start = {.wall_offset_ns = 1763683200000000000ull, .kernel = "6.12.0-test"};

    memset(&fixture, 0, sizeof(fixture));
    fixture.investigator = investigator_new(&names, LOOKUPS_NONE);
    assert_non_null(fixture.investigator);
    investigator_set_origin(fixture.investigator, &start, 3600);
    fixture.seen = sample_refused_bind();
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    investigator_free(fixture->investigator);
    found_reset(&fixture->found);
    return 0;
}

static void add_holder(struct fixture *fixture, uint64_t inode, uint32_t pid,
                       enum pt_holder_source source)
{
    struct process_facts process = sample_process();
    struct pt_holder holder = {
        .task = fixture->seen.process.task,
        .socket =
            {.inode = inode, .family = AF_INET, .type = SOCK_STREAM, .protocol = 6, .state = 10},
        .local = fixture->seen.requested,
        .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BOUND,
        .fd = 3,
        .source = (uint8_t)source,
    };

    holder.task.pid = pid;
    process.task = holder.task;
    snprintf(process.task.comm, sizeof(process.task.comm), "holder%u", pid);
    found_add(&fixture->found, &holder, &process);
}

static const struct explanation *explain_it(struct fixture *fixture)
{
    return investigate(fixture->investigator, &fixture->seen, &fixture->found);
}

static void what_came_with_the_call_is_enough(void **state)
{
    struct fixture *fixture = *state;
    const struct explanation *explanation;

    fixture->seen.refusal_known = true;
    fixture->seen.refusal.check = PT_CHECK_PORT;
    add_holder(fixture, 77, 1188, PT_HOLDER_CHECK);
    fixture->seen.refusal.holder = fixture->found.at[0].seen;
    explanation = explain_it(fixture);
    assert_non_null(explanation);
    assert_int_equal(explanation->reason, REASON_LISTENER);
    assert_int_equal(explanation->confidence, CONFIDENCE_CHECK);
    assert_int_equal(explanation->holder_count, 1);
    assert_int_equal(explanation->holders[0]->seen.task.pid, 1188);
    assert_int_equal(explanation->holders[0]->seen.gone_ns, 0);
    assert_non_null(strstr(explanation->holder_lines[0].text, "1188"));
}

static void what_was_recorded_is_told_as_looked_up(void **state)
{
    struct fixture *fixture = *state;
    const struct explanation *explanation;

    add_holder(fixture, 77, 1188, PT_HOLDER_LOOKUP);
    fixture->found.looked_ns = fixture->seen.time_ns + 3000000;
    explanation = explain_it(fixture);
    assert_non_null(explanation);
    assert_int_equal(explanation->reason, REASON_LISTENER);
    assert_int_equal(explanation->confidence, CONFIDENCE_LOOKUP);
    assert_int_equal(explanation->looked_after_ns, 3000000);
    assert_false(explanation->looked_before);
    assert_int_equal(investigator_facts(fixture->investigator)->kernel_major, 6);
    assert_int_equal(investigator_facts(fixture->investigator)->kernel_minor, 12);
    assert_false(investigator_facts(fixture->investigator)->holders_complete);
}

static void what_was_looked_up_before_the_call_is_not_told_as_after_it(void **state)
{
    struct fixture *fixture = *state;
    const struct explanation *explanation;

    add_holder(fixture, 77, 1188, PT_HOLDER_LOOKUP);
    fixture->found.looked_ns = fixture->seen.time_ns;
    explanation = explain_it(fixture);
    assert_non_null(explanation);
    assert_int_equal(explanation->confidence, CONFIDENCE_LOOKUP);
    assert_int_equal(explanation->looked_after_ns, 0);
    assert_true(explanation->looked_before);
}

static void a_holder_that_came_both_ways_is_one(void **state)
{
    struct fixture *fixture = *state;
    const struct explanation *explanation;

    add_holder(fixture, 77, 1188, PT_HOLDER_LOOKUP);
    add_holder(fixture, 77, 1189, PT_HOLDER_LOOKUP);
    add_holder(fixture, 77, 1188, PT_HOLDER_CHECK);
    explanation = explain_it(fixture);
    assert_non_null(explanation);
    assert_int_equal(explanation->holder_count, 1);
    assert_int_equal(explanation->holders[0]->process_count, 2);
}

/* Hooks do not read it, a look does. */
static void the_bucket_that_was_looked_up_stays(void **state)
{
    struct fixture *fixture = *state;
    struct pt_holder *seen = &fixture->found.at[0].seen;

    add_holder(fixture, 77, 1188, PT_HOLDER_LOOKUP);
    seen->flags |= PT_HOLDER_BUCKET_KNOWN;
    seen->fastreuse = seen->fastreuseport = -1;
    add_holder(fixture, 77, 1188, PT_HOLDER_TABLE);
    assert_int_equal(seen->source, PT_HOLDER_TABLE);
    assert_int_equal(seen->fastreuse, -1);
    assert_int_equal(seen->fastreuseport, -1);
}

static void nothing_known_is_no_reason(void **state)
{
    struct fixture *fixture = *state;
    const struct explanation *explanation = explain_it(fixture);

    assert_non_null(explanation);
    assert_int_equal(explanation->reason, REASON_UNKNOWN);
    assert_int_equal(explanation->holder_count, 0);
    assert_int_equal(explanation->confidence, CONFIDENCE_NONE);
}

static void what_succeeded_or_goes_on_has_nothing_to_explain(void **state)
{
    struct fixture *fixture = *state;

    fixture->seen = sample_bind();
    assert_null(explain_it(fixture));
    fixture->seen = sample_release();
    assert_null(explain_it(fixture));
    fixture->seen = sample_connect();
    fixture->seen.error = EINPROGRESS;
    assert_null(explain_it(fixture));
}

static void one_explanation_leaves_nothing_for_the_next(void **state)
{
    struct fixture *fixture = *state;

    add_holder(fixture, 77, 1188, PT_HOLDER_LOOKUP);
    assert_int_equal(explain_it(fixture)->holder_count, 1);
    found_reset(&fixture->found);
    assert_int_equal(explain_it(fixture)->holder_count, 0);
    fixture->seen = sample_bind();
    assert_null(explain_it(fixture));
    assert_int_equal(investigator_facts(fixture->investigator)->holders.count, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_came_with_the_call_is_enough),
        TEST(what_was_recorded_is_told_as_looked_up),
        TEST(what_was_looked_up_before_the_call_is_not_told_as_after_it),
        TEST(a_holder_that_came_both_ways_is_one),
        TEST(the_bucket_that_was_looked_up_stays),
        TEST(nothing_known_is_no_reason),
        TEST(what_succeeded_or_goes_on_has_nothing_to_explain),
        TEST(one_explanation_leaves_nothing_for_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
