// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/explain_sample.h"
#include "user/explain/other_end.h"
#include "user/model/operations.h"

#define ADDR PT_OPTION_REUSEADDR
#define PORT PT_OPTION_REUSEPORT
#define ONLY PT_OPTION_V6ONLY

static struct explanation out;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static void tell(const struct observation *seen, const struct holder *holders, unsigned int count)
{
    struct facts facts = sample_facts(holders, count);

    explanation_free(&out);
    explain(seen, &facts, &out);
}

static void tell_of(struct observation seen, struct holder holder)
{
    static struct holder kept;

    kept = holder;
    tell(&seen, &kept, 1);
}

static struct holder datagram(struct holder holder)
{
    holder.seen.socket.type = SOCK_DGRAM;
    holder.seen.socket.protocol = IPPROTO_UDP;
    return holder;
}

static struct observation datagram_bind(struct observation seen)
{
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    return seen;
}

static void success_is_not_explained(void **state)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    seen.error = 0;
    tell_of(seen, sample_holder("0.0.0.0", TCP_LISTEN, 0));
    assert_int_equal(out.reason, 0);
    assert_int_equal(out.sentence.length, 0);
    seen.op = PT_OP_CONNECT;
    seen.error = EINPROGRESS;
    tell_of(seen, sample_holder("0.0.0.0", TCP_LISTEN, 0));
    assert_int_equal(out.sentence.length, 0);
}

static void the_holder_tells_the_reason(void **state)
{
    static const struct {
        const char *asks;
        uint32_t asks_options;
        const char *holds;
        uint8_t state;
        uint32_t holds_options;
        enum reason reason;
    } cases[] = {
        {"0.0.0.0", 0, "0.0.0.0", TCP_LISTEN, 0, REASON_LISTENER},
        {"0.0.0.0", ADDR, "0.0.0.0", TCP_LISTEN, ADDR, REASON_LISTENER},
        {"0.0.0.0", 0, "0.0.0.0", TCP_LISTEN, PORT, REASON_LISTENER}, /* of another user */
        {"::", 0, "::", TCP_LISTEN, 0, REASON_LISTENER},
        {"0.0.0.0", 0, "0.0.0.0", TCP_CLOSE, 0, REASON_BOUND},
        {"0.0.0.0", ADDR, "0.0.0.0", TCP_CLOSE, 0, REASON_REUSEADDR},
        {"0.0.0.0", 0, "0.0.0.0", TCP_CLOSE, ADDR, REASON_REUSEADDR},
        {"0.0.0.0", 0, "0.0.0.0", TCP_TIME_WAIT, ADDR, REASON_TIME_WAIT},
        {"0.0.0.0", PORT, "0.0.0.0", TCP_LISTEN, PORT, REASON_REUSEPORT_USER},
        {"::", 0, "0.0.0.0", TCP_LISTEN, 0, REASON_DUAL_STACK},
        {"0.0.0.0", 0, "::", TCP_LISTEN, 0, REASON_DUAL_STACK},
        {"127.0.0.1", 0, "::", TCP_LISTEN, 0, REASON_DUAL_STACK},
        {"::", 0, "127.0.0.1", TCP_CLOSE, 0, REASON_DUAL_STACK},
        {"127.0.0.1", 0, "0.0.0.0", TCP_LISTEN, 0, REASON_WILDCARD},
        {"0.0.0.0", 0, "127.0.0.1", TCP_CLOSE, 0, REASON_WILDCARD},
        {"::", 0, "::1", TCP_LISTEN, ONLY, REASON_WILDCARD},
        {"::ffff:127.0.0.1", 0, "127.0.0.1", TCP_LISTEN, 0, REASON_LISTENER},
        {"0.0.0.0", 0, "127.0.0.1", TCP_ESTABLISHED, 0, REASON_CONNECTION},
        {"0.0.0.0", ADDR, "127.0.0.1", TCP_FIN_WAIT1, 0, REASON_CONNECTION},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tell_of(sample_bind(cases[i].asks, cases[i].asks_options),
                sample_holder(cases[i].holds, cases[i].state, cases[i].holds_options));
        assert_reason(&out, cases[i].reason);
        assert_int_equal(out.holder_count, 1);
        assert_int_equal(out.confidence, CONFIDENCE_LOOKUP);
        assert_string_equal(out.check, "inet_csk_get_port");
    }
}

static void one_side_without_reuseport(void **state)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    seen.process.task.uid = 33;
    tell_of(seen, sample_holder("0.0.0.0", TCP_LISTEN, PORT));
    assert_reason(&out, REASON_REUSEPORT);
    assert_help(&out, "set SO_REUSEPORT on your socket before bind()");
    seen = sample_bind("0.0.0.0", PORT);
    seen.process.task.uid = 33;
    tell_of(seen, sample_holder("0.0.0.0", TCP_LISTEN, 0));
    assert_reason(&out, REASON_REUSEPORT);
    assert_note(&out, "the one in the way lacks it");
    assert_no_help(&out, "set SO_REUSEPORT");
}

static void the_socket_and_not_the_process_has_a_user(void **state)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    seen.process.task.uid = 1000; /* has become somebody else since socket() */
    seen.refusal_known = true;
    seen.refusal = (struct pt_refusal){.flags = PT_REFUSAL_SOCKET_KNOWN, .uid = 33};
    tell_of(seen, sample_holder("0.0.0.0", TCP_LISTEN, PORT));
    assert_reason(&out, REASON_REUSEPORT);
}

/* It has become somebody else since it made the socket: then its own user would not explain it. */
static void the_users_of_both_sockets_are_told(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, PORT);
    struct observation seen = sample_bind("0.0.0.0", PORT);

    (void)state;
    tell_of(seen, holder);
    assert_reason(&out, REASON_REUSEPORT_USER);
    assert_note(&out, "of the same user: yours is of user 1000, the one in the way of user 33");
    assert_no_note(&out, "made it");
    seen.process.task.uid = 33;
    holder.seen.uid = 0;
    tell_of(seen, holder);
    assert_reason(&out, REASON_REUSEPORT_USER);
    assert_note(&out, "yours is of user 33, the one in the way of user 0; a socket keeps the user "
                      "that made it");
}

static void an_outgoing_connection_took_it(void **state)
{
    static uint64_t reserved[FACTS_PORT_WORDS];
    struct holder holder = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct facts facts = sample_facts(&holder, 1);

    (void)state;
    seen.requested.port = holder.seen.local.port = 40000;
    holder.seen.peer = sample_endpoint("192.0.2.7", 443);
    holder.seen.taken_by = PT_OP_CONNECT;
    facts.reserved = reserved;
    reserved[100 / 64] |= UINT64_C(1) << 100 % 64;
    reserved[101 / 64] |= UINT64_C(1) << 101 % 64;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_OUTGOING);
    assert_note(&out, "192.0.2.7:443 was given port 40000");
    assert_note(&out, "32768-60999");
    assert_help(&out, "sysctl -w net.ipv4.ip_local_reserved_ports=100-101,40000");
    reserved[40000 / 64] |= UINT64_C(1) << 40000 % 64;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_no_help(&out, "reserved_ports");
    facts.reserved = NULL;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_help(&out, "=\"40000,$(cat /proc/sys/net/ipv4/ip_local_reserved_ports)\"");
}

static void the_bucket_tells_an_outgoing_connection(void **state)
{
    struct holder holder = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);

    (void)state;
    holder.seen.flags |= PT_HOLDER_BUCKET_KNOWN;
    tell_of(sample_bind("0.0.0.0", 0), holder);
    assert_reason(&out, REASON_CONNECTION);
    holder.seen.fastreuse = holder.seen.fastreuseport = -1;
    tell_of(sample_bind("0.0.0.0", 0), holder);
    assert_reason(&out, REASON_OUTGOING);
}

static void a_connection_from_its_own_port_is_just_bound(void **state)
{
    struct holder holder = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);

    (void)state;
    holder.seen.flags |= PT_HOLDER_BOUND;
    holder.seen.taken_by = PT_OP_BIND;
    tell_of(sample_bind("127.0.0.1", 0), holder);
    assert_reason(&out, REASON_BOUND);
}

static void time_wait_is_told_with_what_is_left(void **state)
{
    struct holder holder = sample_holder("127.0.0.1", TCP_TIME_WAIT, ADDR);

    (void)state;
    holder.seen.expires_ns = 42 * SAMPLE_SECOND;
    holder.seen.peer = sample_endpoint("127.0.0.1", 52344);
    tell_of(sample_bind("0.0.0.0", 0), holder);
    assert_reason(&out, REASON_TIME_WAIT);
    assert_non_null(strstr(out.sentence.text, "keeps the port for 42 s more (TIME_WAIT)"));
    assert_non_null(strstr(out.holder_lines[0].text, "no process any more, formerly node"));
    assert_non_null(strstr(out.holder_lines[0].text, "42 s left"));
    assert_help(&out, "set SO_REUSEADDR on your socket before bind(): the one in the way has it");
    assert_no_help(&out, "kill");
    holder.seen.socket.options = 0;
    tell_of(sample_bind("0.0.0.0", 0), holder);
    assert_no_help(&out, "set SO_REUSEADDR on your socket");
    assert_note(&out, "neither your socket nor the one in the way");
    assert_string_equal(
        out.helps[0].text,
        "wait 48 s and try again; a server sets SO_REUSEADDR always, before bind()");
    tell_of(sample_bind("0.0.0.0", ADDR), holder);
    assert_note(&out, "the one in the way lacks it");
}

/* It may wait for a minute more, from when the other side closes. */
static void what_is_half_closed_may_last_longer(void **state)
{
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_TIME_WAIT, 0),
                                sample_holder("127.0.0.1", TCP_TIME_WAIT, 0)};
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct facts facts = sample_facts(holders, 2);

    (void)state;
    for (unsigned int i = 0; i < 2; i++) {
        holders[i].seen.flags = PT_HOLDER_ORPHAN | PT_HOLDER_HALF_CLOSED;
        holders[i].seen.expires_ns = 42 * SAMPLE_SECOND;
        holders[i].seen.peer = sample_endpoint("127.0.0.1", (uint16_t)(50000 + i));
    }
    tell(&seen, holders, 2);
    assert_reason(&out, REASON_TIME_WAIT);
    assert_non_null(strstr(out.sentence.text, "keeps the port for 42 s more, or longer, since its "
                                              "other end is open still (FIN_WAIT2)"));
    assert_non_null(strstr(out.holder_lines[0].text,
                           "in FIN_WAIT2 on 127.0.0.1:8080, not closed yet by 127.0.0.1:50000, "
                           "42 s left"));
    assert_note(&out, "the other end, 127.0.0.1:50000, is open still: once it is closed, the port "
                      "is kept for up to 60 s from then");
    assert_help(&out, "wait 48 s, or 66 s from when the other end is closed, and try again");
    facts.other_end = sample_holder("127.0.0.1", TCP_CLOSE_WAIT, 0).seen;
    facts.other_end.local = holders[1].seen.peer;
    facts.other_end.peer = holders[1].seen.local;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_note(&out, "the other end, 127.0.0.1:50001, is open still in node (pid 1188): once");
    assert_no_help(&out, "kill");
}

static void the_other_end_is_found_among_all_sockets(void **state)
{
    struct holder at[3] = {sample_holder("127.0.0.1", TCP_TIME_WAIT, 0),
                           sample_holder("127.0.0.1", TCP_CLOSE_WAIT, 0),
                           sample_holder("127.0.0.1", TCP_CLOSE_WAIT, 0)};
    const struct holders holders = {.at = at, .count = 3};
    const struct holder_list all = holder_list_of(&holders);
    struct pt_holder found = {0};

    (void)state;
    at[0].seen.peer = sample_endpoint("127.0.0.1", 50000);
    at[1].seen.local = at[2].seen.local = at[0].seen.peer;
    at[1].seen.peer = sample_endpoint("127.0.0.2", SAMPLE_PORT);
    at[2].seen.peer = at[0].seen.local;
    at[2].seen.task.pid = 1200;
    assert_false(other_end_find(&all, SAMPLE_PORT, &found));
    at[0].seen.flags |= PT_HOLDER_HALF_CLOSED;
    assert_true(other_end_find(&all, SAMPLE_PORT, &found));
    assert_int_equal(found.task.pid, 1200);
    at[2].seen.flags &= ~(__u32)PT_HOLDER_OWNER_KNOWN;
    assert_false(other_end_find(&all, SAMPLE_PORT, &found));
}

/* Until the last of them is gone, also of those for which there is no room. */
static void the_longest_time_wait_counts(void **state)
{
    enum { COUNT = 50 };
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct holder holders[COUNT];

    (void)state;
    for (unsigned int i = 0; i < COUNT; i++) {
        holders[i] = sample_holder("127.0.0.1", TCP_TIME_WAIT, 0);
        holders[i].seen.peer = sample_endpoint("127.0.0.1", (uint16_t)(50000 + i));
        holders[i].seen.expires_ns = 34 * SAMPLE_SECOND;
    }
    holders[COUNT - 2].seen.expires_ns = 59 * SAMPLE_SECOND;
    tell(&seen, holders, COUNT);
    assert_non_null(strstr(out.sentence.text, "keeps the port for 59 s more"));
    assert_help(&out, "wait 65 s and try again");
    holders[1].seen.expires_ns = 0;
    tell(&seen, holders, COUNT);
    assert_help(&out, "wait at most 66 s and try again");
}

static void who_has_the_port_besides_is_ended_before_the_wait(void **state)
{
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_LISTEN, 0),
                                sample_holder("127.0.0.2", TCP_TIME_WAIT, 0)};
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    holders[1].seen.expires_ns = 34 * SAMPLE_SECOND;
    tell(&seen, holders, 2);
    assert_reason(&out, REASON_WILDCARD);
    assert_help(&out, "kill 1188");
    assert_help(&out, "then wait 40 s and try again");
    holders[0].seen.socket.state = TCP_ESTABLISHED;
    tell(&seen, holders, 2);
    assert_help(&out, "then wait at most 66 s and try again");
    seen.requested = sample_endpoint("127.0.0.1", SAMPLE_PORT); /* the one that waits has another */
    holders[0].seen.socket.state = TCP_LISTEN;
    tell(&seen, holders, 2);
    assert_no_help(&out, "wait");
}

/* What is connected waits when its process has been ended, unless its other side was first. */
static void connections_keep_the_port_when_their_server_is_ended(void **state)
{
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_LISTEN, 0),
                                sample_holder("127.0.0.1", TCP_ESTABLISHED, 0)};
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    holders[1].seen.peer = sample_endpoint("127.0.0.1", 50000);
    tell(&seen, holders, 2);
    assert_reason(&out, REASON_LISTENER);
    assert_string_equal(out.helps[0].text, "kill 1188");
    assert_help(&out, "then wait up to 66 s from when both ends are closed: the connections keep "
                      "the port so long, unless your socket and theirs have SO_REUSEADDR");
    tell(&seen, holders + 1, 1);
    assert_reason(&out, REASON_CONNECTION);
    assert_help(&out, "then wait up to 66 s from when both ends are closed");
    holders[0].seen.socket.options = holders[1].seen.socket.options = ADDR;
    seen.socket.options = ADDR;
    tell(&seen, holders, 2);
    assert_help(&out, "kill 1188");
    assert_no_help(&out, "wait");
    seen.socket.options = 0;
    holders[1].seen.socket.state = TCP_CLOSE_WAIT;
    tell(&seen, holders, 2);
    assert_no_help(&out, "wait");
    holders[1].seen.socket.state = TCP_ESTABLISHED;
    holders[1].seen.flags |= PT_HOLDER_ORPHAN; /* not accepted yet: it is reset */
    tell(&seen, holders, 2);
    assert_no_help(&out, "wait");
}

static void reuseaddr_does_not_help_against_a_listener(void **state)
{
    (void)state;
    tell_of(sample_bind("0.0.0.0", ADDR), sample_holder("0.0.0.0", TCP_LISTEN, ADDR));
    assert_note(&out, "your socket has SO_REUSEADDR; that does not help while someone listens");
    tell_of(sample_bind("0.0.0.0", 0), sample_holder("0.0.0.0", TCP_LISTEN, ADDR));
    assert_no_help(&out, "REUSEADDR");
    assert_no_note(&out, "REUSEADDR");
}

static void advice_must_help_against_all_in_the_way(void **state)
{
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_TIME_WAIT, ADDR),
                                sample_holder("127.0.0.2", TCP_CLOSE, 0)};
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    tell(&seen, holders, 1);
    assert_help(&out, "set SO_REUSEADDR on your socket");
    tell(&seen, holders, 2);
    assert_int_equal(out.holder_count, 2);
    assert_no_help(&out, "set SO_REUSEADDR on your socket");
}

static void the_kernel_itself_is_named_and_never_stopped(void **state)
{
    struct holder holder = datagram(sample_holder("::", TCP_CLOSE, 0));
    struct observation seen = datagram_bind(sample_bind("::", 0));

    (void)state;
    holder.seen.flags = PT_HOLDER_KERNEL;
    holder.seen.local.port = seen.requested.port = 51820;
    tell_of(seen, holder);
    assert_reason(&out, REASON_KERNEL_SOCKET);
    assert_non_null(strstr(out.holder_lines[0].text, "the kernel itself (likely WireGuard"));
    assert_no_help(&out, "kill");
    holder.seen.local.port = seen.requested.port = 51821;
    tell_of(seen, holder);
    assert_null(strstr(out.holder_lines[0].text, "likely"));
}

static void datagrams_have_no_listener(void **state)
{
    (void)state;
    tell_of(datagram_bind(sample_bind("0.0.0.0", 0)),
            datagram(sample_holder("0.0.0.0", TCP_CLOSE, 0)));
    assert_reason(&out, REASON_BOUND);
    assert_string_equal(out.check, "udp_lib_get_port");
    tell_of(datagram_bind(sample_bind("0.0.0.0", ADDR)),
            datagram(sample_holder("0.0.0.0", TCP_CLOSE, 0)));
    assert_reason(&out, REASON_REUSEADDR);
    tell_of(datagram_bind(sample_bind("0.0.0.0", 0)), datagram(sample_holder("::", TCP_CLOSE, 0)));
    assert_reason(&out, REASON_DUAL_STACK);
}

static void a_socket_that_sends_has_no_connection(void **state)
{
    struct holder holder = datagram(sample_holder("0.0.0.0", TCP_CLOSE, 0));

    (void)state;
    holder.seen.taken_by = PT_OP_AUTOBIND;
    holder.seen.flags &= ~(__u32)PT_HOLDER_BOUND;
    tell_of(datagram_bind(sample_bind("0.0.0.0", 0)), holder);
    assert_reason(&out, REASON_OUTGOING);
    assert_non_null(strstr(out.sentence.text, "a socket that sends was given this port"));
    assert_note(&out, "the socket was given port 8080");
    assert_help(&out, "ip_local_reserved_ports=");
}

/* To end a client comes last: it never asked for this port, and the next may be given it, too. */
static void a_chosen_port_is_reserved_before_anybody_is_ended(void **state)
{
    struct holder holder = datagram(sample_holder("127.0.0.1", TCP_ESTABLISHED, 0));
    struct observation seen = datagram_bind(sample_bind("0.0.0.0", 0));

    (void)state;
    seen.requested.port = holder.seen.local.port = 40000;
    holder.seen.peer = sample_endpoint("192.0.2.7", 53);
    tell_of(seen, holder);
    assert_reason(&out, REASON_WILDCARD);
    assert_note(&out, "192.0.2.7:53 was given port 40000 as its local port, which is in the "
                      "ephemeral range 32768-60999");
    assert_non_null(strstr(out.helps[0].text, "ip_local_reserved_ports="));
    assert_string_equal(out.helps[1].text, "try again when that connection is closed");
    assert_string_equal(out.helps[2].text, "kill 1188");
    holder.seen.flags |= PT_HOLDER_BOUND;
    tell_of(seen, holder);
    assert_no_help(&out, "reserved");
    holder.seen.flags &= ~(__u32)PT_HOLDER_BOUND;
    holder.seen.flags |= PT_HOLDER_OPTIONS_UNSEEN; /* nor whether it was bound */
    tell_of(seen, holder);
    assert_no_help(&out, "reserved");
    holder.seen.flags &= ~(__u32)PT_HOLDER_OPTIONS_UNSEEN;
    seen.requested.port = holder.seen.local.port = 1053;
    tell_of(seen, holder);
    assert_no_help(&out, "reserved");
    holder = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);
    holder.seen.taken_by = PT_OP_CONNECT;
    tell_of(sample_bind("0.0.0.0", 0), holder);
    assert_reason(&out, REASON_OUTGOING);
    assert_non_null(strstr(out.helps[0].text, "ip_local_reserved_ports="));
    assert_string_equal(out.helps[2].text, "kill 1188");
}

static void who_is_not_in_the_way_is_not_named(void **state)
{
    struct holder holders[4] = {
        sample_holder("127.0.0.2", TCP_LISTEN, 0), /* another address */
        sample_holder("127.0.0.1", TCP_ESTABLISHED, 0),
        datagram(sample_holder("127.0.0.1", TCP_CLOSE, 0)),
        sample_holder("127.0.0.1", TCP_LISTEN, 0), /* the only one */
    };
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    holders[1].seen.peer = holders[1].seen.local; /* a client of the port */
    holders[1].seen.local.port = 50000;
    tell(&seen, holders, 4);
    assert_int_equal(out.holder_count, 1);
    assert_ptr_equal(out.holders[0], &holders[3]);
}

static void the_callers_own_socket_is_never_in_the_way(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_CLOSE, 0);
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    seen.socket.inode = holder.seen.socket.inode = 7;
    tell_of(seen, holder);
    assert_reason(&out, REASON_UNKNOWN);
    assert_int_equal(out.holder_count, 0);
    seen.socket.inode = holder.seen.socket.inode = 0;
    seen.socket.cookie = holder.seen.socket.cookie = 8;
    seen.refusal_known = true;
    seen.refusal.holder = holder.seen;
    seen.refusal.holder.source = PT_HOLDER_CHECK;
    tell_of(seen, holder);
    assert_int_equal(out.holder_count, 0);
}

static void the_kernels_own_hit_comes_first_and_once(void **state)
{
    const struct process_facts node = {.task = {.pid = 1188, .comm = "node"}};
    struct holder_process process = {.process = &node, .fd = 3};
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_LISTEN, 0),
                                sample_holder("0.0.0.0", TCP_LISTEN, 0)};
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    holders[0].seen.socket.inode = 10;
    holders[1].seen.socket.inode = 11;
    holders[1].processes = &process;
    holders[1].process_count = 1;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_PORT;
    seen.refusal.holder = holders[1].seen;
    seen.refusal.holder.since_ns = 0;
    seen.refusal.holder.source = PT_HOLDER_CHECK;
    tell(&seen, holders, 2);
    assert_int_equal(out.holder_count, 2);
    assert_int_equal(out.confidence, CONFIDENCE_CHECK);
    assert_int_equal(out.holders[0]->seen.socket.inode, 11);
    assert_ptr_equal(out.holders[0]->processes, &process);
    assert_int_equal(out.holders[0]->seen.since_ns, holders[1].seen.since_ns);
    assert_ptr_equal(out.holders[1], &holders[0]);
    assert_reason(&out, REASON_LISTENER);
}

static void what_the_kernel_hit_needs_no_rule(void **state)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_PORT;
    seen.refusal.holder = sample_holder("127.0.0.1", TCP_LISTEN, 0).seen;
    seen.refusal.holder.source = PT_HOLDER_CHECK;
    seen.refusal.holder.socket.device_ifindex = 5;
    seen.socket.device_ifindex = 6;
    tell(&seen, NULL, 0);
    assert_int_equal(out.holder_count, 1);
    seen.refusal.holder.source = PT_HOLDER_TABLE; /* may be behind */
    tell(&seen, NULL, 0);
    assert_int_equal(out.holder_count, 0);
    seen.socket.device_ifindex = 0;
    tell(&seen, NULL, 0);
    assert_int_equal(out.holder_count, 1);
    assert_int_equal(out.confidence, CONFIDENCE_TABLE);
}

/* It was shut down since, was given an option, or is of another device now. */
static void a_look_tells_what_the_socket_has_become(void **state)
{
    struct holder looked_up = sample_holder("127.0.0.1", TCP_CLOSE, ADDR);
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    looked_up.seen.socket.inode = 10;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_PORT;
    seen.refusal.holder = looked_up.seen;
    seen.refusal.holder.source = PT_HOLDER_TABLE;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_REUSEADDR);
    assert_int_equal(out.confidence, CONFIDENCE_TABLE);
    seen.refusal.holder.socket.state = TCP_LISTEN;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_REUSEADDR);
    assert_int_equal(out.confidence, CONFIDENCE_LOOKUP);
    assert_int_equal(out.holder_count, 1);
    assert_help(&out, "set SO_REUSEADDR on your socket before bind(): the one in the way has it");
    seen.refusal.holder.socket.state = TCP_CLOSE;
    seen.refusal.holder.socket.options = 0;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_REUSEADDR);
    looked_up.seen.flags |= PT_HOLDER_OPTIONS_UNSEEN;
    looked_up.seen.socket.options = 0;
    seen.refusal.holder.socket.options = ADDR;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_REUSEADDR);
    assert_int_equal(out.confidence, CONFIDENCE_TABLE);
    looked_up = sample_holder("0.0.0.0", TCP_CLOSE, 0);
    looked_up.seen.socket.inode = 10;
    seen.refusal.holder = looked_up.seen;
    seen.refusal.holder.source = PT_HOLDER_TABLE;
    seen.refusal.holder.socket.device_ifindex = 5;
    seen.socket.device_ifindex = 6;
    tell(&seen, &looked_up, 1);
    assert_int_equal(out.holder_count, 1);
    assert_int_equal(out.holders[0]->seen.socket.device_ifindex, 0);
    assert_int_equal(out.confidence, CONFIDENCE_LOOKUP);
}

/* It was sent to another process, which has not received it yet. */
static void who_took_the_port_may_have_given_the_socket_away(void **state)
{
    struct holder looked_up = sample_holder("127.0.0.1", TCP_LISTEN, 0);
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    seen.process.task.pid = looked_up.seen.task.pid;
    looked_up.seen.socket.inode = 10;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_PORT;
    seen.refusal.holder = looked_up.seen;
    seen.refusal.holder.source = PT_HOLDER_TABLE;
    tell(&seen, &looked_up, 1);
    assert_true(out.is_own);
    looked_up.seen.flags &= ~(uint32_t)PT_HOLDER_OWNER_KNOWN;
    looked_up.seen.task = (struct pt_task){0};
    tell(&seen, &looked_up, 1);
    assert_false(out.is_own);
    assert_reason(&out, REASON_LISTENER);
    assert_note(&out, "node (pid 1188) took the port, and has the socket no more; no process");
    looked_up.seen.gone_ns = seen.refusal.holder.gone_ns = SAMPLE_NOW_NS;
    tell(&seen, &looked_up, 1);
    assert_true(out.is_own);
}

/* A child may have kept what its parent has closed: nobody can say any more who had it. */
static void a_socket_of_ones_own_that_is_gone_may_have_been_inherited(void **state)
{
    struct holder gone = sample_holder("127.0.0.1", TCP_LISTEN, 0);
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    gone.seen.task.pid = seen.process.task.pid;
    tell(&seen, &gone, 1);
    assert_note(&out, "it is the calling process itself that has the port");
    assert_help(&out, "the process takes the port twice");
    gone.seen.gone_ns = SAMPLE_NOW_NS;
    tell(&seen, &gone, 1);
    assert_non_null(strstr(out.sentence.text, "a socket that it opened before was in the way"));
    assert_note(&out, "it, or a process that has inherited the socket, had it then");
    assert_no_note(&out, "itself that has the port");
    assert_help(&out, "takes the port twice, unless a child has kept the first socket");
}

/* As the caller does that tries until it has the port. */
static void who_took_the_port_after_the_refusal_was_not_in_the_way(void **state)
{
    struct holder holders[2] = {sample_holder("127.0.0.1", TCP_LISTEN, 0),
                                sample_holder("0.0.0.0", TCP_LISTEN, 0)};
    struct observation seen = sample_bind("127.0.0.1", 0);

    (void)state;
    seen.time_ns = SAMPLE_NOW_NS;
    holders[1].seen.since_ns = SAMPLE_NOW_NS + 1;
    tell(&seen, holders, 2);
    assert_int_equal(out.holder_count, 1);
    assert_int_equal(out.holders[0]->seen.local.address[0], 127);
}

static uint32_t child_of_77(void *parents, uint32_t pid)
{
    (void)parents;
    return pid == 77 ? 1 : 77;
}

/* It is the command's own connection that has the port, and nobody takes that twice. */
static void a_connection_of_the_command_is_to_be_closed(void **state)
{
    struct holder holder = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);
    struct observation seen = sample_bind("127.0.0.1", 0);
    struct facts facts = sample_facts(&holder, 1);

    (void)state;
    facts.command_parent = 77;
    facts.parent_of = child_of_77;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_help(&out, "the command has that connection itself: close it first");
    assert_no_help(&out, "takes the port twice");
}

/* What would not refuse the call is of a later moment; what the kernel hit was so. */
static void a_look_that_proves_nothing_changes_nothing(void **state)
{
    struct holder looked_up = sample_holder("127.0.0.1", TCP_CLOSE, ADDR);
    struct observation seen = sample_bind("127.0.0.1", ADDR);

    (void)state;
    looked_up.seen.socket.inode = 10;
    seen.refusal_known = true;
    seen.refusal.check = PT_CHECK_PORT;
    seen.refusal.holder = looked_up.seen;
    seen.refusal.holder.socket.state = TCP_LISTEN;
    seen.refusal.holder.source = PT_HOLDER_TABLE;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_LISTENER);
    assert_int_equal(out.confidence, CONFIDENCE_TABLE);
    seen.refusal.holder.source = PT_HOLDER_CHECK;
    seen.socket.options = 0;
    tell(&seen, &looked_up, 1);
    assert_reason(&out, REASON_LISTENER);
    assert_int_equal(out.confidence, CONFIDENCE_CHECK);
}

static void a_listener_counts_for_more_than_its_connections(void **state)
{
    struct holder holders[3] = {sample_holder("127.0.0.1", TCP_ESTABLISHED, 0),
                                sample_holder("127.0.0.1", TCP_TIME_WAIT, 0),
                                sample_holder("0.0.0.0", TCP_LISTEN, 0)};
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    tell(&seen, holders, 3);
    assert_reason(&out, REASON_LISTENER);
    assert_int_equal(out.holder_count, 3);
    tell(&seen, holders, 2);
    assert_reason(&out, REASON_CONNECTION);
}

static void nobody_in_the_way_is_said_so(void **state)
{
    struct holder shared = sample_holder("0.0.0.0", TCP_CLOSE, ADDR);
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    shared.seen.since_ns = 0;
    seen.time_ns = SAMPLE_SECOND;
    facts.looked_at_ns = seen.time_ns + 3 * SAMPLE_SECOND;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_UNKNOWN);
    assert_int_equal(out.confidence, CONFIDENCE_NONE);
    assert_note(&out, "3 s after the call");
    assert_note(&out, "must have been closed in between");
    seen.socket.options = ADDR;
    facts.holders = (struct holders){&shared, 1};
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_note(&out, "those on that port are in nobody's way by the rules that are known");
    shared.seen.since_ns = seen.time_ns + 1;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_note(&out, "must have been closed in between");
    seen.socket.options = 0;
    facts.holders = (struct holders){0};
    facts.holders_complete = false;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_note(&out, "not all sockets could be looked at");
    facts.holders_complete = true;
    facts.looked_at_ns = seen.time_ns;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_note(&out, "no socket in the way was found before the call");
    assert_int_equal(out.note_count, 1);
    assert_null(strstr(out.notes[0].text, "in between"));
}

static void listen_finds_another_listener(void **state)
{
    struct holder holders[3] = {sample_holder("127.0.0.1", TCP_CLOSE, ADDR),
                                sample_holder("0.0.0.0", TCP_LISTEN, ADDR),
                                sample_holder("127.0.0.2", TCP_LISTEN, ADDR)};
    struct observation seen = sample_bind("127.0.0.1", ADDR);

    (void)state;
    seen.op = PT_OP_LISTEN;
    seen.local = seen.requested;
    seen.requested = (struct pt_endpoint){0};
    seen.socket.inode = holders[0].seen.socket.inode = 20;
    holders[1].seen.socket.inode = 21;
    holders[2].seen.socket.inode = 22;
    seen.refusal_known = true;
    seen.refusal = (struct pt_refusal){.flags = PT_REFUSAL_SOCKET_KNOWN, .entry_port = SAMPLE_PORT};
    tell(&seen, holders, 3);
    assert_reason(&out, REASON_LISTENS_ALREADY);
    assert_int_equal(out.holder_count, 1);
    assert_ptr_equal(out.holders[0], &holders[1]);
    assert_non_null(strstr(out.sentence.text, "cannot listen on 127.0.0.1:8080/tcp"));
    tell(&seen, holders, 1);
    assert_reason(&out, REASON_LISTENS_ALREADY);
    assert_int_equal(out.confidence, CONFIDENCE_DEDUCED);
}

static void port_0_is_about_the_range(void **state)
{
    static uint64_t reserved[FACTS_PORT_WORDS];
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.requested.port = 0;
    facts.range_low = 50000;
    facts.range_high = 50063;
    facts.reserved = reserved;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_RANGE_EXHAUSTED);
    assert_note(&out, "the range has 64 ports: 50000-50063");
    assert_help(&out, "ip_local_port_range");
    for (unsigned int port = 50000; port <= 50063; port++)
        reserved[port / 64] |= UINT64_C(1) << port % 64;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_RANGE_RESERVED);
    reserved[50063 / 64] &= ~(UINT64_C(1) << 50063 % 64);
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_RANGE_EXHAUSTED);
    seen.op = PT_OP_AUTOBIND;
    seen.error = EAGAIN;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_reason(&out, REASON_RANGE_EXHAUSTED);
}

static void a_thousand_holders_are_counted(void **state)
{
    enum { COUNT = 1000 };
    struct holder *holders = calloc(COUNT, sizeof(*holders));
    struct observation seen = sample_bind("0.0.0.0", 0);

    (void)state;
    assert_non_null(holders);
    for (unsigned int i = 0; i < COUNT; i++) {
        holders[i] = sample_holder("127.0.0.1", TCP_ESTABLISHED, 0);
        holders[i].seen.socket.inode = i + 1;
    }
    tell(&seen, holders, COUNT);
    assert_int_equal(out.holder_count, EXPLAIN_HOLDERS_MAX);
    assert_int_equal(out.holders_left_out, COUNT - EXPLAIN_HOLDERS_MAX);
    explanation_free(&out);
    free(holders);
}

/* As a survey sorts them: what is left of a server's connections before the server of another
 * address. */
static void a_listener_is_found_behind_many_that_wait(void **state)
{
    enum { COUNT = 40 };
    struct process_facts node = {.task = {.pid = 1188, .comm = "node"}};
    struct holder_process process = {.process = &node, .fd = 3};
    struct observation seen = sample_bind("0.0.0.0", 0);
    struct holder holders[COUNT + 2];

    (void)state;
    for (unsigned int i = 0; i < COUNT; i++) {
        holders[i] = sample_holder("127.0.0.1", TCP_TIME_WAIT, 0);
        holders[i].seen.peer = sample_endpoint("127.0.0.1", (uint16_t)(50000 + i));
    }
    holders[COUNT] = sample_holder("127.0.0.3", TCP_ESTABLISHED, 0);
    holders[COUNT].processes = &process;
    holders[COUNT].process_count = 1;
    holders[COUNT + 1] = sample_holder("127.0.0.2", TCP_LISTEN, 0);
    tell(&seen, holders, COUNT + 2);
    assert_reason(&out, REASON_WILDCARD);
    assert_int_equal(out.holder_count, EXPLAIN_HOLDERS_MAX);
    assert_int_equal(out.holders_left_out, COUNT + 2 - EXPLAIN_HOLDERS_MAX);
    assert_ptr_equal(out.holders[0], &holders[0]);
    assert_ptr_equal(out.holders[EXPLAIN_HOLDERS_MAX - 1], &holders[COUNT]);
    assert_ptr_equal(out.holders[EXPLAIN_HOLDERS_MAX - 2], &holders[COUNT + 1]);
    assert_help(&out, "kill 1188");
}

static void nothing_known_is_no_crash(void **state)
{
    struct facts facts = {0};
    struct observation seen = {0};

    (void)state;
    for (unsigned int op = 0; op <= PT_OP_RELEASE; op++) {
        for (int error = 1; error < 140; error++) {
            seen.op = op;
            seen.error = error;
            seen.fd = -1;
            explanation_free(&out);
            explain(&seen, &facts, &out);
            if (op == PT_OP_RELEASE || operation_outcome(&seen) != OUTCOME_FAILURE)
                assert_int_equal(out.sentence.length, 0);
            else
                assert_true(out.sentence.length > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(success_is_not_explained, end),
        cmocka_unit_test_teardown(the_holder_tells_the_reason, end),
        cmocka_unit_test_teardown(one_side_without_reuseport, end),
        cmocka_unit_test_teardown(the_socket_and_not_the_process_has_a_user, end),
        cmocka_unit_test_teardown(the_users_of_both_sockets_are_told, end),
        cmocka_unit_test_teardown(an_outgoing_connection_took_it, end),
        cmocka_unit_test_teardown(the_bucket_tells_an_outgoing_connection, end),
        cmocka_unit_test_teardown(a_connection_from_its_own_port_is_just_bound, end),
        cmocka_unit_test_teardown(time_wait_is_told_with_what_is_left, end),
        cmocka_unit_test_teardown(what_is_half_closed_may_last_longer, end),
        cmocka_unit_test_teardown(the_other_end_is_found_among_all_sockets, end),
        cmocka_unit_test_teardown(the_longest_time_wait_counts, end),
        cmocka_unit_test_teardown(who_has_the_port_besides_is_ended_before_the_wait, end),
        cmocka_unit_test_teardown(connections_keep_the_port_when_their_server_is_ended, end),
        cmocka_unit_test_teardown(reuseaddr_does_not_help_against_a_listener, end),
        cmocka_unit_test_teardown(advice_must_help_against_all_in_the_way, end),
        cmocka_unit_test_teardown(the_kernel_itself_is_named_and_never_stopped, end),
        cmocka_unit_test_teardown(datagrams_have_no_listener, end),
        cmocka_unit_test_teardown(a_socket_that_sends_has_no_connection, end),
        cmocka_unit_test_teardown(a_chosen_port_is_reserved_before_anybody_is_ended, end),
        cmocka_unit_test_teardown(who_is_not_in_the_way_is_not_named, end),
        cmocka_unit_test_teardown(the_callers_own_socket_is_never_in_the_way, end),
        cmocka_unit_test_teardown(the_kernels_own_hit_comes_first_and_once, end),
        cmocka_unit_test_teardown(what_the_kernel_hit_needs_no_rule, end),
        cmocka_unit_test_teardown(a_look_tells_what_the_socket_has_become, end),
        cmocka_unit_test_teardown(who_took_the_port_may_have_given_the_socket_away, end),
        cmocka_unit_test_teardown(a_socket_of_ones_own_that_is_gone_may_have_been_inherited, end),
        cmocka_unit_test_teardown(who_took_the_port_after_the_refusal_was_not_in_the_way, end),
        cmocka_unit_test_teardown(a_connection_of_the_command_is_to_be_closed, end),
        cmocka_unit_test_teardown(a_look_that_proves_nothing_changes_nothing, end),
        cmocka_unit_test_teardown(a_listener_counts_for_more_than_its_connections, end),
        cmocka_unit_test_teardown(nobody_in_the_way_is_said_so, end),
        cmocka_unit_test_teardown(listen_finds_another_listener, end),
        cmocka_unit_test_teardown(port_0_is_about_the_range, end),
        cmocka_unit_test_teardown(a_thousand_holders_are_counted, end),
        cmocka_unit_test_teardown(a_listener_is_found_behind_many_that_wait, end),
        cmocka_unit_test_teardown(nothing_known_is_no_crash, end),
    };

    return cmocka_run_group_tests_name("explain in use", tests, NULL, NULL);
}
