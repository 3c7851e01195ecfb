// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "user/host/service_manager.h"

static void properties_are_found_by_name(void **state)
{
    static const char text[] = "Id=x\nMainPID=12\nMainPIDs=13\nNames=\n";
    size_t size;

    (void)state;
    assert_memory_equal(service_manager_property(text, "MainPID", &size), "12", 2);
    assert_int_equal(size, 2);
    assert_non_null(service_manager_property(text, "Names", &size));
    assert_int_equal(size, 0);
    assert_null(service_manager_property(text, "PID", &size));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_are_found_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
