// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/descriptions.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ADDRESS_SANITIZER 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_ADDRESS_SANITIZER 1
#endif

#ifdef WITH_ADDRESS_SANITIZER
/* Of the sanitizer; gcc 12 brings no header for it. */
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

static void process_unused_longest_goes_first(void **state)
{
    struct process_cache *cache = process_cache_new(3);

    (void)state;
    assert_non_null(cache);
    describe(cache, 1);
    describe(cache, 2);
    describe(cache, 3);
    assert_described(cache, 1);
    describe(cache, 4);
    assert_unknown(cache, 2);
    assert_described(cache, 1);
    assert_described(cache, 3);
    assert_described(cache, 4);
    announce(cache, 1, sizeof(ARGS) - 1);
    describe(cache, 5);
    describe(cache, 6);
    assert_described(cache, 1);
    assert_unknown(cache, 3);
    assert_unknown(cache, 4);
    process_cache_free(cache);
}

static void process_with_a_port_goes_last(void **state)
{
    struct process_cache *cache = process_cache_new(3);
    struct pt_task first = task_of(1), second = task_of(2), stranger = task_of(99);

    (void)state;
    assert_non_null(cache);
    describe(cache, 1);
    describe(cache, 2);
    process_cache_hold(cache, &first, true);
    process_cache_hold(cache, &first, true);
    process_cache_hold(cache, &second, true);
    process_cache_hold(cache, &stranger, true);
    for (uint32_t pid = 3; pid < 50; pid++)
        describe(cache, pid);
    assert_described(cache, 1);
    assert_described(cache, 2);
    process_cache_hold(cache, &first, false);
    process_cache_hold(cache, &second, false);
    process_cache_hold(cache, &second, false); /* more than it took */
    for (uint32_t pid = 50; pid < 60; pid++)
        describe(cache, pid);
    assert_described(cache, 1);
    assert_unknown(cache, 2);
    /* Where all hold one, the one unused longest goes. */
    for (uint32_t pid = 60; pid < 70; pid++) {
        struct pt_task task = task_of(pid);

        describe(cache, pid);
        process_cache_hold(cache, &task, true);
    }
    assert_unknown(cache, 1);
    assert_described(cache, 67);
    assert_described(cache, 69);
    process_cache_free(cache);
}

/* Where no release is told, all but those whose event is still to come hold a port. */
static void one_that_is_described_now_stays(void **state)
{
    struct process_cache *cache = process_cache_new(128);

    (void)state;
    assert_non_null(cache);
    for (uint32_t pid = 1; pid <= 128; pid++) {
        struct pt_task task = task_of(pid);

        describe(cache, pid);
        process_cache_hold(cache, &task, true);
    }
    describe(cache, 500);
    announce(cache, 1000, 0);
    assert_described(cache, 500);
    assert_unknown(cache, 1);
    assert_unknown(cache, 2);
    assert_described(cache, 3);
    process_cache_free(cache);
}

static void note_forgotten(void *context, uint32_t pid)
{
    *(uint32_t *)context = pid;
}

static void who_is_forgotten_is_told(void **state)
{
    struct process_cache *cache = process_cache_new(2);
    uint32_t forgotten = 0;

    (void)state;
    assert_non_null(cache);
    process_cache_watch(cache, note_forgotten, &forgotten);
    describe(cache, 1);
    describe(cache, 2);
    assert_int_equal(forgotten, 0);
    describe(cache, 3);
    assert_int_equal(forgotten, 1);
    process_cache_free(cache);
    assert_int_equal(forgotten, 1);
}

static void cache_of_one_works(void **state)
{
    struct process_cache *cache = process_cache_new(1);

    (void)state;
    assert_non_null(cache);
    for (uint32_t pid = 1; pid < 100; pid++) {
        announce(cache, pid, 100);
        piece(cache, pid, PT_TEXT_ARGS, 0, 0, "a", 1);
        describe(cache, pid);
        assert_described(cache, pid);
        assert_unknown(cache, pid - 1);
    }
    process_cache_free(cache);
    assert_null(process_cache_new(0));
    assert_null(process_cache_new(SIZE_MAX));
    process_cache_free(NULL);
}

static void many_come_and_go(void **state)
{
    enum { COUNT = 5000, CAPACITY = 100 };
    struct process_cache *cache = process_cache_new(CAPACITY);

    (void)state;
    assert_non_null(cache);
    for (uint32_t pid = 1; pid <= COUNT; pid++)
        describe(cache, pid);
    for (uint32_t pid = 1; pid <= COUNT - CAPACITY; pid++)
        assert_unknown(cache, pid);
    for (uint32_t pid = COUNT - CAPACITY + 1; pid <= COUNT; pid++)
        assert_described(cache, pid);
    process_cache_free(cache);
}

/* However many descriptions are cut short, each keeps what it got. */
static void unfinished_descriptions_are_kept_when_others_push_them_out(void **state)
{
    struct process_cache *cache = process_cache_new(64);

    (void)state;
    assert_non_null(cache);
    for (uint32_t pid = 1; pid <= 60; pid++) {
        announce(cache, pid, 100);
        whole(cache, pid, PT_TEXT_EXE, TEXT(EXE));
        piece(cache, pid, PT_TEXT_ARGS, 0, 0, ARGS, 8);
    }
    for (uint32_t pid = 1; pid <= 60; pid++) {
        assert_text(look_up(cache, pid).exe, EXE_PATH, false);
        assert_bytes(look_up(cache, pid).args, ARGS, 8, true);
    }
    for (uint32_t pid = 1; pid <= 60; pid++)
        whole(cache, pid, PT_TEXT_CGROUP, TEXT(CGROUP));
    for (uint32_t pid = 1; pid <= 60; pid++) {
        assert_text(look_up(cache, pid).exe, EXE_PATH, false);
        assert_bytes(look_up(cache, pid).args, ARGS, 8, true);
        assert_text(look_up(cache, pid).cgroup_facts.unit, "web.service", false);
    }
    process_cache_free(cache);
}

static size_t allocated_bytes(void)
{
#ifdef WITH_ADDRESS_SANITIZER
    return __sanitizer_get_current_allocated_bytes();
#else
    struct mallinfo2 now = mallinfo2();

    return now.uordblks + now.hblkhd;
#endif
}

static void ordinary_processes_stay_below_two_megabytes(void **state)
{
    enum { CAPACITY = 4096 };
    size_t before = allocated_bytes();
    struct process_cache *cache = process_cache_new(CAPACITY);

    (void)state;
    assert_non_null(cache);
    for (uint32_t pid = 1; pid <= 3 * CAPACITY; pid++) {
        announce(cache, pid, 80);
        whole(cache, pid, PT_TEXT_EXE, TEXT("containerd-shim-runc-v2\0bin\0usr\0"));
        whole(cache, pid, PT_TEXT_ARGS,
              TEXT("/usr/bin/some-server\0--config\0/etc/some-server/main.conf\0--listen\0"));
        whole(cache, pid, PT_TEXT_CGROUP, TEXT("docker-" HEX ".scope\0system.slice\0"));
    }
    assert_in_range(allocated_bytes() - before, CAPACITY * 100, 2u << 20);
    process_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(process_unused_longest_goes_first),
        cmocka_unit_test(process_with_a_port_goes_last),
        cmocka_unit_test(one_that_is_described_now_stays),
        cmocka_unit_test(who_is_forgotten_is_told),
        cmocka_unit_test(cache_of_one_works),
        cmocka_unit_test(many_come_and_go),
        cmocka_unit_test(unfinished_descriptions_are_kept_when_others_push_them_out),
        cmocka_unit_test(ordinary_processes_stay_below_two_megabytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
