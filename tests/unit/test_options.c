// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <string.h>

#include "user/cli/cmd.h"
#include "user/cli/colour.h"
#include "user/cli/mounts.h"
#include "user/cli/plan_report.h"
#include "user/cli/suggest.h"

struct target {
    const char *name;
    unsigned int calls;
    bool quick;
    uint32_t bits;
};

static int take_name(void *target, const char *value, struct strbuf *error)
{
    struct target *at = target;

    at->calls++;
    at->name = value;
    if (strcmp(value, "bad") != 0)
        return 0;
    strbuf_puts(error, "bad is not good");
    return -EINVAL;
}

static const struct option_row rows[] = {
    {"name", 'n', "NAME", "a name of this thing that is so long that it does not fit one line",
     .take = take_name},
    {"quick", 'q', NULL, "be quick", .target_offset = offsetof(struct target, quick)},
    {"one", '1', NULL, "first", 1, .target_offset = offsetof(struct target, bits),
     .target_bits = 1},
    {"two", 0, NULL, "second", 1, .target_offset = offsetof(struct target, bits), .target_bits = 2},
};

static const struct option_example examples[] = {{"thing -q", "does it quickly"}};
static const char *const groups[] = {"Names", "Bits", NULL};

static const struct syntax syntax = {
    .command = "thing",
    .usage = "thing [OPTION...]",
    .summary = "Does things.",
    .examples = examples,
    .example_count = 1,
    .groups = groups,
    .rows = rows,
    .row_count = 4,
    .notes = "That is all.\n",
};

static int parse(struct target *target, struct strbuf *error, char *const *argv)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    *target = (struct target){0};
    strbuf_reset(error);
    return options_parse(&syntax, argc, argv, target, error);
}

#define PARSE(...) parse(&target, &error, (char *const[]){__VA_ARGS__, NULL})

#define REFUSED(reason, ...)                                                                       \
    do {                                                                                           \
        assert_int_equal(PARSE(__VA_ARGS__), -EINVAL);                                             \
        assert_string_equal(error.text, reason);                                                   \
    } while (0)

static void all_spellings_of_an_option_are_the_same(void **state)
{
    struct target target;
    struct strbuf error = {0};

    (void)state;
    assert_int_equal(PARSE("--name", "x"), 0);
    assert_string_equal(target.name, "x");
    assert_int_equal(PARSE("--name=x=y"), 0);
    assert_string_equal(target.name, "x=y");
    assert_int_equal(PARSE("-nx"), 0);
    assert_string_equal(target.name, "x");
    assert_int_equal(PARSE("-n", "-q"), 0);
    assert_string_equal(target.name, "-q");
    assert_false(target.quick);
    assert_int_equal(PARSE("-q1nx", "--two"), 0);
    assert_string_equal(target.name, "x");
    assert_true(target.quick);
    assert_int_equal(target.bits, 3);
    assert_int_equal(PARSE("--name="), 0);
    assert_string_equal(target.name, "");
    assert_int_equal(PARSE("-n", "a", "-n", "b", "--"), 0);
    assert_int_equal(target.calls, 2);
    strbuf_free(&error);
}

static void a_wrong_option_is_refused_with_a_reason(void **state)
{
    struct target target;
    struct strbuf error = {0};

    (void)state;
    REFUSED("unknown option --nmae (did you mean --name?)", "--nmae", "x");
    REFUSED("unknown option --qui (did you mean --quick?)", "--qui");
    REFUSED("unknown option --zzzzzz", "--zzzzzz");
    REFUSED("unknown option --\\e[31m", "--\033[31m");
    REFUSED("unknown option -z", "-qz");
    REFUSED("--name: needs NAME", "--name");
    REFUSED("--name: needs NAME", "-qn");
    REFUSED("--quick: takes no value", "--quick=1");
    REFUSED("--name: bad is not good", "-n", "bad");
    REFUSED("unexpected argument x", "x");
    REFUSED("unexpected argument -", "-");
    REFUSED("unexpected argument -q", "--", "-q");
    strbuf_free(&error);
}

static int take_word(void *target, const char *value, struct strbuf *error)
{
    struct target *at = target;

    if (at->calls == 2) {
        strbuf_puts(error, "no more than two");
        return -EINVAL;
    }
    at->calls++;
    at->name = value;
    return 0;
}

static void arguments_stand_anywhere_and_end_options_behind_dashes(void **state)
{
    struct syntax with_words = syntax;
    struct target target = {0};
    struct strbuf error = {0};

    (void)state;
    with_words.take_argument = take_word;
    assert_int_equal(
        options_parse(&with_words, 3, (char *const[]){"a", "-q", "b"}, &target, &error), 0);
    assert_int_equal(target.calls, 2);
    assert_string_equal(target.name, "b");
    assert_true(target.quick);
    target = (struct target){0};
    assert_int_equal(
        options_parse(&with_words, 3, (char *const[]){"-", "--", "-q"}, &target, &error), 0);
    assert_int_equal(target.calls, 2);
    assert_string_equal(target.name, "-q");
    assert_false(target.quick);
    assert_int_equal(options_parse(&with_words, 1, (char *const[]){"c"}, &target, &error), -EINVAL);
    assert_string_equal(error.text, "no more than two");
    strbuf_free(&error);
}

static void help_has_examples_first_and_fits_the_terminal(void **state)
{
    struct strbuf out = {0};

    (void)state;
    options_help(&syntax, &out);
    assert_string_equal(out.text,
                        "Usage: thing [OPTION...]\n"
                        "Does things.\n"
                        "\n"
                        "Examples:\n"
                        "  thing -q\n"
                        "      does it quickly\n"
                        "\n"
                        "Names:\n"
                        "  -n, --name NAME         a name of this thing that is so long that it "
                        "does not\n"
                        "                          fit one line\n"
                        "  -q, --quick             be quick\n"
                        "\n"
                        "Bits:\n"
                        "  -1, --one               first\n"
                        "      --two               second\n"
                        "\n"
                        "That is all.\n");
    strbuf_free(&out);
}

static const char *nearest(const char *typed)
{
    struct suggestion suggestion = suggest_start(typed);

    suggest_consider(&suggestion, "trace");
    suggest_consider(&suggestion, "doctor");
    return suggestion.best ? suggestion.best : "";
}

static void only_near_words_are_suggested(void **state)
{
    (void)state;
    assert_string_equal(nearest("trcae"), "trace");
    assert_string_equal(nearest("TRACE"), "trace");
    assert_string_equal(nearest("docter"), "doctor");
    assert_string_equal(nearest("doc"), "doctor");
    assert_string_equal(nearest("list"), "");
    assert_string_equal(nearest(""), "");
    assert_string_equal(nearest("x"), "");
    assert_string_equal(nearest("tracetracetracetracetracetracetracetrace"), "");
}

static void colour_is_for_terminals_that_have_it(void **state)
{
    (void)state;
    assert_true(colour_wanted(COLOUR_AUTO, true, NULL, "xterm"));
    assert_true(colour_wanted(COLOUR_AUTO, true, "", "xterm"));
    assert_false(colour_wanted(COLOUR_AUTO, false, NULL, "xterm"));
    assert_false(colour_wanted(COLOUR_AUTO, true, "1", "xterm"));
    assert_false(colour_wanted(COLOUR_AUTO, true, NULL, "dumb"));
    assert_false(colour_wanted(COLOUR_AUTO, true, NULL, NULL));
    assert_true(colour_wanted(COLOUR_ALWAYS, false, "1", "dumb"));
    assert_false(colour_wanted(COLOUR_NEVER, true, NULL, "xterm"));
}

static void mounts_are_found_by_type(void **state)
{
    static const char mountinfo[] =
        "22 28 0:20 / /sys rw,nosuid - sysfs sysfs rw\n"
        "31 24 0:27 / /a\\040cgroup2\\134x rw shared:9 master:1 - cgroup2 cgroup2 rw\n"
        "32 24 0:27 / /second rw - cgroup2 cgroup2 rw\n"
        "33 24 0:28 / /cut - tracefs";
    static const char no_octal[] = "1 2 0:1 / /a\\08!b\\x\\400\\04 rw - ramfs ramfs rw\n";
    char path[32];

    (void)state;
    assert_int_equal(mounts_find(mountinfo, "cgroup2", path, sizeof(path)), 0);
    assert_string_equal(path, "/a cgroup2\\x");
    assert_int_equal(mounts_find(mountinfo, "sysfs", path, sizeof(path)), 0);
    assert_string_equal(path, "/sys");
    assert_int_equal(mounts_find(mountinfo, "cgroup", path, sizeof(path)), -ENOENT);
    assert_int_equal(mounts_find(mountinfo, "tracefs", path, sizeof(path)), -ENOENT);
    assert_int_equal(mounts_find("", "cgroup2", path, sizeof(path)), -ENOENT);
    assert_int_equal(mounts_find(mountinfo, "cgroup2", path, 5), -ENAMETOOLONG);
    assert_int_equal(mounts_find(no_octal, "ramfs", path, sizeof(path)), 0);
    assert_string_equal(path, "/a\\08!b\\x\\400\\04");
}

static void whoever_has_all_privileges_is_refused_by_the_kernel(void **state)
{
    const struct situation root = {.capabilities = ~0ull, .memlock_bytes = UINT64_MAX};
    const struct situation nobody = {.memlock_bytes = UINT64_MAX};
    struct situation other = root;

    (void)state;
    assert_int_equal(plan_report_status(0, &nobody), STATUS_DONE);
    assert_int_equal(plan_report_status(-EPERM, &nobody), STATUS_PRIVILEGE);
    assert_int_equal(plan_report_status(-EPERM, &root), STATUS_KERNEL);
    assert_int_equal(plan_report_status(-EOPNOTSUPP, &nobody), STATUS_KERNEL);
    assert_int_equal(plan_report_status(-ENOENT, &root), STATUS_KERNEL);
    assert_int_equal(plan_report_status(-ENOMEM, &root), STATUS_BAD_NEWS);
    assert_int_equal(plan_report_status(-EINVAL, &root), STATUS_BAD_NEWS);
    other.capabilities = 1ull << CAP_BPF | 1ull << CAP_NET_ADMIN;
    assert_int_equal(plan_report_status(-EINVAL, &other), STATUS_PRIVILEGE);
    other.capabilities = 1ull << CAP_BPF | 1ull << CAP_PERFMON;
    assert_int_equal(plan_report_status(-EINVAL, &other), STATUS_BAD_NEWS);
    assert_int_equal(plan_report_status(-EACCES, &other), STATUS_PRIVILEGE);
    other.capabilities = 1ull << CAP_SYS_ADMIN;
    assert_int_equal(plan_report_status(-EACCES, &other), STATUS_PRIVILEGE);
    other.capabilities = 1ull << CAP_SYS_ADMIN | 1ull << CAP_DAC_OVERRIDE;
    assert_int_equal(plan_report_status(-EPERM, &other), STATUS_KERNEL);
    other.memlock_counts = true;
    other.memlock_bytes = 65536;
    assert_int_equal(plan_report_status(-EPERM, &other), STATUS_PRIVILEGE);
    other.too_old = true;
    assert_int_equal(plan_report_status(-EINVAL, &other), STATUS_KERNEL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_spellings_of_an_option_are_the_same),
        cmocka_unit_test(a_wrong_option_is_refused_with_a_reason),
        cmocka_unit_test(arguments_stand_anywhere_and_end_options_behind_dashes),
        cmocka_unit_test(help_has_examples_first_and_fits_the_terminal),
        cmocka_unit_test(only_near_words_are_suggested),
        cmocka_unit_test(colour_is_for_terminals_that_have_it),
        cmocka_unit_test(mounts_are_found_by_type),
        cmocka_unit_test(whoever_has_all_privileges_is_refused_by_the_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
