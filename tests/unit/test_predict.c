// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/explain_sample.h"

#define ADDR PT_OPTION_REUSEADDR
#define PORT PT_OPTION_REUSEPORT

static struct explanation out;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static struct observation asked(const char *address, uint32_t options)
{
    struct observation seen = sample_bind(address, options);

    seen.error = 0;
    return seen;
}

static void expect(struct observation seen, struct facts facts, int error, enum reason reason)
{
    explain_predict(&seen, &facts);
    assert_int_equal(seen.error, error);
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, reason);
    assert_true(out.confidence != CONFIDENCE_CHECK); /* nobody saw it */
}

static void a_free_port_can_be_bound(void **state)
{
    (void)state;
    expect(asked("0.0.0.0", 0), sample_facts(NULL, 0), 0, 0);
    assert_int_equal(out.sentence.length, 0);
}

static void a_taken_port_cannot(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    expect(asked("0.0.0.0", 0), sample_facts(&holder, 1), EADDRINUSE, REASON_LISTENER);
    assert_ptr_equal(out.holders[0], &holder);
    assert_string_equal(out.check, "inet_csk_get_port");
    holder.seen.gone_ns = 1;
    expect(asked("0.0.0.0", 0), sample_facts(&holder, 1), 0, 0);
}

static void ipv6_asks_for_the_privilege_before_the_address(void **state)
{
    struct observation seen = asked("192.0.2.1", 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.address = ADDRESS_ABSENT;
    seen.requested.port = 80;
    expect(seen, facts, EADDRNOTAVAIL, REASON_ADDRESS_ABSENT);
    seen = asked("2001:db8::1", 0);
    seen.requested.port = 80;
    expect(seen, facts, EACCES, REASON_PRIVILEGED_PORT);
    seen.refusal.flags = PT_REFUSAL_CAPABLE;
    expect(seen, facts, EADDRNOTAVAIL, REASON_ADDRESS_ABSENT);
}

static void what_lets_absent_addresses_pass(void **state)
{
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.address = ADDRESS_ABSENT;
    expect(asked("192.0.2.1", PT_OPTION_FREEBIND), facts, 0, 0);
    expect(asked("192.0.2.1", PT_OPTION_TRANSPARENT), facts, 0, 0);
    facts.nonlocal4 = true;
    expect(asked("192.0.2.1", 0), facts, 0, 0);
    expect(asked("2001:db8::1", 0), facts, EADDRNOTAVAIL, REASON_ADDRESS_ABSENT);
    facts.nonlocal6 = true;
    expect(asked("2001:db8::1", 0), facts, 0, 0);
    facts = sample_facts(NULL, 0);
    facts.address = ADDRESS_TENTATIVE;
    expect(asked("2001:db8::1", 0), facts, EADDRNOTAVAIL, REASON_ADDRESS_TENTATIVE);
}

static void a_privileged_port_that_is_taken_as_well(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    struct observation seen = asked("0.0.0.0", 0);

    (void)state;
    seen.requested.port = holder.seen.local.port = 80;
    expect(seen, sample_facts(&holder, 1), EACCES, REASON_PRIVILEGED_PORT);
    assert_int_equal(out.also, REASON_LISTENER);
    seen.refusal.flags = PT_REFUSAL_CAPABLE;
    expect(seen, sample_facts(&holder, 1), EADDRINUSE, REASON_LISTENER);
}

/* Nobody has made the call, so it has no size of an address. */
static void an_address_of_the_link_needs_its_device(void **state)
{
    struct observation seen = asked("fe80::1", 0);

    (void)state;
    seen.process_known = false;
    seen.address_size = 0;
    expect(seen, sample_facts(NULL, 0), EINVAL, REASON_SCOPE_MISSING);
    assert_help(&out, "ip -6 addr");
    seen.requested = sample_endpoint("ff02::1", SAMPLE_PORT);
    expect(seen, sample_facts(NULL, 0), EINVAL, REASON_WRONG_ADDRESS);
    assert_non_null(strstr(out.sentence.text, "a stream socket cannot have a multicast address"));
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    expect(seen, sample_facts(NULL, 0), EINVAL, REASON_SCOPE_MISSING);
    assert_help(&out, "ip link");
}

static void addresses_that_do_not_fit(void **state)
{
    struct observation seen = asked("::ffff:127.0.0.1", PT_OPTION_V6ONLY);

    (void)state;
    expect(seen, sample_facts(NULL, 0), EINVAL, REASON_WRONG_ADDRESS);
    expect(asked("fe80::1", 0), sample_facts(NULL, 0), EINVAL, REASON_SCOPE_MISSING);
    seen = asked("fe80::1", 0);
    seen.requested.scope_id = 2;
    expect(seen, sample_facts(NULL, 0), 0, 0);
    expect(asked("ff02::1", 0), sample_facts(NULL, 0), EINVAL, REASON_WRONG_ADDRESS);
    seen = asked("127.0.0.1", 0);
    seen.socket.family = AF_INET6;
    seen.address_size = 28;
    expect(seen, sample_facts(NULL, 0), EAFNOSUPPORT, REASON_WRONG_ADDRESS);
    seen = asked("127.0.0.1", 0);
    seen.address_size = 15;
    expect(seen, sample_facts(NULL, 0), EINVAL, REASON_WRONG_ADDRESS);
}

static void the_bind_may_pass_and_the_listen_fail(void **state)
{
    struct holder holders[2] = {sample_holder("0.0.0.0", TCP_CLOSE, ADDR),
                                sample_holder("0.0.0.0", TCP_LISTEN, ADDR)};
    struct observation seen = asked("0.0.0.0", ADDR);
    struct facts facts = sample_facts(holders, 1);

    (void)state;
    seen.op = PT_OP_LISTEN;
    expect(seen, facts, 0, 0);
    holders[0].seen.flags |= PT_HOLDER_BUCKET_KNOWN;
    holders[0].seen.fastreuse = 1;
    holders[0].seen.socket.options = 0; /* set back since */
    explain_predict(&seen, &facts);
    assert_int_equal(seen.error, EADDRINUSE);
    assert_int_equal(seen.op, PT_OP_LISTEN);
    seen = asked("0.0.0.0", ADDR);
    seen.op = PT_OP_LISTEN;
    facts = sample_facts(&holders[1], 1);
    explain_predict(&seen, &facts);
    assert_int_equal(seen.error, EADDRINUSE);
    assert_int_equal(seen.op, PT_OP_BIND);
}

static void datagram_sockets_do_not_listen(void **state)
{
    struct observation seen = asked("0.0.0.0", 0);

    (void)state;
    seen.op = PT_OP_LISTEN;
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    expect(seen, sample_facts(NULL, 0), EOPNOTSUPP, REASON_NOT_SUPPORTED);
}

static void the_youngest_datagram_socket_decides(void **state)
{
    struct holder holders[2] = {sample_holder("0.0.0.0", TCP_CLOSE, ADDR),
                                sample_holder("0.0.0.0", TCP_CLOSE, ADDR | PORT)};
    struct observation seen = asked("0.0.0.0", PORT);

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        holders[i].seen.socket.type = SOCK_DGRAM;
        holders[i].seen.socket.protocol = IPPROTO_UDP;
        holders[i].seen.since_ns = 10 + i;
    }
    seen.process.task.uid = 33;
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    expect(seen, sample_facts(holders, 2), 0, 0);
    holders[0].seen.since_ns = 12;
    expect(seen, sample_facts(holders, 2), EADDRINUSE, REASON_REUSEPORT);
    holders[0].seen.since_ns = 0;
    expect(seen, sample_facts(holders, 2), EADDRINUSE, REASON_REUSEPORT);
}

static void port_0_needs_a_port_that_is_not_reserved(void **state)
{
    static uint64_t reserved[FACTS_PORT_WORDS];
    struct observation seen = asked("0.0.0.0", 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.requested.port = 0;
    facts.reserved = reserved;
    expect(seen, facts, 0, 0);
    memset(reserved, 0xff, sizeof(reserved));
    expect(seen, facts, EADDRINUSE, REASON_RANGE_RESERVED);
    seen.requested.port = 40000; /* who asks for a reserved port gets it */
    expect(seen, facts, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_free_port_can_be_bound, end),
        cmocka_unit_test_teardown(a_taken_port_cannot, end),
        cmocka_unit_test_teardown(ipv6_asks_for_the_privilege_before_the_address, end),
        cmocka_unit_test_teardown(what_lets_absent_addresses_pass, end),
        cmocka_unit_test_teardown(a_privileged_port_that_is_taken_as_well, end),
        cmocka_unit_test_teardown(an_address_of_the_link_needs_its_device, end),
        cmocka_unit_test_teardown(addresses_that_do_not_fit, end),
        cmocka_unit_test_teardown(the_bind_may_pass_and_the_listen_fail, end),
        cmocka_unit_test_teardown(datagram_sockets_do_not_listen, end),
        cmocka_unit_test_teardown(the_youngest_datagram_socket_decides, end),
        cmocka_unit_test_teardown(port_0_needs_a_port_that_is_not_reserved, end),
    };

    return cmocka_run_group_tests_name("predict", tests, NULL, NULL);
}
