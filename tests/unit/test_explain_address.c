// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/explain_sample.h"

static struct explanation out;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static void tell_with(struct observation seen, struct facts facts)
{
    explanation_free(&out);
    explain(&seen, &facts, &out);
}

static void assert_says(const char *part)
{
    assert_non_null(strstr(out.sentence.text, part));
}

static void tell(struct observation seen)
{
    tell_with(seen, sample_facts(NULL, 0));
}

static void entered(struct observation *seen, uint16_t port, uint8_t state)
{
    seen->refusal_known = true;
    seen->refusal.flags = PT_REFUSAL_SOCKET_KNOWN;
    seen->refusal.entry_port = port;
    seen->refusal.entry_state = state;
}

static void the_state_of_the_address_tells_the_reason(void **state)
{
    static const struct {
        enum address_state address;
        enum reason reason;
    } cases[] = {
        {ADDRESS_ABSENT, REASON_ADDRESS_ABSENT},
        {ADDRESS_TENTATIVE, REASON_ADDRESS_TENTATIVE},
        {ADDRESS_DUPLICATE, REASON_ADDRESS_TENTATIVE},
        {ADDRESS_OTHER_VRF, REASON_OTHER_VRF},
        {ADDRESS_OTHER_DEVICE, REASON_OTHER_VRF},
        {ADDRESS_LOCAL, REASON_UNKNOWN},
        {ADDRESS_UNKNOWN, REASON_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct facts facts = sample_facts(NULL, 0);

        facts.address = cases[i].address;
        tell_with(sample_refused("2001:db8::1", EADDRNOTAVAIL), facts);
        assert_reason(&out, cases[i].reason);
    }
}

static void an_address_that_nobody_looked_up(void **state)
{
    struct observation seen = sample_refused("2001:db8::1", EADDRNOTAVAIL);

    (void)state;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_ADDRESS;
    tell(seen);
    assert_reason(&out, REASON_ADDRESS_ABSENT);
    assert_note(&out, "still tentative");
    seen = sample_refused("192.0.2.1", EADDRNOTAVAIL);
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_ADDRESS;
    tell(seen);
    assert_reason(&out, REASON_ADDRESS_ABSENT);
    assert_no_note(&out, "tentative");
    assert_help(&out, "IP_FREEBIND");
}

static void the_device_of_the_address_is_named(void **state)
{
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.address = ADDRESS_OTHER_VRF;
    strcpy(facts.address_device, "red");
    tell_with(sample_refused("192.0.2.1", EADDRNOTAVAIL), facts);
    assert_help(&out, "ip vrf exec red");
    facts.address = ADDRESS_UNKNOWN;
    tell_with(sample_refused("fe80::1", EINVAL), facts);
    assert_reason(&out, REASON_SCOPE_MISSING);
    assert_help(&out, "fe80::1%red");
}

static void an_invalid_bind_has_many_causes(void **state)
{
    struct observation seen = sample_refused("fe80::1", EINVAL);

    (void)state;
    tell(seen);
    assert_reason(&out, REASON_SCOPE_MISSING);
    seen.requested.scope_id = 2;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen.requested.scope_id = 0;
    seen.socket.device_ifindex = 2;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    tell(sample_refused("ff02::1", EINVAL));
    assert_reason(&out, REASON_WRONG_ADDRESS);
    seen = sample_refused("::ffff:127.0.0.1", EINVAL);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen.socket.options = PT_OPTION_V6ONLY;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
}

static void sizes_of_addresses(void **state)
{
    static const struct {
        const char *address;
        uint32_t size;
        enum reason reason;
    } cases[] = {
        {"127.0.0.1", 15, REASON_WRONG_ADDRESS},   {"127.0.0.1", 16, REASON_UNKNOWN},
        {"127.0.0.1", 128, REASON_UNKNOWN},        {"127.0.0.1", 129, REASON_WRONG_ADDRESS},
        {"::1", 23, REASON_WRONG_ADDRESS},         {"::1", 24, REASON_UNKNOWN},
        {"::1", UINT32_MAX, REASON_WRONG_ADDRESS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct observation seen = sample_refused(cases[i].address, EINVAL);

        seen.address_size = cases[i].size;
        tell(seen);
        assert_reason(&out, cases[i].reason);
    }
}

static void what_the_socket_was_before(void **state)
{
    struct observation seen = sample_refused("127.0.0.1", EINVAL);

    (void)state;
    entered(&seen, 9000, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_ALREADY_BOUND);
    assert_note(&out, "the socket had port 9000");
    entered(&seen, 0, TCP_SYN_SENT);
    tell(seen);
    assert_reason(&out, REASON_SOCKET_STATE);
    entered(&seen, 0, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen.op = PT_OP_LISTEN;
    entered(&seen, 9000, TCP_ESTABLISHED);
    tell(seen);
    assert_reason(&out, REASON_SOCKET_STATE);
}

static void errnos_that_say_it_all(void **state)
{
    static const struct {
        int error;
        enum reason reason;
    } cases[] = {
        {EBADF, REASON_BAD_ARGUMENT},
        {ENOTSOCK, REASON_BAD_ARGUMENT},
        {EFAULT, REASON_BAD_ARGUMENT},
        {ENODEV, REASON_SCOPE_WRONG},
        {EAFNOSUPPORT, REASON_WRONG_ADDRESS},
        {EOPNOTSUPP, REASON_NOT_SUPPORTED},
        {ENOMEM, REASON_UNKNOWN},
        {ENOBUFS, REASON_UNKNOWN},
        {4095, REASON_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct observation seen = sample_refused("127.0.0.1", cases[i].error);

        seen.stage = PT_STAGE_PROTOCOL;
        tell(seen);
        assert_reason(&out, cases[i].reason);
    }
    assert_non_null(strstr(out.sentence.text, "errno 4095"));
}

static void a_family_that_fits_was_refused_by_somebody_else(void **state)
{
    struct observation seen = sample_refused("127.0.0.1", EAFNOSUPPORT);

    (void)state;
    seen.stage = PT_STAGE_UNKNOWN;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen.socket.family = AF_INET6;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("the socket is ipv6 and the address ipv4");
}

static void a_datagram_socket_cannot_listen(void **state)
{
    struct observation seen = sample_refused("127.0.0.1", EOPNOTSUPP);

    (void)state;
    seen.op = PT_OP_LISTEN;
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    tell(seen);
    assert_reason(&out, REASON_NOT_SUPPORTED);
    assert_non_null(strstr(out.sentence.text, "a udp socket cannot listen"));
}

/* What is said is of the device that would have the address. */
static void ipv6_may_be_disabled(void **state)
{
    struct observation seen = sample_refused_connect("::1", EADDRNOTAVAIL);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    entered(&seen, 0, TCP_CLOSE);
    seen.refusal.check = PT_CHECK_SOURCE;
    facts.disabled6 = true;
    tell_with(seen, facts);
    assert_no_note(&out, "disabled");
    facts.lo_disabled6 = facts.lo_down = true;
    tell_with(seen, facts);
    assert_note(&out, "IPv6 is disabled there (net.ipv6.conf.lo.disable_ipv6)");
    assert_help(&out, "sysctl -w net.ipv6.conf.lo.disable_ipv6=0");
    assert_help(&out, "ip link set lo up");
    seen.requested = sample_endpoint("2001:db8::1", 8080);
    tell_with(seen, facts);
    assert_help(&out, "sysctl -w net.ipv6.conf.all.disable_ipv6=0");
    assert_no_help(&out, "ip link set lo up");
    seen = sample_refused("::1", EADDRNOTAVAIL);
    facts.address = ADDRESS_ABSENT;
    tell_with(seen, facts);
    assert_reason(&out, REASON_ADDRESS_ABSENT);
    assert_note(&out, "IPv6 is disabled there");
    seen = sample_refused("127.0.0.1", EADDRNOTAVAIL);
    tell_with(seen, facts);
    assert_no_note(&out, "IPv6");
}

static void an_address_is_added_anew_without_detection(void **state)
{
    struct observation seen = sample_bind("2001:db8::5", 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.error = EADDRNOTAVAIL;
    facts.address = ADDRESS_TENTATIVE;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_help(&out, "ip addr del 2001:db8::5/LENGTH dev DEVICE && "
                      "ip addr add 2001:db8::5/LENGTH dev DEVICE nodad");
    strcpy(facts.address_device, "eth0");
    strcpy(facts.netns_name, "blue");
    facts.netns_elsewhere = true;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_help(&out, "ip netns exec blue ip addr del 2001:db8::5/LENGTH dev eth0 && "
                      "ip netns exec blue ip addr add 2001:db8::5/LENGTH dev eth0 nodad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_state_of_the_address_tells_the_reason, end),
        cmocka_unit_test_teardown(an_address_that_nobody_looked_up, end),
        cmocka_unit_test_teardown(the_device_of_the_address_is_named, end),
        cmocka_unit_test_teardown(an_invalid_bind_has_many_causes, end),
        cmocka_unit_test_teardown(sizes_of_addresses, end),
        cmocka_unit_test_teardown(what_the_socket_was_before, end),
        cmocka_unit_test_teardown(errnos_that_say_it_all, end),
        cmocka_unit_test_teardown(a_family_that_fits_was_refused_by_somebody_else, end),
        cmocka_unit_test_teardown(a_datagram_socket_cannot_listen, end),
        cmocka_unit_test_teardown(ipv6_may_be_disabled, end),
        cmocka_unit_test_teardown(an_address_is_added_anew_without_detection, end),
    };

    return cmocka_run_group_tests_name("explain address", tests, NULL, NULL);
}
