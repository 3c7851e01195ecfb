// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/holders.h"
#include "user/model/role.h"

static const struct role_context alone = {.range_low = 32768, .range_high = 60999};
static const struct role_context listened = {
    .range_low = 32768, .range_high = 60999, .listened = true};

static void assert_state(const struct holder *holder, const struct role_context *context,
                         const char *expected)
{
    struct strbuf text = {0};

    role_add_state(&text, &holder->seen, context);
    assert_string_equal(text.text, expected);
    strbuf_free(&text);
}

#define ROLE(holder, context) role_of(&(holder).seen, context)

static void what_holds_a_port_on_purpose_is_a_holder(void **state)
{
    struct holder listener = held_listener(80), bound = listener, datagram = held_datagram(53);

    (void)state;
    bound.seen.socket.state = HELD_CLOSE;
    assert_int_equal(ROLE(listener, &alone), ROLE_LISTENER);
    assert_int_equal(ROLE(bound, &alone), ROLE_BOUND);
    assert_int_equal(ROLE(datagram, &alone), ROLE_DATAGRAM);
    assert_true(role_is_holder(&listener.seen, &alone));
    assert_true(role_is_holder(&bound.seen, &alone));
    assert_true(role_is_holder(&datagram.seen, &alone));
    assert_state(&listener, &alone, "listen");
    assert_state(&bound, &alone, "bound");
    assert_state(&datagram, &alone, "udp");
}

static void a_client_is_never_a_holder(void **state)
{
    struct holder client = held_client(40000), bound = held_connection(999);
    struct holder under_way = held_connection(40000), udp = held_datagram(40000);

    (void)state;
    bound.seen.flags |= PT_HOLDER_BOUND;
    under_way.seen.socket.state = HELD_SYN_SENT;
    udp.seen.peer = sample_ipv4("10.0.0.2", 53);
    udp.seen.socket.state = HELD_ESTABLISHED;
    assert_int_equal(ROLE(client, &listened), ROLE_CLIENT);
    assert_int_equal(ROLE(bound, &alone), ROLE_CLIENT);
    assert_int_equal(ROLE(under_way, &alone), ROLE_CLIENT);
    assert_int_equal(ROLE(udp, &alone), ROLE_CLIENT);
    assert_false(role_is_holder(&client.seen, &alone));
    assert_false(role_is_holder(&bound.seen, &alone));
    assert_false(role_is_holder(&under_way.seen, &alone));
    assert_false(role_is_holder(&udp.seen, &alone));
    assert_state(&client, &alone, "connected client");
    assert_state(&under_way, &alone, "client syn-sent");
    assert_state(&udp, &alone, "connected client");
}

static void an_accepted_connection_holds_what_nobody_listens_on(void **state)
{
    struct holder accepted = held_connection(8080), chosen = held_connection(40000);

    (void)state;
    assert_int_equal(ROLE(accepted, &listened), ROLE_SERVED);
    assert_false(role_is_holder(&accepted.seen, &listened));
    assert_int_equal(ROLE(accepted, &alone), ROLE_SERVED);
    assert_true(role_is_holder(&accepted.seen, &alone));
    assert_int_equal(ROLE(chosen, &alone), ROLE_CONNECTION);
    assert_false(role_is_holder(&chosen.seen, &alone));
    accepted.seen.flags &= ~(uint32_t)PT_HOLDER_BUCKET_KNOWN;
    assert_int_equal(ROLE(accepted, &alone), ROLE_CONNECTION);
    assert_false(role_is_holder(&accepted.seen, &alone));
}

/* Whoever only sends has a port that the kernel chose. */
static void a_datagram_socket_with_a_chosen_port_is_no_holder(void **state)
{
    struct holder udp = held_datagram(40000);
    struct role_context unknown = {0};

    (void)state;
    udp.seen.flags &= ~(uint32_t)PT_HOLDER_BOUND;
    assert_false(role_is_holder(&udp.seen, &alone));
    assert_false(role_is_holder(&udp.seen, &unknown));
    udp.seen.local.port = 5353;
    assert_true(role_is_holder(&udp.seen, &alone));
}

static void what_nobody_has_says_so(void **state)
{
    struct holder socket = held_connection(80);

    (void)state;
    socket.seen.flags |= PT_HOLDER_ORPHAN;
    assert_state(&socket, &listened, "accept queue");
    socket.seen.socket.state = HELD_SYN_RECV;
    assert_state(&socket, &listened, "handshake");
    socket.seen.socket.state = HELD_FIN_WAIT2;
    assert_state(&socket, &listened, "orphan fin-wait2");
    assert_int_equal(ROLE(socket, &listened), ROLE_CLOSING);
    socket.seen.socket.state = HELD_TIME_WAIT;
    assert_state(&socket, &listened, "time-wait");
    socket.seen.expires_ns = 22000000001;
    assert_state(&socket, &listened, "time-wait 23s");
    socket.seen.flags |= PT_HOLDER_HALF_CLOSED;
    assert_state(&socket, &listened, "fin-wait2 23s");
    assert_false(role_is_holder(&socket.seen, &alone));
}

static void the_kernels_own_say_so(void **state)
{
    struct holder wireguard = held_datagram(51820), nfs = held_listener(2049);

    (void)state;
    wireguard.seen.flags |= PT_HOLDER_KERNEL;
    nfs.seen.flags |= PT_HOLDER_KERNEL;
    assert_state(&wireguard, &alone, "kernel");
    assert_state(&nfs, &alone, "kernel listen");
    nfs.seen = (struct pt_holder){.local = sample_ipv4("0.0.0.0", 80)};
    assert_state(&nfs, &alone, "rule");
    assert_false(role_is_holder(&nfs.seen, &alone));
}

static void assert_next_is_same(const struct holder_list *holders)
{
    struct role_listened last = {0};

    for (unsigned int i = 0; i < holders->count; i++)
        assert_int_equal(role_is_listened_next(&last, holders, i), role_is_listened(holders, i));
}

static void a_listener_counts_for_its_port_protocol_and_namespace(void **state)
{
    struct holder sockets[5] = {held_listener(79), held_connection(80), held_connection(80),
                                held_listener(80), held_connection(81)};
    const struct holder_list holders = holder_list_of(&(struct holders){sockets, 5});

    (void)state;
    assert_true(role_is_listened(&holders, 1));
    assert_true(role_is_listened(&holders, 2));
    assert_false(role_is_listened(&holders, 4));
    sockets[3].seen.task.netns++;
    assert_false(role_is_listened(&holders, 2));
    sockets[3].seen.task.netns--;
    assert_next_is_same(&holders);
    sockets[3].seen.socket.protocol = IPPROTO_SCTP;
    assert_false(role_is_listened(&holders, 2));
    assert_next_is_same(&holders);
}

static void holders_of_a_port_are_found(void **state)
{
    struct holder sockets[5] = {held_listener(79), held_connection(80), held_connection(80),
                                held_listener(80), held_listener(65535)};
    const struct holder_list holders = holder_list_of(&(struct holders){sockets, 5});
    const struct holder_list none = holder_list_of(&(struct holders){0});

    (void)state;
    assert_int_equal(holder_list_at(&holders, 4).seen.local.port, 65535);
    assert_int_equal(holder_list_first(&holders, 0), 0);
    assert_int_equal(holder_list_first(&holders, 80), 1);
    assert_int_equal(holder_list_run(&holders, 1, 80), 3);
    assert_int_equal(holder_list_run(&holders, 2, 80), 2);
    assert_int_equal(holder_list_first(&holders, 81), 4);
    assert_int_equal(holder_list_run(&holders, 4, 81), 0);
    assert_int_equal(holder_list_run(&holders, 4, 65535), 1);
    assert_int_equal(holder_list_first(&none, 80), 0);
    assert_int_equal(holder_list_run(&none, 0, 80), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_a_port_on_purpose_is_a_holder),
        cmocka_unit_test(a_client_is_never_a_holder),
        cmocka_unit_test(an_accepted_connection_holds_what_nobody_listens_on),
        cmocka_unit_test(a_datagram_socket_with_a_chosen_port_is_no_holder),
        cmocka_unit_test(what_nobody_has_says_so),
        cmocka_unit_test(the_kernels_own_say_so),
        cmocka_unit_test(a_listener_counts_for_its_port_protocol_and_namespace),
        cmocka_unit_test(holders_of_a_port_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
