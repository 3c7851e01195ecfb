// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/model/strbuf.h"

static void test_numbers(void **state)
{
    struct strbuf out = {0};

    (void)state;
    strbuf_uint(&out, 0);
    strbuf_putc(&out, ' ');
    strbuf_uint(&out, UINT64_MAX);
    strbuf_putc(&out, ' ');
    strbuf_digits(&out, 7, 3);
    strbuf_digits(&out, 123456, 4);
    assert_string_equal(out.text, "0 18446744073709551615 0073456");
    assert_int_equal(out.length, strlen(out.text));
    strbuf_free(&out);
}

static void test_grows_by_any_piece(void **state)
{
    struct strbuf out = {0};
    char want[3 * 2000 + 1];

    (void)state;
    for (int i = 0; i < 2000; i++) {
        strbuf_putc(&out, 'a');
        strbuf_add(&out, "bc", i % 3 ? 2 : 0);
        strbuf_printf(&out, "%s", i % 3 ? "" : "bc");
        memcpy(want + 3 * i, "abc", 3);
        assert_int_equal(out.length, 3 * (i + 1));
        assert_int_equal(out.text[out.length], '\0');
    }
    assert_memory_equal(out.text, want, sizeof(want) - 1);
    strbuf_free(&out);
}

static void test_ignores_all_after_a_failure(void **state)
{
    struct strbuf out = {0};

    (void)state;
    strbuf_puts(&out, "before");
    assert_null(strbuf_room(&out, SIZE_MAX));
    assert_true(out.failed);
    strbuf_putc(&out, 'x');
    strbuf_uint(&out, 1);
    strbuf_digits(&out, 1, 2);
    strbuf_printf(&out, "%d", 1);
    assert_string_equal(out.text, "before");
    strbuf_reset(&out);
    assert_false(out.failed);
    strbuf_puts(&out, "and after that as always");
    assert_string_equal(out.text, "and after that as always");
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_grows_by_any_piece),
        cmocka_unit_test(test_ignores_all_after_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
