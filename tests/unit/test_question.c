// SPDX-License-Identifier: GPL-2.0
/* What users ask about, and what nobody should. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "tests/unit/sample.h"
#include "user/cli/question.h"

static struct question parsed(const char *text)
{
    struct question question;
    struct strbuf error = {0};

    if (question_parse(text, &question, &error))
        fail_msg("%s was refused: %s", text, error.text);
    assert_int_equal(error.length, 0);
    return question;
}

static bool is_at(const struct question *question, struct pt_endpoint expected)
{
    return !question->any_address && !question->localhost &&
           !memcmp(&question->endpoint, &expected, sizeof(expected));
}

static void test_ports(void **state)
{
    struct question question = parsed("8080");

    (void)state;
    assert_true(question.any_address);
    assert_int_equal(question.endpoint.port, 8080);
    assert_int_equal(question.protocol, IPPROTO_TCP);
    assert_int_equal(question.type, SOCK_STREAM);
    assert_int_equal(parsed("1").endpoint.port, 1);
    assert_int_equal(parsed("65535").endpoint.port, 65535);
    assert_int_equal(parsed("00080").endpoint.port, 80);
    assert_true(parsed("*:80").any_address);
    assert_true(parsed(":80").any_address);
    assert_true(parsed("tcp/:80").any_address);
}

static void test_protocols(void **state)
{
    (void)state;
    assert_int_equal(parsed("udp/53").protocol, IPPROTO_UDP);
    assert_int_equal(parsed("UDP/53").type, SOCK_DGRAM);
    assert_int_equal(parsed("udplite/53").protocol, IPPROTO_UDPLITE);
    assert_int_equal(parsed("sctp/53").protocol, IPPROTO_SCTP);
    assert_int_equal(parsed("mptcp/127.0.0.1:53").protocol, 262);
}

static void test_addresses(void **state)
{
    struct question question = parsed("127.0.0.1:80");

    (void)state;
    assert_true(is_at(&question, sample_ipv4("127.0.0.1", 80)));
    question = parsed("udp/[::1]:443");
    assert_true(is_at(&question, sample_ipv6("::1", 443, 0)));
    question = parsed("[fe80::1%eth0]:80");
    assert_true(is_at(&question, sample_ipv6("fe80::1", 80, 0)));
    assert_string_equal(question.scope, "eth0");
    assert_string_equal(question.device, "");
    question = parsed("[::]%blue:80");
    assert_true(is_at(&question, sample_ipv6("::", 80, 0)));
    assert_string_equal(question.device, "blue");
    question = parsed("0.0.0.0%eth0.100:80");
    assert_string_equal(question.device, "eth0.100");
    question = parsed("*%eth0:80");
    assert_true(question.any_address);
    assert_string_equal(question.device, "eth0");
    assert_true(parsed("localhost:80").localhost);
    question = parsed("[::ffff:1.2.3.4]:80");
    assert_true(is_at(&question, sample_ipv6("::ffff:1.2.3.4", 80, 0)));
}

static void test_services(void **state)
{
    struct question question = parsed("http");

    (void)state;
    assert_string_equal(question.service, "http");
    assert_int_equal(question.endpoint.port, 0);
    assert_string_equal(parsed("udp/[::1]:domain").service, "domain");
    assert_string_equal(parsed("3com-tsmux").service, "3com-tsmux");
}

static const char *const wrong[] = {
    "",
    "/",
    "tcp/",
    "/80",
    "tcp//80",
    "tpc/80",
    "tcp/udp/80",
    "0",
    "65536",
    "000080",
    "99999999999999999999",
    "-1",
    "+80",
    " 80",
    "80 ",
    "80\n",
    "8\x1b[31m0",
    "80,81",
    "80-90",
    ":",
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:0",
    "127.0.0.1:80:90",
    "127.0.0:80",
    "127.0.0.256:80",
    "127.0.0.1%:80",
    "127.0.0.1%0123456789abcdef:80",
    "127.0.0.1%a/b:80",
    "127.0.0.1%a%b:80",
    "::1:80",
    "[::1]",
    "[::1]80",
    "[::1]:",
    "[::1",
    "[]:80",
    "[::1]x:80",
    "[::1]%:80",
    "[::g]:80",
    "[fe80::1%]:80",
    "[127.0.0.1]:80",
    "[[::1]]:80",
    "]:80",
    "h\xff",
    "a-service-whose-name-is-much-too-long-to-be-one",
    "\xe2\x80\xae",
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct question question;
        struct strbuf error = {0};

        if (question_parse(wrong[i], &question, &error) != -EINVAL)
            fail_msg("taken: %s", wrong[i]);
        assert_true(error.length > 0);
        for (size_t j = 0; j < error.length; j++)
            assert_in_range((unsigned char)error.text[j], ' ', '~');
        strbuf_free(&error);
    }
}

/* Nothing is written behind what there is room for, however long it is and whatever is in it. */
static void test_hostile(void **state)
{
    static const char alphabet[] = "tcpudp/[]%:.0123456789af*\x1b\xff";
    char text[300];

    (void)state;
    srand(1);
    for (int i = 0; i < 20000; i++) {
        size_t length = (size_t)rand() % (sizeof(text) - 1);
        struct question question;
        struct strbuf error = {0};

        for (size_t j = 0; j < length; j++)
            text[j] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
        text[length] = '\0';
        if (question_parse(text, &question, &error))
            assert_true(error.length > 0);
        strbuf_reset(&error);
        question_parse_address(text, &question, &error);
        strbuf_free(&error);
    }
}

static bool takes_address(const char *text, struct question *question)
{
    struct strbuf error = {0};
    int result = question_parse_address(text, question, &error);

    assert_true(!result == !error.length);
    strbuf_free(&error);
    return !result;
}

static void test_address_alone(void **state)
{
    struct question question = {.any_address = true};

    (void)state;
    assert_true(takes_address("::1", &question));
    assert_true(is_at(&question, sample_ipv6("::1", 0, 0)));
    assert_true(takes_address("[fe80::1%eth0]", &question));
    assert_string_equal(question.scope, "eth0");
    assert_true(takes_address("10.0.0.1%eth1", &question));
    assert_string_equal(question.device, "eth1");
    assert_string_equal(question.scope, "");
    assert_true(takes_address("*", &question));
    assert_true(question.any_address);
    assert_true(takes_address("localhost", &question));
    assert_true(question.localhost && !question.any_address);
    assert_false(takes_address("[]", &question));
    assert_false(takes_address("[", &question));
    assert_false(takes_address("1.2.3", &question));
    assert_false(takes_address("eth0", &question));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ports),         cmocka_unit_test(test_protocols),
        cmocka_unit_test(test_addresses),     cmocka_unit_test(test_services),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_address_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
