// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "user/cli/followed.h"
#include "user/cli/found.h"

#define MANY 300

static struct holder holder_of(uint32_t netns, uint64_t inode, uint64_t cookie)
{
    return (struct holder){
        .seen = {.task.netns = netns, .socket = {.inode = inode, .cookie = cookie}}};
}

static struct pt_holder followed_of(uint32_t netns, uint64_t inode, uint64_t cookie)
{
    struct pt_holder seen = holder_of(netns, inode, cookie).seen;

    seen.since_ns = 1000;
    seen.taken_by = PT_OP_BIND;
    return seen;
}

/* What is then known of the holder alone. */
static uint64_t since_of(struct holder holder, struct pt_holder seen)
{
    struct followed *followed = followed_new(&holder, 1);

    assert_non_null(followed);
    followed_tell(followed, &seen);
    followed_free(followed);
    assert_int_equal(holder.seen.taken_by, holder.seen.since_ns ? seen.taken_by : 0);
    return holder.seen.since_ns;
}

static void a_socket_is_told_by_its_inode_or_else_by_its_cookie(void **state)
{
    (void)state;
    assert_int_equal(since_of(holder_of(1, 77, 0), followed_of(1, 77, 0)), 1000);
    assert_int_equal(since_of(holder_of(1, 77, 5), followed_of(1, 77, 6)), 1000);
    assert_int_equal(since_of(holder_of(1, 77, 5), followed_of(1, 0, 5)), 1000);
    assert_int_equal(since_of(holder_of(1, 0, 5), followed_of(1, 77, 5)), 1000);
    assert_int_equal(since_of(holder_of(1, 77, 5), followed_of(1, 78, 5)), 0);
    assert_int_equal(since_of(holder_of(1, 77, 0), followed_of(1, 0, 77)), 0);
    assert_int_equal(since_of(holder_of(1, 77, 5), followed_of(2, 77, 5)), 0);
}

/* As what is left of a connection: it is none of those that nothing is known of either. */
static void what_has_neither_is_no_other_socket(void **state)
{
    (void)state;
    assert_int_equal(since_of(holder_of(1, 0, 0), followed_of(1, 0, 0)), 0);
    assert_int_equal(since_of(holder_of(1, 0, 0), followed_of(1, 77, 5)), 0);
    assert_int_equal(since_of(holder_of(1, 77, 5), followed_of(1, 0, 0)), 0);
}

static void all_that_are_the_same_are_told_and_the_first_word_counts(void **state)
{
    struct holder holders[] = {holder_of(1, 77, 0), holder_of(1, 9, 0), holder_of(1, 77, 5),
                               holder_of(1, 0, 5)};
    struct followed *followed = followed_new(holders, 4);
    struct pt_holder first = followed_of(1, 77, 5), second = followed_of(1, 77, 5);

    (void)state;
    second.since_ns = 2000;
    followed_tell(followed, &first);
    followed_tell(followed, &second);
    followed_free(followed);
    assert_int_equal(holders[0].seen.since_ns, 1000);
    assert_int_equal(holders[1].seen.since_ns, 0);
    assert_int_equal(holders[2].seen.since_ns, 1000);
    assert_int_equal(holders[3].seen.since_ns, 1000);
}

static struct holder any_holder(void)
{
    return holder_of((uint32_t)rand() % 2 + 1, (uint64_t)rand() % 100, (uint64_t)rand() % 100);
}

static void tell_by_looking_at_each(struct holder *holders, const struct pt_holder *seen)
{
    for (unsigned int i = 0; i < MANY; i++) {
        if (holders[i].seen.since_ns || !found_is_same_socket(&holders[i].seen, seen))
            continue;
        holders[i].seen.since_ns = seen->since_ns;
        holders[i].seen.taken_by = seen->taken_by;
    }
}

static void nothing_else_is_told_than_by_looking_at_each(void **state)
{
    struct holder holders[MANY], expected[MANY];
    struct followed *followed;

    (void)state;
    srand(1);
    for (unsigned int i = 0; i < MANY; i++)
        expected[i] = holders[i] = any_holder();
    followed = followed_new(holders, MANY);
    for (unsigned int i = 0; i < MANY; i++) {
        struct pt_holder seen = any_holder().seen;

        seen.since_ns = i; /* of the first it is not known */
        seen.taken_by = (uint8_t)(i % 7);
        followed_tell(followed, &seen);
        tell_by_looking_at_each(expected, &seen);
    }
    followed_free(followed);
    for (unsigned int i = 0; i < MANY; i++) {
        assert_int_equal(holders[i].seen.since_ns, expected[i].seen.since_ns);
        assert_int_equal(holders[i].seen.taken_by, expected[i].seen.taken_by);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_is_told_by_its_inode_or_else_by_its_cookie),
        cmocka_unit_test(what_has_neither_is_no_other_socket),
        cmocka_unit_test(all_that_are_the_same_are_told_and_the_first_word_counts),
        cmocka_unit_test(nothing_else_is_told_than_by_looking_at_each),
    };

    return cmocka_run_group_tests_name("followed", tests, NULL, NULL);
}
