// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "user/render/moment.h"

#define S  UINT64_C(1000000000)
#define MS UINT64_C(1000000)

static void check_utc(uint64_t wall_ns, const char *expected)
{
    struct strbuf out = {0};

    moment_add_utc(&out, wall_ns);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void check_clock(uint64_t wall_ns, int64_t utc_offset_s, const char *expected)
{
    struct strbuf out = {0};

    moment_add_clock(&out, wall_ns, utc_offset_s);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void check_length(uint64_t length_ns, const char *expected)
{
    struct strbuf out = {0};

    moment_add_length(&out, length_ns);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static void utc_is_rfc_3339(void **state)
{
    (void)state;
    check_utc(0, "1970-01-01T00:00:00.000000000Z");
    check_utc(951782400 * S + 1, "2000-02-29T00:00:00.000000001Z");
    check_utc(1709251199 * S, "2024-02-29T23:59:59.000000000Z");
    check_utc(1709251200 * S, "2024-03-01T00:00:00.000000000Z");
    check_utc(1795232828 * S + 123456789, "2026-11-21T03:47:08.123456789Z");
    check_utc(4107542400 * S, "2100-03-01T00:00:00.000000000Z");
    check_utc(UINT64_MAX, "2554-07-21T23:34:33.709551615Z");
}

static void the_clock_is_local(void **state)
{
    (void)state;
    check_clock(1795232828 * S + 123999999, 0, "03:47:08.123");
    check_clock(1795232828 * S, 3600, "04:47:08.000");
    check_clock(1795232828 * S, -5 * 3600, "22:47:08.000");
    check_clock(1795232828 * S, 14 * 3600, "17:47:08.000");
    check_clock(0, -1, "23:59:59.000");
    check_clock(86399 * S, 1, "00:00:00.000");
    check_clock(0, INT64_MIN, "08:29:52.000");
}

static void lengths_are_short(void **state)
{
    (void)state;
    check_length(0, "0ns");
    check_length(999, "999ns");
    check_length(1000, "1.00us");
    check_length(12345, "12.3us");
    check_length(999999, "999us");
    check_length(MS, "1.00ms");
    check_length(1500 * MS, "1.50s");
    check_length(60 * S - 1, "59.9s");
    check_length(125 * S, "2m05s");
    check_length(3 * 3600 * S + 7 * 60 * S, "3h07m");
    check_length(12 * 86400 * S + 4 * 3600 * S, "12d04h");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utc_is_rfc_3339),
        cmocka_unit_test(the_clock_is_local),
        cmocka_unit_test(lengths_are_short),
    };

    return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
