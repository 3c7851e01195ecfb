// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/descriptions.h"

static int set_up(void **state)
{
    *state = process_cache_new(64);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    process_cache_free(*state);
    return 0;
}

static void description_is_put_together(void **state)
{
    assert_unknown(*state, 1);
    describe(*state, 1);
    assert_described(*state, 1);
    assert_described(*state, 1);
    assert_unknown(*state, 2);
}

/* In a cache of one, where all are in the same bucket. */
static void key_is_pid_start_and_exec(void **state)
{
    struct process_cache *cache = process_cache_new(1);
    struct pt_task others[] = {task_of(1), task_of(1), task_of(1)};
    struct pt_task task = task_of(1);
    struct process_facts facts;

    (void)state;
    assert_non_null(cache);
    describe(cache, 1);
    others[0].start_ns++;
    others[1].exec_id++;
    others[2].pid++;
    for (int i = 0; i < 3; i++) {
        process_cache_lookup(cache, &others[i], &facts);
        assert_false(facts.described);
    }
    task.tid = 77;
    process_cache_lookup(cache, &task, &facts);
    assert_true(facts.described);
    assert_int_equal(facts.task.tid, 77);
    process_cache_free(cache);
}

static void announcement_alone_describes_nothing(void **state)
{
    announce(*state, 1, 20);
    assert_unknown(*state, 1);
    assert_int_equal(look_up(*state, 1).args_size, 20);
}

static void kernel_thread_has_neither_exe_nor_args(void **state)
{
    struct process_facts facts;

    announce(*state, 2, 0);
    whole(*state, 2, PT_TEXT_CGROUP, "", 0);
    facts = look_up(*state, 2);
    assert_true(facts.described);
    assert_null(facts.exe.at);
    assert_text(facts.args, "", false);
    assert_text(facts.cgroup, "/", false);
    assert_null(facts.cgroup_facts.unit.at);
    whole(*state, 2, PT_TEXT_EXE, "", 0);
    assert_null(look_up(*state, 2).exe.at);
}

static void args_come_in_pieces(void **state)
{
    static char args[PT_ARGS_MAX];
    struct process_facts facts;

    for (size_t i = 0; i < sizeof(args); i++)
        args[i] = (char)('a' + i % 26);
    announce(*state, 1, PT_ARGS_MAX + 100);
    for (uint32_t at = 0; at < PT_ARGS_MAX; at += PT_TEXT_SIZE) {
        uint32_t size = PT_ARGS_MAX - at < PT_TEXT_SIZE ? PT_ARGS_MAX - at : PT_TEXT_SIZE;
        bool last = at + size == PT_ARGS_MAX;

        piece(*state, 1, PT_TEXT_ARGS, last ? PT_TEXT_LAST | PT_TEXT_TRUNCATED : 0, at, args + at,
              size);
    }
    facts = look_up(*state, 1);
    assert_bytes(facts.args, args, sizeof(args), true);
    assert_int_equal(facts.args_size, PT_ARGS_MAX + 100);
}

static void pieces_may_come_in_any_order_and_twice(void **state)
{
    announce(*state, 1, 24);
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    piece(*state, 1, PT_TEXT_ARGS, PT_TEXT_LAST, 16, ARGS + 16, sizeof(ARGS) - 1 - 16);
    piece(*state, 1, PT_TEXT_ARGS, 0, 8, ARGS + 8, 8);
    piece(*state, 1, PT_TEXT_ARGS, 0, 8, ARGS + 8, 8);
    whole(*state, 1, PT_TEXT_EXE, TEXT(EXE));
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, ARGS, 8);
    assert_int_equal(look_up(*state, 1).args.size, sizeof(ARGS) - 1);
    assert_bytes(look_up(*state, 1).args, TEXT(ARGS), false);
    assert_text(look_up(*state, 1).exe, EXE_PATH, false);
}

static void lost_piece_truncates(void **state)
{
    announce(*state, 1, sizeof(ARGS) - 1);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, ARGS, 8);
    piece(*state, 1, PT_TEXT_ARGS, PT_TEXT_LAST, 11, ARGS + 11, sizeof(ARGS) - 1 - 11);
    assert_bytes(look_up(*state, 1).args, ARGS, 8, true);
    assert_true(look_up(*state, 1).described);
    piece(*state, 1, PT_TEXT_ARGS, 0, 8, ARGS + 8, 3);
    assert_bytes(look_up(*state, 1).args, TEXT(ARGS), false);
}

static void lost_first_piece_leaves_nothing(void **state)
{
    announce(*state, 1, sizeof(ARGS) - 1);
    piece(*state, 1, PT_TEXT_ARGS, PT_TEXT_LAST, 8, ARGS + 8, sizeof(ARGS) - 1 - 8);
    assert_unknown(*state, 1);
}

static void lost_last_piece_truncates(void **state)
{
    announce(*state, 1, sizeof(ARGS) - 1);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, ARGS, 8);
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_bytes(look_up(*state, 1).args, ARGS, 8, true);
    assert_text(look_up(*state, 1).cgroup, "/system.slice/web.service", false);
}

static void args_that_cannot_be_read_are_not_known(void **state)
{
    announce(*state, 1, 500);
    whole(*state, 1, PT_TEXT_EXE, TEXT(EXE));
    piece(*state, 1, PT_TEXT_ARGS, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0, "", 0);
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_null(look_up(*state, 1).args.at);
    assert_int_equal(look_up(*state, 1).args_size, 500);
    assert_text(look_up(*state, 1).exe, EXE_PATH, false);
}

/* The kernel says the same again when it cannot know whether it was heard. */
static void described_again_it_starts_afresh(void **state)
{
    announce(*state, 1, 100);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "old-and-long", 12);
    describe(*state, 1);
    assert_described(*state, 1);
    announce(*state, 1, 2);
    whole(*state, 1, PT_TEXT_EXE, TEXT("new\0"));
    whole(*state, 1, PT_TEXT_ARGS, TEXT("x\0"));
    whole(*state, 1, PT_TEXT_CGROUP, TEXT("new.scope\0"));
    assert_text(look_up(*state, 1).exe, "/new", false);
    assert_bytes(look_up(*state, 1).args, TEXT("x\0"), false);
    assert_int_equal(look_up(*state, 1).args_size, 2);
    assert_text(look_up(*state, 1).cgroup_facts.unit, "new.scope", false);
}

/* Decided: what is whole stays until something whole replaces it. */
static void described_again_in_part_it_keeps_what_was_whole(void **state)
{
    describe(*state, 1);
    announce(*state, 1, sizeof(ARGS) - 1);
    assert_described(*state, 1);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "part", 4);
    assert_described(*state, 1);
    piece(*state, 1, PT_TEXT_EXE, 0, 0, TEXT("leaf\0"));
    assert_described(*state, 1);
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_described(*state, 1);
}

static void whole_text_replaces_a_larger_part(void **state)
{
    announce(*state, 1, 100);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "abcdef", 6);
    announce(*state, 1, 2);
    whole(*state, 1, PT_TEXT_ARGS, TEXT("x\0"));
    assert_bytes(look_up(*state, 1).args, TEXT("x\0"), false);
    announce(*state, 1, 100);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "abcdef", 6);
    assert_bytes(look_up(*state, 1).args, TEXT("x\0"), false);
}

static void args_that_cannot_be_read_again_are_kept(void **state)
{
    describe(*state, 1);
    announce(*state, 1, sizeof(ARGS) - 1);
    whole(*state, 1, PT_TEXT_EXE, "", 0);
    piece(*state, 1, PT_TEXT_ARGS, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0, "", 0);
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_described(*state, 1);
}

static void larger_part_replaces_a_smaller_one(void **state)
{
    announce(*state, 1, 100);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "abcdef", 6);
    announce(*state, 1, 100);
    piece(*state, 1, PT_TEXT_ARGS, 0, 0, "xyz", 3);
    assert_bytes(look_up(*state, 1).args, "abcdef", 6, true);
    piece(*state, 1, PT_TEXT_ARGS, 0, 3, "uvwq", 4);
    assert_bytes(look_up(*state, 1).args, "xyzuvwq", 7, true);
}

/* Two threads may describe their process at once; their records mix. */
static void two_descriptions_at_once_come_to_one(void **state)
{
    announce(*state, 1, sizeof(ARGS) - 1);
    whole(*state, 1, PT_TEXT_EXE, TEXT(EXE));
    announce(*state, 1, sizeof(ARGS) - 1);
    whole(*state, 1, PT_TEXT_ARGS, TEXT(ARGS));
    whole(*state, 1, PT_TEXT_EXE, TEXT(EXE));
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    whole(*state, 1, PT_TEXT_ARGS, TEXT(ARGS));
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_described(*state, 1);
}

static void text_of_an_unannounced_process_is_kept(void **state)
{
    whole(*state, 9, PT_TEXT_EXE, TEXT(EXE));
    whole(*state, 9, PT_TEXT_ARGS, TEXT(ARGS));
    whole(*state, 9, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_described(*state, 9);
}

static void exe_that_comes_last_is_taken(void **state)
{
    announce(*state, 1, sizeof(ARGS) - 1);
    whole(*state, 1, PT_TEXT_ARGS, TEXT(ARGS));
    whole(*state, 1, PT_TEXT_CGROUP, TEXT(CGROUP));
    assert_null(look_up(*state, 1).exe.at);
    whole(*state, 1, PT_TEXT_EXE, TEXT(EXE));
    assert_described(*state, 1);
}

static void exe(struct process_cache *cache, uint32_t pid, unsigned int flags, const char *text,
                size_t size, const char *wanted)
{
    struct process_facts facts;

    announce(cache, pid, 0);
    piece(cache, pid, PT_TEXT_EXE, flags, 0, text, size);
    facts = look_up(cache, pid);
    assert_true(facts.described);
    assert_text(facts.exe, wanted, (flags & PT_TEXT_TRUNCATED) || !(flags & PT_TEXT_LAST));
    assert_int_equal(facts.exe_deleted, !!(flags & PT_TEXT_DELETED));
}

static void paths_are_put_together_from_the_leaf(void **state)
{
    static const char hostile[] = "\033[2J\n\xff\0..\0a b\"\0";

    exe(*state, 1, PT_TEXT_LAST, TEXT("c\0b\0a\0"), "/a/b/c");
    exe(*state, 2, PT_TEXT_LAST, TEXT("init\0"), "/init");
    exe(*state, 3, PT_TEXT_LAST, TEXT("c\0b\0a"), "/a/b/c");
    exe(*state, 4, PT_TEXT_LAST, TEXT("c\0\0b\0"), "/b/c");
    exe(*state, 5, PT_TEXT_LAST, TEXT("c\0b\0/\0"), "/b/c");
    exe(*state, 6, PT_TEXT_LAST, TEXT(hostile), "/a b\"/../\033[2J\n\xff");
    exe(*state, 7, PT_TEXT_LAST | PT_TEXT_DELETED, TEXT("memfd:a/b\0"), "/memfd:a/b");
}

static void truncated_paths_show_that_they_are(void **state)
{
    exe(*state, 1, PT_TEXT_LAST | PT_TEXT_TRUNCATED, TEXT("c\0b\0"), ".../b/c");
    exe(*state, 2, PT_TEXT_LAST | PT_TEXT_TRUNCATED, TEXT("c\0b\0cut"), ".../b/c");
    exe(*state, 3, 0, TEXT("c\0b\0cut"), ".../b/c");
    announce(*state, 4, 10);
    piece(*state, 4, PT_TEXT_EXE, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0, TEXT("cut"));
    piece(*state, 4, PT_TEXT_CGROUP, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0, "", 0);
    assert_unknown(*state, 4);
}

static void longest_path_fits(void **state)
{
    char text[PT_TEXT_SIZE];
    char wanted[PT_TEXT_SIZE + 8];

    memset(text, 'x', sizeof(text));
    wanted[0] = '/';
    memset(wanted + 1, 'x', sizeof(text));
    wanted[sizeof(text) + 1] = '\0';
    exe(*state, 1, PT_TEXT_LAST, text, sizeof(text), wanted);
    memset(wanted, '.', 3);
    for (size_t i = 0; i < sizeof(text); i += 2) {
        text[i + 1] = '\0';
        memcpy(wanted + 3 + i, "/x", 2);
    }
    wanted[sizeof(text) + 3] = '\0';
    exe(*state, 2, PT_TEXT_LAST | PT_TEXT_TRUNCATED, text, sizeof(text), wanted);
    piece(*state, 2, PT_TEXT_CGROUP, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0, text, sizeof(text));
    assert_text(look_up(*state, 2).cgroup, wanted, true);
}

static void truncated_cgroup_tells_no_container(void **state)
{
    announce(*state, 1, 0);
    piece(*state, 1, PT_TEXT_CGROUP, PT_TEXT_LAST | PT_TEXT_TRUNCATED, 0,
          TEXT("docker-" HEX ".scope\0"));
    assert_text(look_up(*state, 1).cgroup, ".../docker-" HEX ".scope", true);
    assert_int_equal(look_up(*state, 1).cgroup_facts.runtime, RUNTIME_NONE);
    assert_null(look_up(*state, 1).cgroup_facts.unit.at);
}

static void pod_uid_has_dashes_and_the_path_has_not(void **state)
{
    static const char slice[] = "kubepods-poda1b2c3d4_1111_2222_3333_444455556666.slice";
    struct process_facts facts;

    announce(*state, 1, 0);
    whole(*state, 1, PT_TEXT_CGROUP,
          TEXT("cri-containerd-" HEX ".scope\0"
               "kubepods-poda1b2c3d4_1111_2222_3333_444455556666.slice\0kubepods.slice\0"));
    facts = look_up(*state, 1);
    assert_int_equal(facts.cgroup_facts.runtime, RUNTIME_CONTAINERD_CRI);
    assert_text(facts.cgroup_facts.container_id, HEX, false);
    assert_text(facts.cgroup_facts.pod_id, "a1b2c3d4-1111-2222-3333-444455556666", false);
    assert_non_null(memmem(facts.cgroup.at, facts.cgroup.size, slice, strlen(slice)));
}

/* A process that was moved is described again; what it did before keeps the cgroup of that time. */
static void moved_process_has_the_cgroup_of_the_event(void **state)
{
    struct pt_task moved = task_of(1);
    struct process_facts facts;

    describe(*state, 1);
    moved.cgroup_id = 56;
    process_cache_lookup(*state, &moved, &facts);
    assert_false(facts.described);
    assert_null(facts.cgroup.at);

    announce_task(*state, &moved, 0);
    piece_of_task(*state, &moved, PT_TEXT_CGROUP, PT_TEXT_LAST, 0, TEXT("b.scope\0"));
    process_cache_lookup(*state, &moved, &facts);
    assert_text(facts.cgroup, "/b.scope", false);
    assert_text(facts.cgroup_facts.unit, "b.scope", false);
    assert_text(look_up(*state, 1).exe, EXE_PATH, false);
    assert_string_not_equal(look_up(*state, 1).cgroup.at, "/b.scope");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(description_is_put_together),
        cmocka_unit_test(key_is_pid_start_and_exec),
        TEST(announcement_alone_describes_nothing),
        TEST(kernel_thread_has_neither_exe_nor_args),
        TEST(args_come_in_pieces),
        TEST(pieces_may_come_in_any_order_and_twice),
        TEST(lost_piece_truncates),
        TEST(lost_first_piece_leaves_nothing),
        TEST(lost_last_piece_truncates),
        TEST(args_that_cannot_be_read_are_not_known),
        TEST(described_again_it_starts_afresh),
        TEST(described_again_in_part_it_keeps_what_was_whole),
        TEST(whole_text_replaces_a_larger_part),
        TEST(args_that_cannot_be_read_again_are_kept),
        TEST(larger_part_replaces_a_smaller_one),
        TEST(two_descriptions_at_once_come_to_one),
        TEST(text_of_an_unannounced_process_is_kept),
        TEST(exe_that_comes_last_is_taken),
        TEST(paths_are_put_together_from_the_leaf),
        TEST(truncated_paths_show_that_they_are),
        TEST(longest_path_fits),
        TEST(truncated_cgroup_tells_no_container),
        TEST(pod_uid_has_dashes_and_the_path_has_not),
        TEST(moved_process_has_the_cgroup_of_the_event),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
