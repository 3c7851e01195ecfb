// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "user/explain/reasons.h"

static void every_reason_has_words(void **state)
{
    (void)state;
    for (int i = 0; i < REASONS; i++) {
        const struct reason_words *words = reason_words((enum reason)i);
        char code[8];

        snprintf(code, sizeof(code), "P%03d", i);
        assert_string_equal(words->code, code);
        assert_true(strlen(words->name) > 2);
        assert_true(strlen(words->brief) > 10);
        assert_true(strlen(words->brief) < 80);
        assert_null(strchr(words->brief, '\n'));
        assert_true(words->brief[strlen(words->brief) - 1] != '.');
    }
}

static void names_are_kebab_case_and_differ(void **state)
{
    (void)state;
    for (int i = 0; i < REASONS; i++) {
        const char *name = reason_words((enum reason)i)->name;

        for (const char *at = name; *at; at++)
            assert_true(islower((unsigned char)*at) || *at == '-');
        for (int other = 0; other < i; other++)
            assert_string_not_equal(name, reason_words((enum reason)other)->name);
    }
}

static void numbers_out_of_range_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(reason_words(REASONS)->code, "P000");
    assert_string_equal(reason_words((enum reason) - 1)->code, "P000");
}

static void codes_are_found_as_people_write_them(void **state)
{
    (void)state;
    for (int i = 0; i < REASONS; i++)
        assert_int_equal(reason_find(reason_words((enum reason)i)->code), i);
    assert_int_equal(reason_find("p001"), REASON_LISTENER);
    assert_int_equal(reason_find("P1"), REASON_LISTENER);
    assert_int_equal(reason_find("1"), REASON_LISTENER);
    assert_int_equal(reason_find("0000034"), REASON_TIMED_OUT);
    assert_int_equal(reason_find("P000"), REASON_UNKNOWN);
}

static void what_is_no_code_is_not_found(void **state)
{
    static const char *const wrong[] = {"",     "P",    "P035",       "99999999999999999999",
                                        "-1",   " 1",   "1 ",         "PP01",
                                        "P0x1", "E001", "4294967297", "P-1"};

    (void)state;
    assert_int_equal(reason_find(NULL), REASONS);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(reason_find(wrong[i]), REASONS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reason_has_words),
        cmocka_unit_test(names_are_kebab_case_and_differ),
        cmocka_unit_test(numbers_out_of_range_are_unknown),
        cmocka_unit_test(codes_are_found_as_people_write_them),
        cmocka_unit_test(what_is_no_code_is_not_found),
    };

    return cmocka_run_group_tests_name("reasons", tests, NULL, NULL);
}
