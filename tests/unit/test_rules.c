// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/explain_sample.h"
#include "user/explain/rules.h"

#define ADDR PT_OPTION_REUSEADDR
#define PORT PT_OPTION_REUSEPORT
#define ONLY PT_OPTION_V6ONLY

static struct rules_asker asker(const char *address, uint32_t options)
{
    return (struct rules_asker){.op = PT_OP_BIND,
                                .family = sample_family(address),
                                .type = SOCK_STREAM,
                                .protocol = IPPROTO_TCP,
                                .wanted = sample_endpoint(address, SAMPLE_PORT),
                                .options = options,
                                .uid = 33};
}

static struct pt_holder holder(const char *address, uint8_t state, uint32_t options)
{
    return sample_holder(address, state, options).seen;
}

static bool conflict(struct rules_asker asks, struct pt_holder holds)
{
    return rules_conflict(&asks, &holds);
}

static void addresses_overlap_as_the_kernel_has_it(void **state)
{
    static const struct {
        const char *asks;
        uint32_t asks_options;
        const char *holds;
        uint32_t holds_options;
        bool conflict;
    } cases[] = {
        {"0.0.0.0", 0, "0.0.0.0", 0, true},
        {"127.0.0.1", 0, "0.0.0.0", 0, true},
        {"0.0.0.0", 0, "127.0.0.1", 0, true},
        {"127.0.0.1", 0, "127.0.0.1", 0, true},
        {"127.0.0.1", 0, "127.0.0.2", 0, false},
        {"::", 0, "::", 0, true},
        {"::", ONLY, "::", ONLY, true},
        {"::", 0, "::1", ONLY, true},
        {"::1", 0, "::", 0, true},
        {"::1", 0, "fe80::1", 0, false},
        {"::", 0, "0.0.0.0", 0, true},
        {"0.0.0.0", 0, "::", 0, true},
        {"0.0.0.0", 0, "::", ONLY, false},
        {"::", ONLY, "0.0.0.0", 0, false},
        {"127.0.0.1", 0, "::", 0, true},
        {"127.0.0.1", 0, "::", ONLY, false},
        {"::1", 0, "0.0.0.0", 0, false},
        {"0.0.0.0", 0, "::1", ONLY, false},
        {"0.0.0.0", 0, "::1", 0, false}, /* only bound, so it has become V6ONLY */
        {"::ffff:127.0.0.1", 0, "127.0.0.1", 0, true},
        {"127.0.0.1", 0, "::ffff:127.0.0.1", 0, true},
        {"::ffff:127.0.0.1", 0, "127.0.0.2", 0, false},
        {"::ffff:127.0.0.1", 0, "::", ONLY, false},
        {"::ffff:0.0.0.0", 0, "127.0.0.1", 0, true},
        {"::ffff:0.0.0.0", 0, "::1", ONLY, false},
        {"::", 0, "::ffff:127.0.0.1", 0, true},
        {"::", ONLY, "::ffff:127.0.0.1", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules_asker asks = asker(cases[i].asks, cases[i].asks_options);
        struct pt_holder holds = holder(cases[i].holds, TCP_CLOSE, cases[i].holds_options);

        assert_int_equal(rules_overlap(&asks, &holds), cases[i].conflict);
        assert_int_equal(rules_conflict(&asks, &holds), cases[i].conflict);
    }
}

static void options_of_tcp_are_shared_as_the_kernel_has_it(void **state)
{
    static const struct {
        uint32_t asks;
        uint32_t holds;
        uint8_t state;
        bool conflict;
    } cases[] = {
        {0, 0, TCP_CLOSE, true},
        {ADDR, 0, TCP_CLOSE, true},
        {0, ADDR, TCP_CLOSE, true},
        {ADDR, ADDR, TCP_CLOSE, false},
        {ADDR, ADDR, TCP_LISTEN, true},
        {ADDR, ADDR, TCP_ESTABLISHED, false},
        {ADDR, ADDR, TCP_TIME_WAIT, false},
        {ADDR, 0, TCP_TIME_WAIT, true},
        {PORT, PORT, TCP_CLOSE, false},
        {PORT, PORT, TCP_LISTEN, false},
        {PORT, 0, TCP_LISTEN, true},
        {0, PORT, TCP_LISTEN, true},
        {ADDR | PORT, ADDR, TCP_LISTEN, true},
        {ADDR, ADDR | PORT, TCP_CLOSE, false},
        {PORT, ADDR, TCP_CLOSE, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(conflict(asker("0.0.0.0", cases[i].asks),
                                  holder("0.0.0.0", cases[i].state, cases[i].holds)),
                         cases[i].conflict);
}

static void ports_are_shared_by_the_same_user_only(void **state)
{
    struct rules_asker asks = asker("0.0.0.0", PORT);
    struct pt_holder holds = holder("0.0.0.0", TCP_LISTEN, PORT);

    (void)state;
    asks.uid = 34;
    assert_true(conflict(asks, holds));
    holds.socket.state = TCP_TIME_WAIT; /* belongs to nobody */
    assert_false(conflict(asks, holds));
    asks.uid = 33;
    holds = holder("0.0.0.0", TCP_LISTEN, PORT);
    holds.flags &= ~(__u32)PT_HOLDER_UID_KNOWN;
    holds.uid = 77;
    assert_false(conflict(asks, holds)); /* then the owner's */
    holds.flags = 0;
    assert_true(conflict(asks, holds)); /* not known: it was refused */
}

static void devices_keep_sockets_apart(void **state)
{
    struct rules_asker asks = asker("0.0.0.0", 0);
    struct pt_holder holds = holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    asks.device_ifindex = 2;
    assert_true(conflict(asks, holds));
    holds.socket.device_ifindex = 2;
    assert_true(conflict(asks, holds));
    holds.socket.device_ifindex = 3;
    assert_false(conflict(asks, holds));
    asks.device_ifindex = 0;
    assert_true(conflict(asks, holds));
}

static void the_scope_is_the_device_of_a_link_local_address(void **state)
{
    struct rules_asker asks = asker("fe80::1", 0);
    struct pt_holder holds = holder("fe80::1", TCP_LISTEN, ONLY);

    (void)state;
    asks.wanted.scope_id = 2;
    holds.socket.device_ifindex = 3;
    assert_false(conflict(asks, holds));
    asks.wanted.scope_id = 3;
    assert_true(conflict(asks, holds));
    asks = asker("2001:db8::1", 0);
    asks.wanted.scope_id = 2; /* means nothing there */
    holds.local = asks.wanted;
    assert_true(conflict(asks, holds));
}

static void datagrams_go_by_either_option(void **state)
{
    static const struct {
        uint32_t asks, holds;
        bool conflict;
    } cases[] = {{0, 0, true},        {ADDR, ADDR, false}, {ADDR, 0, true},
                 {PORT, PORT, false}, {PORT, ADDR, true},  {ADDR | PORT, PORT, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rules_asker asks = asker("0.0.0.0", cases[i].asks);
        struct pt_holder holds = holder("0.0.0.0", TCP_CLOSE, cases[i].holds);

        asks.type = holds.socket.type = SOCK_DGRAM;
        asks.protocol = holds.socket.protocol = IPPROTO_UDP;
        assert_int_equal(conflict(asks, holds), cases[i].conflict);
    }
}

static void protocols_meet_only_their_own(void **state)
{
    struct pt_holder holds = holder("0.0.0.0", TCP_LISTEN, 0);
    struct rules_asker asks = asker("0.0.0.0", 0);

    (void)state;
    asks.protocol = 262; /* MPTCP */
    assert_true(conflict(asks, holds));
    asks.protocol = IPPROTO_SCTP;
    assert_false(conflict(asks, holds));
    asks.type = SOCK_DGRAM;
    asks.protocol = IPPROTO_UDP;
    assert_false(conflict(asks, holds));
    holds.socket.protocol = IPPROTO_UDPLITE;
    assert_false(conflict(asks, holds));
    asks.protocol = IPPROTO_UDPLITE;
    assert_true(conflict(asks, holds));
    asks.type = holds.socket.type = SOCK_RAW;
    assert_false(conflict(asks, holds));
}

static void what_is_elsewhere_is_not_in_the_way(void **state)
{
    struct rules_asker asks = asker("0.0.0.0", 0);
    struct pt_holder holds = holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holds.local.port = 8081;
    assert_false(conflict(asks, holds));
    holds = holder("0.0.0.0", TCP_LISTEN, 0);
    asks.netns = 1;
    holds.task.netns = 2;
    assert_false(conflict(asks, holds));
    asks.netns = 0;
    assert_true(conflict(asks, holds));
    asks.wanted.port = holds.local.port = 0;
    assert_false(conflict(asks, holds));
}

static void no_client_of_the_port_is_in_the_way(void **state)
{
    struct pt_holder client = holder("127.0.0.1", TCP_ESTABLISHED, 0);

    (void)state;
    client.peer = client.local;
    client.local.port = 54321;
    assert_false(conflict(asker("127.0.0.1", 0), client));
}

static void no_socket_is_in_its_own_way(void **state)
{
    struct rules_asker asks = asker("0.0.0.0", 0);
    struct pt_holder holds = holder("0.0.0.0", TCP_CLOSE, 0);

    (void)state;
    asks.inode = holds.socket.inode = 4711;
    assert_false(conflict(asks, holds));
    holds.socket.inode = 4712;
    assert_true(conflict(asks, holds));
    asks.inode = holds.socket.inode = 0; /* of orphans */
    assert_true(conflict(asks, holds));
}

static void a_request_for_a_connection_holds_no_port(void **state)
{
    (void)state;
    assert_false(conflict(asker("0.0.0.0", 0), holder("127.0.0.1", 12, 0)));
}

static void an_outgoing_ipv6_connection_takes_ipv4_too(void **state)
{
    struct pt_holder holds = holder("::1", TCP_ESTABLISHED, 0);

    (void)state;
    assert_true(conflict(asker("0.0.0.0", 0), holds));
    assert_false(conflict(asker("127.0.0.1", 0), holds));
    holds.socket.options = ONLY;
    assert_false(conflict(asker("0.0.0.0", 0), holds));
}

static void the_bucket_remembers_reuseaddr(void **state)
{
    struct rules_asker asks = asker("0.0.0.0", ADDR);
    struct pt_holder holds = holder("0.0.0.0", TCP_CLOSE, 0);

    (void)state;
    holds.fastreuse = 1;
    assert_true(conflict(asks, holds)); /* was not read */
    holds.flags |= PT_HOLDER_BUCKET_KNOWN;
    assert_false(conflict(asks, holds));
    asks.op = PT_OP_LISTEN;
    assert_true(conflict(asks, holds));
    asks.op = PT_OP_BIND;
    holds.fastreuse = -1;
    assert_true(conflict(asks, holds));
}

static void ping_sockets_look_at_no_address(void **state)
{
    struct rules_asker asks = asker("127.0.0.1", 0);
    struct pt_holder holds = holder("127.0.0.2", TCP_CLOSE, ADDR);

    (void)state;
    asks.type = holds.socket.type = SOCK_DGRAM;
    asks.protocol = holds.socket.protocol = IPPROTO_ICMP;
    assert_true(conflict(asks, holds));
    asks.options = ADDR;
    assert_false(conflict(asks, holds));
}

static void one_mapped_bind_passes_in_some_kernels(void **state)
{
    struct rules_asker asks = asker("::ffff:127.0.0.1", 0);
    struct pt_holder holds = holder("::ffff:0.0.0.0", TCP_CLOSE, 0);

    (void)state;
    assert_true(conflict(asks, holds));
    asks.kernel_major = 6;
    asks.kernel_minor = 1;
    assert_false(conflict(asks, holds));
    asks.kernel_minor = 12;
    assert_true(conflict(asks, holds));
    asks.kernel_major = 5;
    asks.kernel_minor = 10;
    assert_true(conflict(asks, holds));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_overlap_as_the_kernel_has_it),
        cmocka_unit_test(options_of_tcp_are_shared_as_the_kernel_has_it),
        cmocka_unit_test(ports_are_shared_by_the_same_user_only),
        cmocka_unit_test(devices_keep_sockets_apart),
        cmocka_unit_test(the_scope_is_the_device_of_a_link_local_address),
        cmocka_unit_test(datagrams_go_by_either_option),
        cmocka_unit_test(protocols_meet_only_their_own),
        cmocka_unit_test(what_is_elsewhere_is_not_in_the_way),
        cmocka_unit_test(no_client_of_the_port_is_in_the_way),
        cmocka_unit_test(no_socket_is_in_its_own_way),
        cmocka_unit_test(a_request_for_a_connection_holds_no_port),
        cmocka_unit_test(an_outgoing_ipv6_connection_takes_ipv4_too),
        cmocka_unit_test(the_bucket_remembers_reuseaddr),
        cmocka_unit_test(ping_sockets_look_at_no_address),
        cmocka_unit_test(one_mapped_bind_passes_in_some_kernels),
    };

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
