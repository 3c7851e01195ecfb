// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "user/model/errors.h"

static void names_are_canonical(void **state)
{
    (void)state;
    assert_string_equal(error_name(EADDRINUSE), "EADDRINUSE");
    assert_string_equal(error_name(EAGAIN), "EAGAIN");
    assert_string_equal(error_name(EOPNOTSUPP), "EOPNOTSUPP");
    assert_string_equal(error_name(EDEADLK), "EDEADLK");
    assert_string_equal(error_name(512), "ERESTARTSYS");
    assert_string_equal(error_name(524), "ENOTSUPP");
    assert_string_equal(error_message(EADDRINUSE), "Address already in use");
    assert_string_equal(error_message(EACCES), "Permission denied");
}

static void a_number_without_a_name_is_shown(void **state)
{
    struct strbuf out = {0};

    (void)state;
    assert_string_equal(error_name(599), "E???");
    assert_string_equal(error_name(0), "E???");
    assert_string_equal(error_name(-98), "E???");
    assert_string_equal(error_message(599), "Unknown error");
    error_add_name(&out, 599);
    assert_string_equal(out.text, "errno 599");
    strbuf_reset(&out);
    error_add_name(&out, EACCES);
    assert_string_equal(out.text, "EACCES");
    strbuf_free(&out);
}

static void every_name_leads_back_to_its_number(void **state)
{
    int named = 0;

    (void)state;
    for (int error = 1; error <= ERROR_MAX; error++) {
        const char *name = error_name(error);

        if (!strcmp(name, "E???"))
            continue;
        named++;
        assert_int_equal(error_number(name), error);
        assert_string_not_equal(error_message(error), "Unknown error");
    }
    assert_in_range(named, 135, 145);
}

static void names_are_found_in_any_case_and_by_alias(void **state)
{
    (void)state;
    assert_int_equal(error_number("eaddrinuse"), EADDRINUSE);
    assert_int_equal(error_number("EWOULDBLOCK"), EAGAIN);
    assert_int_equal(error_number("ENOTSUP"), EOPNOTSUPP);
    assert_int_equal(error_number("EDEADLOCK"), EDEADLK);
    assert_int_equal(error_number("98"), 98);
    assert_int_equal(error_number("4095"), 4095);
}

static void what_is_no_errno_is_refused(void **state)
{
    static const char *const wrong[] = {
        "EFOO", "", "E", "0", "-1", "+1", "98x", " 98", "4096", "99999999999999999999", "E???"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(error_number(wrong[i]), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_canonical),
        cmocka_unit_test(a_number_without_a_name_is_shown),
        cmocka_unit_test(every_name_leads_back_to_its_number),
        cmocka_unit_test(names_are_found_in_any_case_and_by_alias),
        cmocka_unit_test(what_is_no_errno_is_refused),
    };

    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
