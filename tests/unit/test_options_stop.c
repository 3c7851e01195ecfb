// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "tests/unit/holders.h"
#include "user/cli/question_match.h"
#include "user/cli/stop_options.h"

static bool means(const char *asked, const struct holder *holder)
{
    char typed[64];
    char *const argv[] = {typed};
    struct stop_options options;
    struct strbuf error = {0};

    strncpy(typed, asked, sizeof(typed) - 1);
    typed[sizeof(typed) - 1] = '\0';
    assert_int_equal(stop_options_parse(1, argv, &options, &error), 0);
    return question_means(&options.question, &holder->seen);
}

static void only_what_is_in_the_way_is_meant(void **state)
{
    struct holder any = held_listener(80), one = any, six = any, any6 = any,
                  udp = held_datagram(80);

    (void)state;
    one.seen.local = sample_ipv4("10.0.0.1", 80);
    six.seen.local = sample_ipv6("::1", 80, 0);
    any6.seen.local = sample_ipv6("::", 80, 0);
    assert_true(means("80", &any) && means("80", &one) && means("80", &six));
    assert_false(means("81", &any) || means("80", &udp) || means("udp/80", &any));
    assert_true(means("udp/80", &udp));
    assert_true(means("10.0.0.1:80", &any) && means("10.0.0.1:80", &one));
    assert_false(means("10.0.0.2:80", &one));
    assert_true(means("10.0.0.2:80", &any6) && means("0.0.0.0:80", &one));
    assert_false(means("0.0.0.0:80", &six) || means("[::1]:80", &one));
    assert_true(means("[::1]:80", &six) && means("[::1]:80", &any6) && means("[::]:80", &one));
    any6.seen.socket.options |= PT_OPTION_V6ONLY;
    assert_false(means("10.0.0.2:80", &any6));
    any6.seen.local = sample_ipv6("::ffff:10.0.0.2", 80, 0);
    assert_true(means("10.0.0.2:80", &any6));
    assert_false(means("10.0.0.3:80", &any6));
    one.seen.local = sample_ipv4("127.0.0.1", 80);
    assert_true(means("localhost:80", &one) && means("localhost:80", &six));
}

static void options_are_taken(void **state)
{
    char *const argv[] = {"8080", "-y", "--force", "--grace", "500ms", "--netns", "blue"};
    char *const two[] = {"80", "81"};
    struct stop_options options;
    struct strbuf error = {0};

    (void)state;
    assert_int_equal(stop_options_parse(7, argv, &options, &error), 0);
    assert_true(options.yes && options.force && !options.dry_run);
    assert_int_equal(options.grace_ns, 500000000);
    assert_string_equal(options.netns, "blue");
    assert_int_equal(options.question.endpoint.port, 8080);
    assert_int_equal(stop_options_parse(1, argv, &options, &error), 0);
    assert_int_equal(options.grace_ns, 5000000000);
    assert_int_equal(stop_options_parse(2, two, &options, &error), -EINVAL);
    assert_string_equal(error.text, "81 is one port too many: name one");
    strbuf_reset(&error);
    assert_int_equal(stop_options_parse(0, argv, &options, &error), -EINVAL);
    strbuf_free(&error);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_in_the_way_is_meant),
        cmocka_unit_test(options_are_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
