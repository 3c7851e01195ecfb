// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "user/model/endpoint.h"

static void check(const struct pt_endpoint *endpoint, const char *device, const char *expected)
{
    struct strbuf out = {0};

    endpoint_add(&out, endpoint, device);
    assert_string_equal(out.text, expected);
    strbuf_free(&out);
}

static struct pt_endpoint ipv6(const char *address, uint16_t port, uint32_t scope_id)
{
    struct pt_endpoint endpoint = {.family = AF_INET6, .port = port, .scope_id = scope_id};

    assert_int_equal(inet_pton(AF_INET6, address, endpoint.address), 1);
    return endpoint;
}

static void ipv4_is_as_in_ss(void **state)
{
    struct pt_endpoint wildcard = {.family = AF_INET, .port = 8080};
    struct pt_endpoint loopback = {.address = {127, 0, 0, 1}, .family = AF_INET, .port = 65535};

    (void)state;
    check(&wildcard, NULL, "0.0.0.0:8080");
    check(&wildcard, "eth0", "0.0.0.0%eth0:8080");
    check(&wildcard, "", "0.0.0.0:8080");
    check(&loopback, NULL, "127.0.0.1:65535");
}

static void ipv6_has_brackets_and_scope(void **state)
{
    struct pt_endpoint wildcard = ipv6("::", 80, 0);
    struct pt_endpoint scoped = ipv6("fe80::1", 0, 2);
    struct pt_endpoint mapped = ipv6("::ffff:10.0.0.1", 443, 0);

    (void)state;
    check(&wildcard, NULL, "[::]:80");
    check(&wildcard, "eth0", "[::]%eth0:80");
    check(&scoped, NULL, "[fe80::1%2]:0");
    check(&mapped, NULL, "[::ffff:10.0.0.1]:443");
}

static void what_is_no_address_is_not_shown_as_one(void **state)
{
    struct pt_endpoint none = {.port = 80};
    struct pt_endpoint local = {.family = AF_UNIX, .port = 80};

    (void)state;
    check(&none, "eth0", "-");
    check(&local, NULL, "family 1");
    assert_false(endpoint_has_address(&none));
    assert_false(endpoint_has_address(&local));
}

static void an_address_stands_alone(void **state)
{
    struct pt_endpoint scoped = ipv6("fe80::1", 80, 2);
    struct strbuf out = {0};

    (void)state;
    assert_true(endpoint_has_address(&scoped));
    endpoint_add_address(&out, &scoped);
    assert_string_equal(out.text, "fe80::1");
    strbuf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_is_as_in_ss),
        cmocka_unit_test(ipv6_has_brackets_and_scope),
        cmocka_unit_test(what_is_no_address_is_not_shown_as_one),
        cmocka_unit_test(an_address_stands_alone),
    };

    return cmocka_run_group_tests_name("endpoint", tests, NULL, NULL);
}
