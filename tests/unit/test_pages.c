// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/explain/explain.h"

#define PAGE_COLUMNS 80

static void check_line(enum reason reason, const char *line, size_t length)
{
    if (length > PAGE_COLUMNS || (length && line[length - 1] == ' '))
        fail_msg("%s: %.*s", reason_words(reason)->code, (int)length, line);
    for (size_t i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '~')
            fail_msg("%s: no plain text: %.*s", reason_words(reason)->code, (int)length, line);
}

static void every_page_is_plain_text_of_80_columns(void **state)
{
    (void)state;
    for (enum reason reason = 0; reason < REASONS; reason++) {
        const char *at = explain_page(reason);
        size_t length = 0;

        assert_non_null(at);
        for (; *at; at += length + 1) {
            length = strcspn(at, "\n");
            check_line(reason, at, length);
            assert_int_equal(at[length], '\n');
        }
        assert_true(length > 0);
    }
}

static void every_page_has_what_a_reader_looks_for(void **state)
{
    (void)state;
    for (enum reason reason = REASON_UNKNOWN + 1; reason < REASONS; reason++) {
        static const char *const parts[] = {"\nThe kernel's rule\n", "\nSee it yourself\n",
                                            "\nFixes, best first\n  1. "};
        const char *at = strstr(explain_page(reason), "\nExample");

        for (size_t i = 0; at && i < sizeof(parts) / sizeof(parts[0]); i++) {
            const char *part = strstr(at, parts[i]);

            if (!part)
                fail_msg("%s: without%s", reason_words(reason)->code, parts[i]);
            at = part;
        }
        if (!at)
            fail_msg("%s: without an example", reason_words(reason)->code);
    }
}

static void pages_differ(void **state)
{
    (void)state;
    for (enum reason a = 0; a < REASONS; a++)
        for (enum reason b = a + 1; b < REASONS; b++)
            assert_string_not_equal(explain_page(a), explain_page(b));
    assert_ptr_equal(explain_page(REASONS), explain_page(REASON_UNKNOWN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_is_plain_text_of_80_columns),
        cmocka_unit_test(every_page_has_what_a_reader_looks_for),
        cmocka_unit_test(pages_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
