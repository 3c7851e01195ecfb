// SPDX-License-Identifier: GPL-2.0
/* Processes and descriptors as a made-up /proc shows them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "user/host/descriptors.h"
#include "user/host/process.h"
#include "user/host/process_signals.h"

#define STAT_REST                                                                                  \
    " 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 500 0 0 18446744073709551615 0 0 0 0 0 0 0\n"
#define START_NS 5000000000u

static char root[] = "/tmp/porttrace-proc.XXXXXX";

static void put(const char *name, const void *text, size_t size)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", root, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *name, const char *text)
{
    put(name, text, strlen(text));
}

static void make(const char *name)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", root, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void point(const char *name, const char *target)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", root, name);
    unlink(path);
    assert_int_equal(symlink(target, path), 0);
}

static int make_process(void **state)
{
    static const char args[] = "nginx: worker\0-g\0";

    (void)state;
    strcpy(root + strlen(root) - 6, "XXXXXX");
    assert_non_null(mkdtemp(root));
    make("42");
    make("42/fd");
    make("43");
    make("self");
    put_text("42/stat", "42 (a) (b) S 7) S 7" STAT_REST);
    put_text("42/comm", "a) (b) S 7\n");
    put_text("42/status", "Name:\tx\nUid:\t1000\t33\t33\t33\nGid:\t1000\t44\t44\t44\n");
    put("42/cmdline", args, sizeof(args) - 1);
    put_text("42/cgroup", "0::/system.slice/web.service\n");
    point("42/exe", "/usr/sbin/nginx");
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static int remove_process(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct process_facts describe(struct arena *arena, uint64_t start_ns, int expected)
{
    struct process_facts facts = {.task = {.pid = 42, .start_ns = start_ns}};

    assert_int_equal(process_describe(root, arena, &facts), expected);
    return facts;
}

static void assert_bytes(struct bytes bytes, const char *text)
{
    assert_non_null(bytes.at);
    assert_int_equal(bytes.size, strlen(text));
    assert_memory_equal(bytes.at, text, bytes.size);
}

static void a_task_is_read(void **state)
{
    struct pt_task task;

    (void)state;
    assert_int_equal(process_read_task(root, 42, &task), 0);
    assert_int_equal(task.pid, 42);
    assert_int_equal(task.parent_pid, 7);
    assert_int_equal(task.uid, 33);
    assert_int_equal(task.gid, 44);
    assert_string_equal(task.comm, "a) (b) S 7");
    assert_int_equal(task.start_ns, START_NS);
    assert_int_equal(process_read_task(root, 44, &task), -ESRCH);
    assert_int_equal(process_read_task(root, 43, &task), -ESRCH);
}

static void what_is_no_stat_is_refused(void **state)
{
    static const char *const wrong[] = {"", "42", "42 (x", ") (", "42 (x) S", "42 (x) S a b c"};
    struct pt_task task;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        put_text("42/stat", wrong[i]);
        assert_int_equal(process_read_task(root, 42, &task), -EBADMSG);
    }
    put_text("42/stat", "42 (x) S 7" STAT_REST);
    put_text("42/status", "Uid:\nGid:");
    assert_int_equal(process_read_task(root, 42, &task), -EBADMSG);
}

static void a_process_is_described(void **state)
{
    struct arena arena = {0};
    struct process_facts facts = describe(&arena, START_NS + 9999999, 0);

    (void)state;
    assert_true(facts.described);
    assert_bytes(facts.exe, "/usr/sbin/nginx");
    assert_false(facts.exe_deleted);
    assert_int_equal(facts.args.size, 17);
    assert_memory_equal(facts.args.at, "nginx: worker\0-g\0", 17);
    assert_int_equal(facts.args_size, 17);
    assert_bytes(facts.cgroup, "/system.slice/web.service");
    assert_bytes(facts.cgroup_facts.unit, "web.service");
    arena_reset(&arena);
}

static void another_of_the_same_number_is_not(void **state)
{
    struct arena arena = {0};

    (void)state;
    assert_false(describe(&arena, START_NS - 1, -ESRCH).described);
    assert_false(describe(&arena, START_NS + 10000000, -ESRCH).described);
    assert_null(arena.first);
}

static void a_deleted_executable_says_so(void **state)
{
    struct arena arena = {0};
    struct process_facts facts;

    (void)state;
    point("42/exe", "/no/such/dir/app (deleted)");
    facts = describe(&arena, START_NS, 0);
    assert_true(facts.exe_deleted);
    assert_bytes(facts.exe, "/no/such/dir/app");
    arena_reset(&arena);
}

static void a_file_can_be_called_deleted(void **state)
{
    struct arena arena = {0};
    struct process_facts facts;
    char path[256];

    (void)state;
    put_text("app (deleted)", "");
    snprintf(path, sizeof(path), "%s/app (deleted)", root);
    point("42/exe", path);
    facts = describe(&arena, START_NS, 0);
    assert_false(facts.exe_deleted);
    assert_bytes(facts.exe, path);
    arena_reset(&arena);
}

static void long_arguments_are_cut(void **state)
{
    static char args[PT_ARGS_MAX * 3];
    struct arena arena = {0};
    struct process_facts facts;

    (void)state;
    memset(args, 'a', sizeof(args));
    put("42/cmdline", args, PT_ARGS_MAX);
    facts = describe(&arena, START_NS, 0);
    assert_int_equal(facts.args.size, PT_ARGS_MAX);
    assert_false(facts.args.truncated);
    put("42/cmdline", args, sizeof(args));
    facts = describe(&arena, START_NS, 0);
    assert_int_equal(facts.args.size, PT_ARGS_MAX);
    assert_int_equal(facts.args_size, sizeof(args));
    assert_true(facts.args.truncated);
    arena_reset(&arena);
}

static void the_cgroup_is_chosen_as_the_programs_do(void **state)
{
    static const struct {
        const char *lines;
        const char *path; /* NULL: not known */
    } cases[] = {
        {"0::/a\n", "/a"},
        {"12:memory:/m\n0::/a\n", "/a"},
        {"12:pids:/p\n4:cpu,memory:/m:n\n0::/\n", "/m:n"},
        {"12:pids:/p\n1:name=systemd:/s\n0::/\n", "/p"},
        {"1:name=systemd:/s\n0::/\n", "/"},
        {"1:name=systemd:/s\n", NULL},
        {"12:memory2:/m\n0::/\n", "/"},
        {"", NULL},
        {"\n::\n:\nx", ""},
    };
    struct arena arena = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct process_facts facts;

        put_text("42/cgroup", cases[i].lines);
        facts = describe(&arena, START_NS, 0);
        if (cases[i].path)
            assert_bytes(facts.cgroup, cases[i].path);
        else
            assert_null(facts.cgroup.at);
    }
    arena_reset(&arena);
}

static int take_socket(void *context, uint32_t pid, int fd, uint64_t inode)
{
    uint64_t *sum = context;

    assert_int_equal(pid, 42);
    *sum += (uint64_t)fd * 1000 + inode;
    return fd == 9 ? -ECANCELED : 0;
}

static void only_sockets_are_descriptors(void **state)
{
    unsigned int hidden = 7;
    uint64_t sum = 0;

    (void)state;
    point("42/fd/0", "/dev/null");
    point("42/fd/3", "socket:[17]");
    point("42/fd/4", "pipe:[18]");
    point("42/fd/5", "/tmp/socket:[19]");
    point("42/fd/6", "socket:[20] (deleted)");
    point("42/fd/7", "socket:[]");
    point("42/fd/x", "socket:[21]");
    assert_int_equal(descriptors_walk(root, take_socket, &sum, &hidden), 0);
    assert_int_equal(sum, 3017);
    assert_int_equal(hidden, 0);
    point("42/fd/9", "socket:[22]");
    assert_int_equal(descriptors_walk(root, take_socket, &sum, &hidden), -ECANCELED);
    assert_int_equal(descriptors_walk("/no/such/dir", take_socket, &sum, &hidden), -ENOENT);
}

static void pids_are_not_all_without_a_sign_of_it(void **state)
{
    (void)state;
    assert_false(process_all_visible(root));
}

static void numbers_are_ours_where_there_is_but_one(void **state)
{
    (void)state;
    assert_false(process_numbers_are_ours(root)); /* it cannot be read */
    put_text("self/status", "Name:\tx\n");
    assert_true(process_numbers_are_ours(root)); /* there are no pid namespaces */
    put_text("self/status", "Name:\tx\nNSpid:\t18045\nNSpgid:\t18045\n");
    assert_true(process_numbers_are_ours(root));
    put_text("self/status", "Name:\tx\nNSpid:\t18045\t7\nNSpgid:\t18045\t7\n");
    assert_false(process_numbers_are_ours(root));
    assert_false(process_numbers_are_ours("/no/such/dir"));
}

#define STATUS(name, state, numbers, ignored, caught)                                              \
    "Name:\t" name "\nUmask:\t0022\nState:\t" state "\nTgid:\t9\nNSpid:\t" numbers                 \
    "\nSigBlk:\t0000000000000000\nSigIgn:\t" ignored "\nSigCgt:\t" caught "\n"
#define NONE "0000000000000000"
#define TERM "0000000000004000"

static void what_sigterm_does_is_read(void **state)
{
    static const struct {
        const char *text;
        enum term_effect effect;
    } cases[] = {
        {STATUS("a", "S (sleeping)", "9", NONE, NONE), TERM_ENDS},
        {STATUS("a", "S (sleeping)", "9", NONE, TERM), TERM_ENDS},
        {STATUS("a", "S (sleeping)", "9", TERM, NONE), TERM_IGNORED},
        {STATUS("a", "T (stopped)", "9", NONE, NONE), TERM_WAITS},
        {STATUS("a", "T (stopped)", "9", TERM, NONE), TERM_IGNORED},
        {STATUS("a", "t (tracing stop)", "9", NONE, NONE), TERM_ENDS},
        {STATUS("a", "S (sleeping)", "9\t1", NONE, NONE), TERM_IGNORED},
        {STATUS("a", "S (sleeping)", "9\t1", NONE, TERM), TERM_ENDS},
        {STATUS("a", "S (sleeping)", "9\t11", NONE, NONE), TERM_ENDS},
        {STATUS("a", "S (sleeping)", "9\t4\t1", NONE, NONE), TERM_IGNORED},
        {STATUS("a", "S (sleeping)", "1", NONE, NONE), TERM_ENDS},
        {STATUS("SigIgn:\\tffff", "S (sleeping)", "9", NONE, NONE), TERM_ENDS},
        {"", TERM_ENDS},
        {"SigIgn:\tffff", TERM_ENDS},
        {"a\nSigIgn:\t", TERM_ENDS},
        {"a\nNSpid:\t", TERM_ENDS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(process_signals_parse(cases[i].text), cases[i].effect);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_process, remove_process)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_task_is_read),
        TEST(what_is_no_stat_is_refused),
        TEST(a_process_is_described),
        cmocka_unit_test(what_sigterm_does_is_read),
        TEST(another_of_the_same_number_is_not),
        TEST(a_deleted_executable_says_so),
        TEST(a_file_can_be_called_deleted),
        TEST(long_arguments_are_cut),
        TEST(the_cgroup_is_chosen_as_the_programs_do),
        TEST(only_sockets_are_descriptors),
        TEST(pids_are_not_all_without_a_sign_of_it),
        TEST(numbers_are_ours_where_there_is_but_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
