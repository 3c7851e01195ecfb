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

static struct observation connect_from(const char *local, const char *address, int error)
{
    struct observation seen = sample_refused_connect(address, error);

    seen.stage = PT_STAGE_PROTOCOL;
    seen.local = sample_endpoint(local, 9000);
    return seen;
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

/* What the kernel reads as IPv4 was not called so by the caller, or it would not be refused. */
static void no_family_is_that_of_one_address(void **state)
{
    struct observation seen = sample_refused("127.0.0.1", EAFNOSUPPORT);

    (void)state;
    seen.stage = PT_STAGE_PROTOCOL;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("an address of family AF_UNSPEC has to be 0.0.0.0");
    assert_help(&out, "sin_family");
    assert_no_help(&out, "create the socket");
    seen = sample_refused_connect("127.0.0.1", EAFNOSUPPORT);
    seen.stage = PT_STAGE_PROTOCOL;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("the address does not fit the socket");
}

static void what_is_bound_to_loopback_cannot_leave(void **state)
{
    static const struct {
        const char *from, *to;
        const char *route;
    } cases[] = {
        {"127.0.0.1", "192.0.2.1", "ip route get 192.0.2.1 from 127.0.0.1 (Invalid"},
        {"::ffff:127.0.0.9", "::ffff:192.0.2.1", "ip route get 192.0.2.1 from 127.0.0.9 (Invalid"},
    };
    struct facts facts = sample_facts(NULL, 0);
    struct observation seen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        seen = connect_from(cases[i].from, cases[i].to, EINVAL);
        tell(seen);
        assert_reason(&out, REASON_UNREACHABLE);
        assert_says("the socket is bound to ");
        assert_says(", which cannot leave this host");
        assert_help(&out, cases[i].route);
        assert_no_note(&out, "blackhole");
    }
    entered(&seen, 9000, TCP_ESTABLISHED);
    tell(seen);
    assert_says("the socket is connected already, from ::ffff:127.0.0.9, which cannot");
    facts.address = ADDRESS_LOCAL;
    tell_with(seen, facts);
    assert_note(&out, "blackhole");
    tell(connect_from("192.0.2.2", "192.0.2.1", EINVAL));
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "blackhole");
    assert_help(&out, "ip route get 192.0.2.1 from 192.0.2.2 (");
    tell(connect_from("0.0.0.0", "192.0.2.1", EINVAL));
    assert_help(&out, "ip route get 192.0.2.1 (");
    seen = connect_from("127.0.0.1", "192.0.2.1", EINVAL);
    seen.socket.protocol = IPPROTO_SCTP;
    tell(seen);
    assert_note(&out, "blackhole");
}

/* Over IPv6 the packets go out, and no answer comes back. */
static void what_is_bound_to_loopback_gets_no_answer(void **state)
{
    (void)state;
    tell(connect_from("::1", "2001:db8::1", ETIMEDOUT));
    assert_reason(&out, REASON_TIMED_OUT);
    assert_note(&out, "the socket is bound to ::1, to which no other host sends an answer");
    tell(connect_from("127.0.0.1", "192.0.2.1", ENETUNREACH));
    assert_reason(&out, REASON_UNREACHABLE);
    assert_note(&out, "the socket is bound to 127.0.0.1");
    assert_help(&out, "ip route get 192.0.2.1 from 127.0.0.1");
    tell(connect_from("::1", "::1", ETIMEDOUT));
    assert_no_note(&out, "bound to");
    tell(connect_from("2001:db8::2", "2001:db8::1", ETIMEDOUT));
    assert_no_note(&out, "bound to");
}

static void a_mapped_peer_does_not_go_with_v6only(void **state)
{
    struct observation seen = connect_from("::", "::ffff:127.0.0.1", ENETUNREACH);

    (void)state;
    tell(seen);
    assert_reason(&out, REASON_UNREACHABLE);
    seen.socket.options = PT_OPTION_V6ONLY;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("an IPv4-mapped address does not go with V6ONLY");
    assert_help(&out, "turn IPV6_V6ONLY off");
    assert_no_help(&out, "ip route get");
    seen.local = sample_endpoint("::1", 9000);
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("the socket is bound to ::1, which does not go with an IPv4-mapped address");
    assert_no_help(&out, "V6ONLY");
    seen.requested = sample_endpoint("2001:db8::1", 8080);
    tell(seen);
    assert_reason(&out, REASON_UNREACHABLE);
}

static void a_mapped_source_reaches_ipv4_only(void **state)
{
    struct observation seen = connect_from("::ffff:127.0.0.1", "::1", EAFNOSUPPORT);

    (void)state;
    tell(seen);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("the socket is bound to ::ffff:127.0.0.1, which reaches IPv4 only");
    assert_no_help(&out, "create the socket");
}

static void a_stream_cannot_go_to_many(void **state)
{
    static const struct {
        const char *peer;
        const char *kind;
    } cases[] = {
        {"224.0.0.1", "multicast"},
        {"ff02::1", "multicast"},
        {"::ffff:224.0.0.1", "multicast"},
        {"255.255.255.255", "broadcast"},
    };
    struct facts facts = sample_facts(NULL, 0);
    struct observation seen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tell(sample_refused_connect(cases[i].peer, ENETUNREACH));
        assert_reason(&out, REASON_WRONG_ADDRESS);
        assert_says(cases[i].kind);
        assert_help(&out, "use a datagram socket");
    }
    facts.address = ADDRESS_MULTICAST; /* as of any address where there is no table of them */
    tell_with(sample_refused_connect("192.0.2.255", ENETUNREACH), facts);
    assert_reason(&out, REASON_UNREACHABLE);
    strcpy(facts.address_device, "eth0");
    tell_with(sample_refused_connect("192.0.2.255", ENETUNREACH), facts);
    assert_reason(&out, REASON_WRONG_ADDRESS);
    assert_says("a stream socket cannot connect to a broadcast address");
    seen = sample_refused_connect("224.0.0.1", ENETUNREACH);
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    tell(seen);
    assert_reason(&out, REASON_UNREACHABLE);
    tell(sample_refused_connect("224.0.0.1", EHOSTUNREACH));
    assert_reason(&out, REASON_UNREACHABLE);
}

static void the_way_is_asked_for_as_the_socket_goes(void **state)
{
    struct observation seen = connect_from("192.0.2.2", "192.0.2.1", EHOSTUNREACH);

    (void)state;
    strcpy(seen.socket.device, "eth0");
    tell(seen);
    assert_help(&out, "ip route get 192.0.2.1 from 192.0.2.2 oif eth0");
    seen = sample_refused_connect("fe80::1", EHOSTUNREACH);
    seen.requested.scope_id = 2;
    strcpy(seen.socket.device, "eth0");
    tell(seen);
    assert_help(&out, "ip route get fe80::1 oif if2");
}

static void connect_without_a_local_port(void **state)
{
    static uint64_t reserved[FACTS_PORT_WORDS];
    struct observation seen = sample_refused_connect("192.0.2.1", EADDRNOTAVAIL);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN); /* nobody saw whether it had a port */
    entered(&seen, 9000, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_DUPLICATE_CONNECTION);
    entered(&seen, 0, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_CONNECT_EXHAUSTED);
    assert_help(&out, "IP_BIND_ADDRESS_NO_PORT");
    assert_help(&out, "ss -Htan \"dst 192.0.2.1:8080\" (if these are many: keep connections");
    memset(reserved, 0xff, sizeof(reserved));
    facts.reserved = reserved;
    tell_with(seen, facts);
    assert_reason(&out, REASON_RANGE_RESERVED);
    assert_no_help(&out, "keep connections");
    assert_no_note(&out, "each connection");
    assert_help(&out, "ip_local_port_range");
}

/* Where the kernel does so already it is not proposed. */
static void what_is_in_time_wait_can_be_used_again(void **state)
{
    static const struct {
        const char *peer;
        unsigned int reuse;
        bool proposed;
    } cases[] = {
        {"192.0.2.1", 0, true},         {"192.0.2.1", 1, false},       {"192.0.2.1", 2, true},
        {"127.0.0.1", 0, true},         {"127.0.0.1", 2, false},       {"::1", 2, false},
        {"::ffff:127.0.0.1", 2, false}, {"::ffff:192.0.2.1", 2, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct observation seen = sample_refused_connect(cases[i].peer, EADDRNOTAVAIL);
        struct facts facts = sample_facts(NULL, 0);

        entered(&seen, 0, TCP_CLOSE);
        seen.refusal.check = PT_CHECK_CONNECT;
        facts.tcp_tw_reuse = cases[i].reuse;
        tell_with(seen, facts);
        assert_reason(&out, REASON_CONNECT_EXHAUSTED);
        assert_int_equal(
            sample_says(out.helps, out.help_count, "tcp_tw_reuse=1 (if many of these "),
            cases[i].proposed);
    }
}

static void connect_over_ipv6_may_lack_a_source(void **state)
{
    struct observation seen = sample_refused_connect("2001:db8::1", EADDRNOTAVAIL);

    (void)state;
    entered(&seen, 0, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "no IPv6 address");
    seen.refusal.check = PT_CHECK_CONNECT;
    tell(seen);
    assert_reason(&out, REASON_CONNECT_EXHAUSTED);
    assert_int_equal(out.confidence, CONFIDENCE_CHECK);
    seen.refusal.check = PT_CHECK_SOURCE;
    tell(seen);
    assert_reason(&out, REASON_UNREACHABLE);
    assert_int_equal(out.confidence, CONFIDENCE_CHECK);
    assert_string_equal(out.check, "ipv6_dev_get_saddr");
    seen.local = sample_endpoint("2001:db8::2", 9000);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen = sample_refused_connect("::1", EADDRNOTAVAIL);
    entered(&seen, 0, TCP_CLOSE);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "no IPv6 address");
}

/* The kernel's own check says which of the two it was; a source that is bound can be no question.
 */
static void a_bound_connect_over_ipv6_may_lack_a_source(void **state)
{
    struct observation seen = sample_refused_connect("2001:db8::1", EADDRNOTAVAIL);

    (void)state;
    entered(&seen, 9000, TCP_CLOSE);
    seen.local = sample_endpoint("::", 9000);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "such a connection, or this host has no IPv6 address");
    seen.local = sample_endpoint("2001:db8::2", 9000);
    tell(seen);
    assert_reason(&out, REASON_DUPLICATE_CONNECTION);
    seen.local = sample_endpoint("::", 9000);
    seen.refusal.check = PT_CHECK_CONNECT;
    tell(seen);
    assert_reason(&out, REASON_DUPLICATE_CONNECTION);
    assert_note(&out, "one in TIME_WAIT counts if it was without TCP timestamps");
}

static void a_datagram_socket_has_no_connection_twice(void **state)
{
    struct observation seen = sample_refused_connect("2001:db8::1", EADDRNOTAVAIL);

    (void)state;
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    for (uint16_t port = 0; port < 2; port++) {
        entered(&seen, port, TCP_CLOSE);
        tell(seen);
        assert_reason(&out, REASON_UNREACHABLE);
        assert_non_null(strstr(out.sentence.text, "no IPv6 address to reach it from"));
        assert_help(&out, "ip -6 addr");
    }
    seen.requested = sample_endpoint("192.0.2.1", 8080);
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
}

static void answers_of_the_net(void **state)
{
    static const struct {
        int error;
        enum reason reason;
    } cases[] = {
        {ECONNREFUSED, REASON_NOBODY_LISTENS}, {ENETUNREACH, REASON_UNREACHABLE},
        {EHOSTUNREACH, REASON_UNREACHABLE},    {ETIMEDOUT, REASON_TIMED_OUT},
        {ECONNRESET, REASON_UNKNOWN},          {EISCONN, REASON_SOCKET_STATE},
        {ECONNABORTED, REASON_SOCKET_STATE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tell(sample_refused_connect("192.0.2.1", cases[i].error));
        assert_reason(&out, cases[i].reason);
        assert_non_null(strstr(out.sentence.text, "cannot connect to 192.0.2.1:8080/tcp: "));
    }
}

static void an_invalid_connect_may_be_a_blackhole(void **state)
{
    struct observation seen = sample_refused_connect("192.0.2.1", EINVAL);

    (void)state;
    seen.stage = PT_STAGE_PROTOCOL;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "type blackhole");
    assert_help(&out, "ip route get 192.0.2.1 (Invalid argument");
    seen.address_size = 15;
    tell(seen);
    assert_no_note(&out, "blackhole");
    seen.address_size = 16;
    seen.stage = PT_STAGE_UNKNOWN;
    tell(seen);
    assert_no_note(&out, "blackhole");
}

static void a_listener_on_another_address_is_told(void **state)
{
    struct observation seen = sample_refused_connect("::1", ECONNREFUSED);
    struct holder listener = sample_holder("127.0.0.1", TCP_LISTEN, 0);
    struct facts facts = sample_facts(&listener, 1);

    (void)state;
    seen.socket.family = AF_INET6;
    tell_with(seen, facts);
    assert_reason(&out, REASON_NOBODY_LISTENS);
    assert_int_equal(out.holder_count, 0);
    assert_note(&out, "node (pid 1188) listens on 127.0.0.1:8080, which does not serve ::1");
    assert_help(&out, "connect to 127.0.0.1:8080, or let it listen on ::1 too");
    assert_no_help(&out, "ss -Hltn");
    listener = sample_holder("::1", TCP_LISTEN, 0);
    tell_with(seen, facts);
    assert_help(&out, "try again");
    listener = sample_holder("127.0.0.1", TCP_CLOSE, 0);
    tell_with(seen, facts);
    assert_help(&out, "ss -Hltn");
    listener = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    tell_with(seen, facts);
    assert_note(&out, "listens on 0.0.0.0:8080, which does not serve ::1");
    assert_help(&out, "connect to 127.0.0.1:8080, or let it listen on ::1 too");
    listener = sample_holder("::", TCP_LISTEN, PT_OPTION_V6ONLY);
    tell_with(sample_refused_connect("127.0.0.1", ECONNREFUSED), facts);
    assert_note(&out, "listens on [::]:8080, which does not serve 127.0.0.1");
    assert_help(&out, "connect to [::1]:8080, or let it listen on 127.0.0.1 too");
    listener = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    listener.seen.socket.device_ifindex = 2;
    strcpy(listener.seen.socket.device, "eth0");
    tell_with(sample_refused_connect("127.0.0.1", ECONNREFUSED), facts);
    assert_note(&out, "listens on 0.0.0.0%eth0:8080, which does not serve 127.0.0.1");
    assert_help(&out, "without SO_BINDTODEVICE");
}

static void who_has_the_port_and_does_not_listen_is_told(void **state)
{
    struct observation seen = sample_refused_connect("127.0.0.1", ECONNREFUSED);
    struct holder holders[2] = {sample_holder("0.0.0.0", TCP_CLOSE, 0),
                                sample_holder("::1", TCP_LISTEN, 0)};
    struct facts facts = sample_facts(holders, 1);

    (void)state;
    tell_with(seen, facts);
    assert_reason(&out, REASON_NOBODY_LISTENS);
    assert_note(&out, "node (pid 1188) has the port, but does not listen yet");
    assert_help(&out, "listen()");
    assert_no_help(&out, "start the server");
    facts.holders.count = 2;
    tell_with(seen, facts);
    assert_note(&out, "node (pid 1188) listens on [::1]:8080");
    facts.holders.count = 1;
    holders[0] = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);
    tell_with(seen, facts);
    assert_help(&out, "start the server");
    holders[0] = sample_holder("127.0.0.2", TCP_CLOSE, 0);
    tell_with(seen, facts);
    assert_help(&out, "start the server");
    holders[0] = sample_holder("127.0.0.1", TCP_CLOSE, 0);
    holders[0].seen.socket.inode = seen.socket.inode = 7;
    tell_with(seen, facts);
    assert_help(&out, "start the server");
    seen.socket = sample_socket("127.0.0.1", TCP_CLOSE, 0);
    seen.socket.type = holders[0].seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = holders[0].seen.socket.protocol = IPPROTO_UDP;
    tell_with(seen, facts);
    assert_no_note(&out, "does not listen");
}

/* What this host itself does not answer, nobody on the way has dropped. */
static void a_listener_that_does_not_accept_is_told(void **state)
{
    struct observation seen = sample_refused_connect("127.0.0.1", ETIMEDOUT);
    struct holder listener = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    struct facts facts = sample_facts(&listener, 1);

    (void)state;
    tell_with(seen, facts);
    assert_reason(&out, REASON_TIMED_OUT);
    assert_int_equal(out.holder_count, 0);
    assert_note(&out, "node (pid 1188) listens on 0.0.0.0:8080: its queue");
    assert_no_note(&out, "the peer is down");
    assert_help(&out, "ss -Hltn \"sport = :8080\" (Recv-Q above Send-Q: ");
    assert_help(&out, "net.core.somaxconn");
    listener.seen.socket.device_ifindex = 2;
    tell_with(seen, facts);
    assert_note(&out, "the peer is down");
    listener = sample_holder("127.0.0.2", TCP_LISTEN, 0);
    tell_with(seen, facts);
    assert_note(&out, "the peer is down");
    listener = sample_holder("127.0.0.1", TCP_CLOSE, 0);
    tell_with(seen, facts);
    assert_note(&out, "the peer is down");
}

static void a_listener_here_is_not_that_of_another_host(void **state)
{
    struct observation seen = sample_refused_connect("192.0.2.1", ETIMEDOUT);
    struct holder listener = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    struct facts facts = sample_facts(&listener, 1);

    (void)state;
    tell_with(seen, facts);
    assert_note(&out, "the peer is down");
    assert_no_note(&out, "node");
    facts.address = ADDRESS_LOCAL;
    tell_with(seen, facts);
    assert_note(&out, "node (pid 1188) listens on 0.0.0.0:8080");
}

static void eagain_is_a_want_of_ports_for_datagrams_only(void **state)
{
    struct observation seen = sample_refused_connect("192.0.2.1", EAGAIN);

    (void)state;
    tell(seen);
    assert_reason(&out, REASON_UNKNOWN);
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    tell(seen);
    assert_reason(&out, REASON_RANGE_EXHAUSTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_family_is_that_of_one_address, end),
        cmocka_unit_test_teardown(what_is_bound_to_loopback_cannot_leave, end),
        cmocka_unit_test_teardown(what_is_bound_to_loopback_gets_no_answer, end),
        cmocka_unit_test_teardown(a_mapped_peer_does_not_go_with_v6only, end),
        cmocka_unit_test_teardown(a_mapped_source_reaches_ipv4_only, end),
        cmocka_unit_test_teardown(a_stream_cannot_go_to_many, end),
        cmocka_unit_test_teardown(the_way_is_asked_for_as_the_socket_goes, end),
        cmocka_unit_test_teardown(connect_without_a_local_port, end),
        cmocka_unit_test_teardown(what_is_in_time_wait_can_be_used_again, end),
        cmocka_unit_test_teardown(connect_over_ipv6_may_lack_a_source, end),
        cmocka_unit_test_teardown(a_bound_connect_over_ipv6_may_lack_a_source, end),
        cmocka_unit_test_teardown(a_datagram_socket_has_no_connection_twice, end),
        cmocka_unit_test_teardown(answers_of_the_net, end),
        cmocka_unit_test_teardown(an_invalid_connect_may_be_a_blackhole, end),
        cmocka_unit_test_teardown(a_listener_on_another_address_is_told, end),
        cmocka_unit_test_teardown(who_has_the_port_and_does_not_listen_is_told, end),
        cmocka_unit_test_teardown(a_listener_that_does_not_accept_is_told, end),
        cmocka_unit_test_teardown(a_listener_here_is_not_that_of_another_host, end),
        cmocka_unit_test_teardown(eagain_is_a_want_of_ports_for_datagrams_only, end),
    };

    return cmocka_run_group_tests_name("explain connect", tests, NULL, NULL);
}
