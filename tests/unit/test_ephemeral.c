// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/explain_sample.h"
#include "user/explain/ephemeral.h"

#define LOW       40000
#define HIGH      40099
#define PEER_PORT 5432

static struct facts facts_of_range(void)
{
    struct facts facts = sample_facts(NULL, 0);

    facts.range_low = LOW;
    facts.range_high = HIGH;
    return facts;
}

static struct observation bind_any(void)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    seen.requested.port = 0;
    return seen;
}

static struct observation refused_connect(const char *peer)
{
    struct observation seen = sample_bind(peer, 0);

    seen.op = PT_OP_CONNECT;
    seen.error = EADDRNOTAVAIL;
    seen.implies_autobind = true;
    seen.requested.port = PEER_PORT;
    return seen;
}

static struct holder at_port(uint16_t port, uint32_t pid, const char *comm)
{
    struct holder holder = sample_holder("127.0.0.1", TCP_LISTEN, 0);

    holder.seen.local.port = port;
    holder.seen.task.pid = pid;
    snprintf(holder.seen.task.comm, sizeof(holder.seen.task.comm), "%s", comm);
    return holder;
}

static struct holder leading_to(const char *peer, uint16_t port, uint32_t pid)
{
    struct holder holder = at_port(port, pid, "client");

    holder.seen.socket.state = TCP_ESTABLISHED;
    holder.seen.peer = sample_endpoint(peer, PEER_PORT);
    holder.seen.flags = PT_HOLDER_OWNER_KNOWN;
    holder.seen.fastreuse = holder.seen.fastreuseport = -1;
    return holder;
}

static struct holder time_wait(struct holder holder)
{
    holder.seen.socket.state = TCP_TIME_WAIT;
    holder.seen.flags = 0;
    return holder;
}

static struct ephemeral_use count(const struct observation *seen, const struct holder *holders,
                                  unsigned int holder_count)
{
    const struct holders all = {.at = holders, .count = holder_count};
    const struct holder_list list = holder_list_of(&all);
    const struct facts facts = facts_of_range();
    struct ephemeral_use use;

    ephemeral_count(seen, &facts, &list, &use);
    return use;
}

#define COUNT(seen, ...)                                                                           \
    count(seen, (struct holder[]){__VA_ARGS__},                                                    \
          sizeof((struct holder[]){__VA_ARGS__}) / sizeof(struct holder))

static void check_user(const struct ephemeral_use *use, unsigned int rank, uint32_t pid,
                       unsigned int ports)
{
    assert_int_equal(use->most[rank].ports, ports);
    if (ports)
        assert_int_equal(use->most[rank].holder.seen.task.pid, pid);
}

static void whoever_has_most_ports_comes_first(void **state)
{
    struct observation seen = bind_any();
    struct ephemeral_use use = COUNT(&seen, at_port(LOW, 7, "few"), at_port(LOW + 1, 8, "many"),
                                     at_port(LOW + 2, 9, "some"), at_port(LOW + 3, 8, "many"),
                                     at_port(LOW + 4, 9, "some"), at_port(LOW + 5, 8, "many"),
                                     at_port(LOW + 6, 10, "late"), at_port(HIGH, 11, "later"));

    (void)state;
    assert_int_equal(use.ports, 8);
    check_user(&use, 0, 8, 3);
    check_user(&use, 1, 9, 2);
    check_user(&use, 2, 7, 1);
}

static void a_port_counts_once_and_only_in_the_range(void **state)
{
    struct observation seen = bind_any();
    struct ephemeral_use use =
        COUNT(&seen, at_port(LOW - 1, 7, "below"), at_port(LOW, 7, "in"), at_port(LOW, 7, "in"),
              at_port(LOW, 8, "in"), at_port(HIGH + 1, 7, "above"));

    (void)state;
    assert_int_equal(use.ports, 1);
    check_user(&use, 0, 7, 1);
    check_user(&use, 1, 0, 0);
}

static void what_is_left_of_connections_has_no_user(void **state)
{
    struct observation seen = bind_any();
    struct ephemeral_use use = COUNT(&seen, time_wait(at_port(LOW, 7, "gone")),
                                     at_port(LOW + 1, 7, "there"), at_port(LOW + 2, 7, "there"));

    (void)state;
    assert_int_equal(use.ports, 3);
    assert_int_equal(use.time_wait, 1);
    check_user(&use, 0, 7, 2);
}

static void whoever_is_not_known_is_no_user(void **state)
{
    struct observation seen = bind_any();
    struct holder unknown = at_port(LOW, 7, "hidden");
    struct ephemeral_use use;

    (void)state;
    unknown.seen.flags &= ~(uint32_t)PT_HOLDER_OWNER_KNOWN;
    use = count(&seen, &unknown, 1);
    assert_int_equal(use.ports, 1);
    check_user(&use, 0, 0, 0);
}

static void others_are_not_in_the_way(void **state)
{
    struct observation seen = bind_any();
    struct holder datagram = at_port(LOW, 7, "udp");

    (void)state;
    datagram.seen.socket.type = SOCK_DGRAM;
    datagram.seen.socket.protocol = IPPROTO_UDP;
    assert_int_equal(count(&seen, &datagram, 1).ports, 0);
    seen.requested = sample_endpoint("127.0.0.2", 0);
    assert_int_equal(COUNT(&seen, at_port(LOW, 7, "elsewhere")).ports, 0);
}

static struct holder reusable(struct holder holder)
{
    holder.seen.socket.options |= PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT;
    holder.seen.socket.state = TCP_CLOSE;
    holder.seen.uid = 1000;
    return holder;
}

/* Of UDP it may share one that it chooses itself. */
static void options_of_sharing_do_not_help_tcp(void **state)
{
    struct observation seen = bind_any();
    struct holder holder = reusable(at_port(LOW, 7, "shared"));

    (void)state;
    seen.socket.options |= PT_OPTION_REUSEADDR | PT_OPTION_REUSEPORT;
    assert_int_equal(count(&seen, &holder, 1).ports, 1);
    seen.socket.type = holder.seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = holder.seen.socket.protocol = IPPROTO_UDP;
    assert_int_equal(count(&seen, &holder, 1).ports, 0);
}

static void a_connection_needs_a_port_for_each_peer(void **state)
{
    struct observation seen = refused_connect("192.0.2.1");
    struct holder bound = leading_to("192.0.2.2", LOW + 3, 9);
    struct ephemeral_use use;

    (void)state;
    bound.seen.flags |= PT_HOLDER_BUCKET_KNOWN;
    bound.seen.fastreuse = bound.seen.fastreuseport = 0;
    use = COUNT(&seen, leading_to("192.0.2.1", LOW, 7), leading_to("192.0.2.2", LOW + 1, 7),
                at_port(LOW + 2, 8, "listener"), bound,
                time_wait(leading_to("192.0.2.1", LOW + 4, 7)));
    assert_int_equal(use.ports, 4);
    assert_int_equal(use.time_wait, 1);
    check_user(&use, 0, 7, 1);
    check_user(&use, 1, 8, 1);
    check_user(&use, 2, 9, 1);
}

static void a_datagram_takes_a_port_before_it_connects(void **state)
{
    struct observation seen = refused_connect("192.0.2.1");
    struct holder datagram = at_port(LOW, 7, "resolver");

    (void)state;
    seen.error = EAGAIN;
    seen.socket.type = datagram.seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = datagram.seen.socket.protocol = IPPROTO_UDP;
    datagram.seen.socket.state = TCP_CLOSE;
    assert_int_equal(count(&seen, &datagram, 1).ports, 1);
}

static void without_the_range_nothing_is_counted(void **state)
{
    struct observation seen = bind_any();
    struct holder holder = at_port(LOW, 7, "in");
    const struct holders all = {.at = &holder, .count = 1};
    const struct holder_list list = holder_list_of(&all);
    struct facts facts = facts_of_range();
    struct ephemeral_use use;

    (void)state;
    facts.netns_known = false;
    ephemeral_count(&seen, &facts, &list, &use);
    assert_int_equal(use.ports, 0);
}

static void only_a_choice_of_the_kernel_can_be_short_of_ports(void **state)
{
    struct observation seen = bind_any();

    (void)state;
    assert_true(ephemeral_may_be_short(&seen));
    seen.requested.port = 80;
    assert_false(ephemeral_may_be_short(&seen));
    seen = bind_any();
    seen.error = EADDRNOTAVAIL;
    assert_false(ephemeral_may_be_short(&seen));
    seen = refused_connect("192.0.2.1");
    assert_true(ephemeral_may_be_short(&seen));
    seen.implies_autobind = false;
    assert_false(ephemeral_may_be_short(&seen));
    seen = refused_connect("192.0.2.1");
    seen.error = ECONNREFUSED;
    assert_false(ephemeral_may_be_short(&seen));
    seen = refused_connect("192.0.2.1");
    seen.socket_known = false;
    assert_false(ephemeral_may_be_short(&seen));
}

static void check_note(const struct ephemeral_use *used, const char *note)
{
    struct facts facts = facts_of_range();
    struct observation seen = bind_any();
    struct explanation explanation;

    facts.used = *used;
    explain(&seen, &facts, &explanation);
    assert_reason(&explanation, REASON_RANGE_EXHAUSTED);
    assert_string_equal(explanation.notes[0].text, note);
    explanation_free(&explanation);
}

static void what_was_given_back_before_the_look_is_said(void **state)
{
    struct facts facts = facts_of_range();
    struct observation seen = bind_any();
    struct explanation explanation;

    (void)state;
    facts.used = (struct ephemeral_use){.ports = 40, .most = {{at_port(LOW, 7, "proxy"), 40}}};
    seen.time_ns = 1000000000;
    facts.now_ns = 1015000000;
    explain(&seen, &facts, &explanation);
    assert_string_equal(explanation.notes[0].text,
                        "40 of 100 ports in the range 40000-40099 are taken: proxy (pid 7) has 40, "
                        "as seen 15 ms after the refusal");
    explanation_free(&explanation);
}

static void the_first_note_tells_who_has_them(void **state)
{
    const struct ephemeral_use none = {0}, waiting = {.ports = 100, .time_wait = 100};
    const struct ephemeral_use used = {
        .ports = 100,
        .time_wait = 7,
        .most = {{at_port(LOW, 7, "proxy\n"), 80}, {at_port(LOW, 2091, "node"), 10}}};

    (void)state;
    check_note(&none, "the range has 100 ports: 40000-40099");
    check_note(&waiting, "100 of 100 ports in the range 40000-40099 are taken: 100 in TIME-WAIT");
    check_note(&used,
               "100 of 100 ports in the range 40000-40099 are taken: $'proxy\\n' (pid 7) has "
               "80, node (pid 2091), the calling process, has 10, 7 in TIME-WAIT, 3 others");
}

static void reserved_ports_of_the_range_are_told(void **state)
{
    static uint64_t reserved[FACTS_PORT_WORDS];
    struct facts facts = facts_of_range();
    struct observation seen = bind_any();
    struct explanation explanation;

    (void)state;
    for (unsigned int port = LOW - 10; port < HIGH - 1; port++)
        reserved[port / 64] |= UINT64_C(1) << port % 64;
    facts.reserved = reserved;
    explain(&seen, &facts, &explanation);
    assert_reason(&explanation, REASON_RANGE_EXHAUSTED);
    assert_string_equal(explanation.notes[0].text, "the range has 100 ports: 40000-40099; "
                                                   "ip_local_reserved_ports has 98 of the 100");
    assert_true(sample_says(explanation.helps, explanation.help_count,
                            "sysctl net.ipv4.ip_local_reserved_ports"));
    explanation_free(&explanation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_has_most_ports_comes_first),
        cmocka_unit_test(a_port_counts_once_and_only_in_the_range),
        cmocka_unit_test(what_is_left_of_connections_has_no_user),
        cmocka_unit_test(whoever_is_not_known_is_no_user),
        cmocka_unit_test(others_are_not_in_the_way),
        cmocka_unit_test(options_of_sharing_do_not_help_tcp),
        cmocka_unit_test(a_connection_needs_a_port_for_each_peer),
        cmocka_unit_test(a_datagram_takes_a_port_before_it_connects),
        cmocka_unit_test(without_the_range_nothing_is_counted),
        cmocka_unit_test(only_a_choice_of_the_kernel_can_be_short_of_ports),
        cmocka_unit_test(the_first_note_tells_who_has_them),
        cmocka_unit_test(what_was_given_back_before_the_look_is_said),
        cmocka_unit_test(reserved_ports_of_the_range_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
