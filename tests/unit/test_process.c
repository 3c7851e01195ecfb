// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/enrich/process.h"

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

#define HEX      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define EXE      "python3\0bin\0usr\0"
#define EXE_PATH "/usr/bin/python3"
#define CGROUP   "web.service\0system.slice\0"

static const char ARGS[] = "python3\0-m\0http.server\0";

/* Text with the NULs in it and without the one that the compiler adds. */
#define TEXT(literal) (literal), sizeof(literal) - 1

static struct pt_task task_of(uint32_t pid)
{
    return (struct pt_task){
        .pid = pid, .tid = pid, .start_ns = 1000u + pid, .exec_id = 7, .cgroup_id = 55};
}

static void announce_task(struct process_cache *cache, const struct pt_task *task,
                          uint32_t args_size)
{
    struct pt_process record = {.task = *task, .args_size = args_size};

    assert_int_equal(process_cache_describe(cache, &record), 0);
}

static void announce(struct process_cache *cache, uint32_t pid, uint32_t args_size)
{
    struct pt_task task = task_of(pid);

    announce_task(cache, &task, args_size);
}

static void piece_of_task(struct process_cache *cache, const struct pt_task *task,
                          enum pt_text_kind kind, unsigned int flags, uint32_t offset,
                          const char *text, size_t size)
{
    struct pt_text record = {
        .pid = task->pid,
        .text_kind = (uint16_t)kind,
        .flags = (uint16_t)flags,
        .start_ns = task->start_ns,
        .exec_id = task->exec_id,
        .cgroup_id = task->cgroup_id,
        .offset = offset,
        .length = (uint32_t)size,
    };

    assert_true(size <= PT_TEXT_SIZE);
    memcpy(record.text, text, size);
    assert_int_equal(process_cache_text(cache, &record), 0);
}

static void piece(struct process_cache *cache, uint32_t pid, enum pt_text_kind kind,
                  unsigned int flags, uint32_t offset, const char *text, size_t size)
{
    struct pt_task task = task_of(pid);

    piece_of_task(cache, &task, kind, flags, offset, text, size);
}

static void whole(struct process_cache *cache, uint32_t pid, enum pt_text_kind kind,
                  const char *text, size_t size)
{
    piece(cache, pid, kind, PT_TEXT_LAST, 0, text, size);
}

static void describe(struct process_cache *cache, uint32_t pid)
{
    announce(cache, pid, sizeof(ARGS) - 1);
    whole(cache, pid, PT_TEXT_EXE, TEXT(EXE));
    whole(cache, pid, PT_TEXT_ARGS, TEXT(ARGS));
    whole(cache, pid, PT_TEXT_CGROUP, TEXT(CGROUP));
}

static struct process_facts look_up(struct process_cache *cache, uint32_t pid)
{
    struct pt_task task = task_of(pid);
    struct process_facts facts;

    memset(&facts, 0x5a, sizeof(facts));
    process_cache_lookup(cache, &task, &facts);
    assert_memory_equal(&facts.task, &task, sizeof(task));
    return facts;
}

static void assert_bytes(struct bytes got, const char *wanted, size_t size, bool truncated)
{
    assert_non_null(got.at);
    if (got.size != size || memcmp(got.at, wanted, size))
        fail_msg("expected '%.*s', got '%.*s'", (int)size, wanted, (int)got.size, got.at);
    assert_int_equal(got.truncated, truncated);
}

static void assert_text(struct bytes got, const char *wanted, bool truncated)
{
    assert_bytes(got, wanted, strlen(wanted), truncated);
}

static void assert_described(struct process_cache *cache, uint32_t pid)
{
    struct process_facts facts = look_up(cache, pid);

    assert_true(facts.described);
    assert_text(facts.exe, EXE_PATH, false);
    assert_false(facts.exe_deleted);
    assert_bytes(facts.args, TEXT(ARGS), false);
    assert_int_equal(facts.args_size, sizeof(ARGS) - 1);
    assert_text(facts.cgroup, "/system.slice/web.service", false);
    assert_text(facts.cgroup_facts.unit, "web.service", false);
    assert_ptr_equal(facts.cgroup_facts.unit.at, facts.cgroup.at + strlen("/system.slice/"));
}

static void assert_unknown(struct process_cache *cache, uint32_t pid)
{
    struct process_facts facts = look_up(cache, pid);

    assert_false(facts.described);
    assert_null(facts.exe.at);
    assert_null(facts.args.at);
    assert_null(facts.cgroup.at);
    assert_null(facts.cgroup_facts.unit.at);
    assert_int_equal(facts.cgroup_facts.runtime, RUNTIME_NONE);
}

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
    assert_int_equal(facts.cgroup_facts.runtime, RUNTIME_CONTAINERD);
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
    for (uint32_t pid = 1; pid <= 60; pid++) {
        announce(*state, pid, 100);
        whole(*state, pid, PT_TEXT_EXE, TEXT(EXE));
        piece(*state, pid, PT_TEXT_ARGS, 0, 0, ARGS, 8);
    }
    for (uint32_t pid = 1; pid <= 60; pid++) {
        assert_text(look_up(*state, pid).exe, EXE_PATH, false);
        assert_bytes(look_up(*state, pid).args, ARGS, 8, true);
    }
    for (uint32_t pid = 1; pid <= 60; pid++)
        whole(*state, pid, PT_TEXT_CGROUP, TEXT(CGROUP));
    for (uint32_t pid = 1; pid <= 60; pid++) {
        assert_text(look_up(*state, pid).exe, EXE_PATH, false);
        assert_bytes(look_up(*state, pid).args, ARGS, 8, true);
        assert_text(look_up(*state, pid).cgroup_facts.unit, "web.service", false);
    }
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
        cmocka_unit_test(process_unused_longest_goes_first),
        cmocka_unit_test(process_with_a_port_goes_last),
        cmocka_unit_test(one_that_is_described_now_stays),
        cmocka_unit_test(who_is_forgotten_is_told),
        cmocka_unit_test(cache_of_one_works),
        cmocka_unit_test(many_come_and_go),
        TEST(unfinished_descriptions_are_kept_when_others_push_them_out),
        cmocka_unit_test(ordinary_processes_stay_below_two_megabytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
