// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/model/arena.h"
#include "user/model/holdings.h"

#define OWNED PT_HOLDER_OWNER_KNOWN
#define MANY  5000

static struct pt_holder tcp(uint32_t netns, uint64_t inode, uint16_t port)
{
    struct pt_holder seen = {.fd = -1};

    seen.task.netns = netns;
    seen.socket.inode = inode;
    seen.socket.protocol = 6;
    seen.local = (struct pt_endpoint){.address = {127, 0, 0, 1}, .family = 2, .port = port};
    return seen;
}

static struct pt_holder owned(struct pt_holder seen, uint32_t pid, uint64_t start_ns, int fd)
{
    seen.flags |= OWNED;
    seen.task.pid = pid;
    seen.task.start_ns = start_ns;
    seen.fd = fd;
    return seen;
}

static struct pt_holder connected(struct pt_holder seen, uint16_t port)
{
    seen.peer = (struct pt_endpoint){.address = {127, 0, 0, 1}, .family = 2, .port = port};
    return seen;
}

static void add(struct holdings *holdings, struct pt_holder seen)
{
    assert_int_equal(holdings_add(holdings, &seen), 0);
}

static struct holder_list finish(struct holdings *holdings)
{
    assert_int_equal(holdings_finish(holdings), 0);
    return holdings_holders(holdings);
}

static struct holder at(struct holder_list holders, unsigned int index)
{
    assert_true(index < holders.count);
    return holder_list_at(&holders, index);
}

static void nothing_is_nothing(void **state)
{
    struct holdings *holdings = holdings_new();

    (void)state;
    assert_int_equal(finish(holdings).count, 0);
    holdings_free(holdings);
    holdings_free(NULL);
}

static void a_socket_is_one_with_all_its_processes(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder_list holders;

    (void)state;
    add(holdings, owned(tcp(1, 100, 80), 7, 70, 9));
    add(holdings, owned(tcp(1, 100, 80), 7, 70, 4)); /* a dup */
    add(holdings, owned(tcp(1, 100, 80), 5, 90, 3));
    add(holdings, owned(tcp(1, 100, 80), 7, 71, 3)); /* a reused pid */
    add(holdings, tcp(1, 100, 80));                  /* seen without a descriptor as well */
    holders = finish(holdings);
    assert_int_equal(holders.count, 1);
    assert_int_equal(at(holders, 0).process_count, 3);
    assert_int_equal(at(holders, 0).processes[0].process->task.start_ns, 70);
    assert_int_equal(at(holders, 0).processes[0].fd, 4);
    assert_int_equal(at(holders, 0).processes[1].process->task.start_ns, 71);
    assert_int_equal(at(holders, 0).processes[2].process->task.pid, 5);
    assert_int_equal(at(holders, 0).seen.task.pid, 7);
    assert_int_equal(at(holders, 0).seen.fd, 4);
    holdings_free(holdings);
}

static void net_namespaces_are_kept_apart(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder_list holders;

    (void)state;
    add(holdings, owned(tcp(2, 100, 80), 7, 70, 3));
    add(holdings, owned(tcp(1, 100, 80), 7, 70, 4));
    add(holdings, tcp(1, 0, 80));
    add(holdings, tcp(2, 0, 80));
    holders = finish(holdings);
    assert_int_equal(holders.count, 4);
    assert_int_equal(at(holders, 0).seen.task.netns, 1);
    assert_int_equal(at(holders, 2).seen.task.netns, 2);
    assert_ptr_equal(at(holders, 0).processes[0].process, at(holders, 2).processes[0].process);
    holdings_free(holdings);
}

static void without_an_inode_the_endpoints_tell(void **state)
{
    struct holdings *holdings = holdings_new();
    struct pt_holder other = connected(tcp(1, 0, 80), 1000);

    (void)state;
    add(holdings, connected(tcp(1, 0, 80), 1000));
    add(holdings, connected(tcp(1, 0, 80), 1000));
    add(holdings, connected(tcp(1, 0, 80), 1001));
    other.socket.protocol = 17;
    add(holdings, other);
    other = connected(tcp(1, 0, 80), 1000);
    other.local.scope_id = 3;
    add(holdings, other);
    assert_int_equal(finish(holdings).count, 4);
    holdings_free(holdings);
}

static void the_descriptor_outranks_in_any_order(void **state)
{
    struct holdings *holdings = holdings_new();
    struct pt_holder inner = tcp(1, 100, 80), outer = owned(tcp(1, 100, 80), 7, 70, 3);
    struct holder_list holders;

    (void)state;
    inner.flags = PT_HOLDER_ORPHAN | PT_HOLDER_BUCKET_KNOWN | PT_HOLDER_UID_KNOWN;
    inner.fastreuse = -1;
    inner.uid = 33;
    inner.socket.cookie = 12;
    outer.socket.protocol = 262;
    for (int i = 0; i < 2; i++) {
        holdings_reset(holdings);
        add(holdings, i ? outer : inner);
        add(holdings, i ? inner : outer);
        holders = finish(holdings);
        assert_int_equal(holders.count, 1);
        assert_int_equal(at(holders, 0).seen.socket.protocol, 262);
        assert_int_equal(at(holders, 0).seen.flags,
                         OWNED | PT_HOLDER_BUCKET_KNOWN | PT_HOLDER_UID_KNOWN);
        assert_int_equal(at(holders, 0).seen.fastreuse, -1);
        assert_int_equal(at(holders, 0).seen.uid, 33);
        assert_int_equal(at(holders, 0).seen.socket.cookie, 12);
        assert_int_equal(at(holders, 0).seen.task.pid, 7);
    }
    holdings_free(holdings);
}

/* The rooms of very many are given back, and taken again for the next. */
static void a_holder_outlives_the_list_of_many(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder taken;

    (void)state;
    for (int i = 0; i < 2; i++) {
        for (uint16_t port = 1; port <= 9000; port++)
            add(holdings, owned(tcp(1, 100u + port, port), 7u + port % 3, 70, port));
        taken = at(finish(holdings), 8999);
        holdings_drop_list(holdings);
        assert_int_equal(holdings_holders(holdings).count, 0);
        assert_int_equal(taken.process_count, 1);
        assert_int_equal(taken.processes[0].process->task.pid, 7);
        assert_int_equal(taken.processes[0].fd, 9000);
        holdings_reset(holdings);
        add(holdings, owned(tcp(1, 100, 80), 7, 70, 3));
        assert_int_equal(at(finish(holdings), 0).processes[0].process->task.pid, 7);
        holdings_reset(holdings);
    }
    holdings_free(holdings);
}

/* The service that was started for a socket, not systemd. */
static void pid_1_comes_last(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder_list holders;

    (void)state;
    add(holdings, owned(tcp(1, 100, 80), 1, 10, 40));
    add(holdings, owned(tcp(1, 100, 80), 700, 9000, 3));
    holders = finish(holdings);
    assert_int_equal(at(holders, 0).seen.task.pid, 700);
    assert_int_equal(at(holders, 0).processes[1].process->task.pid, 1);
    holdings_free(holdings);
}

static void what_was_closed_between_looks_is_told_once(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder_list holders;

    (void)state;
    add(holdings, owned(connected(tcp(1, 100, 80), 1000), 7, 70, 3));
    add(holdings, connected(tcp(1, 0, 80), 1000));
    add(holdings, connected(tcp(1, 0, 80), 1001));
    add(holdings, connected(tcp(2, 0, 80), 1000));
    holders = finish(holdings);
    assert_int_equal(holders.count, 3);
    assert_int_equal(at(holders, 0).process_count, 1);
    assert_int_equal(at(holders, 1).seen.peer.port, 1001);
    assert_int_equal(at(holders, 2).seen.task.netns, 2);
    holdings_free(holdings);
}

static void processes_can_come_later(void **state)
{
    struct holdings *holdings = holdings_new();
    const struct pt_task task = {.pid = 7, .start_ns = 70};
    struct holder_list holders;
    unsigned int count;

    (void)state;
    add(holdings, tcp(1, 100, 80));
    add(holdings, tcp(1, 0, 81));
    assert_int_equal(holdings_add_process(holdings, 100, &task, 5), 0);
    assert_int_equal(holdings_add_process(holdings, 101, &task, 6), 0);
    assert_int_equal(holdings_add_process(holdings, 0, &task, 6), 0);
    holdings_processes(holdings, &count);
    assert_int_equal(count, 1);
    holders = finish(holdings);
    assert_int_equal(at(holders, 0).process_count, 1);
    assert_int_equal(at(holders, 0).seen.flags, OWNED);
    assert_int_equal(at(holders, 0).seen.fd, 5);
    assert_int_equal(at(holders, 0).seen.task.netns, 1);
    assert_int_equal(at(holders, 1).process_count, 0);
    holdings_free(holdings);
}

static void holders_are_sorted(void **state)
{
    struct holdings *holdings = holdings_new();
    struct pt_holder udp = tcp(1, 1, 443), high = tcp(9, 2, 443), v6 = tcp(1, 3, 443);
    struct holder_list holders;

    (void)state;
    udp.socket.protocol = 17;
    high.local.address[0] = 255;
    v6.local.family = 10;
    add(holdings, udp);
    add(holdings, v6);
    add(holdings, high);
    add(holdings, tcp(9, 5, 443));
    add(holdings, tcp(1, 4, 443));
    add(holdings, tcp(1, 6, 80));
    holders = finish(holdings);
    assert_int_equal(holders.count, 6);
    assert_int_equal(at(holders, 0).seen.socket.inode, 6);
    assert_int_equal(at(holders, 1).seen.socket.inode, 4);
    assert_int_equal(at(holders, 2).seen.socket.inode, 5);
    assert_int_equal(at(holders, 3).seen.socket.inode, 2);
    assert_int_equal(at(holders, 4).seen.socket.inode, 3);
    assert_int_equal(at(holders, 5).seen.socket.inode, 1);
    holdings_free(holdings);
}

/* Of a socket that has its port still, all that is not of a process. */
static void all_of_a_socket_is_kept(void **state)
{
    struct holdings *holdings = holdings_new();
    struct pt_holder seen, kept;

    (void)state;
    for (unsigned int i = 0; i < sizeof(seen); i++)
        ((unsigned char *)&seen)[i] = (unsigned char)(i + 1);
    seen.task = (struct pt_task){.netns = 77};
    seen.flags &= ~(uint32_t)OWNED;
    seen.gone_ns = 0;
    seen.fd = -1;
    add(holdings, seen);
    kept = at(finish(holdings), 0).seen;
    assert_memory_equal(&kept, &seen, sizeof(seen));
    holdings_free(holdings);
}

static void what_is_behind_stays_with_its_socket(void **state)
{
    static const struct holder_published proxy = {.by = "docker-proxy"}, dnat = {.by = "nft DNAT"};
    const struct holder rule = {.seen = tcp(1, 0, 80), .published = &dnat};
    struct holdings *holdings = holdings_new();
    struct holder_list holders;

    (void)state;
    for (int round = 0; round < 2; round++) {
        holdings_reset(holdings);
        add(holdings, owned(tcp(1, 102, 443), 7, 70, 3));
        add(holdings, owned(tcp(1, 101, 80), 7, 70, 4));
        assert_null(at(finish(holdings), 1).published);
        holdings_publish(holdings, 1, &proxy);
        assert_int_equal(holdings_append(holdings, &rule), 0);
        holders = holdings_holders(holdings);
        assert_int_equal(holders.count, 3);
        assert_null(at(holders, 0).published);
        assert_ptr_equal(at(holders, 1).published, &proxy);
        assert_int_equal(at(holders, 1).seen.socket.inode, 102);
        assert_ptr_equal(at(holders, 2).published, &dnat);
        assert_int_equal(at(holders, 2).process_count, 0);
        assert_int_equal(at(holders, 2).seen.local.port, 80);
    }
    holdings_free(holdings);
}

static void extreme_values_do_no_harm(void **state)
{
    struct holdings *holdings = holdings_new();
    struct pt_holder worst;
    struct holder_list holders;

    (void)state;
    memset(&worst, 0xff, sizeof(worst));
    add(holdings, worst);
    worst.fd = INT32_MIN;
    worst.task.pid = 0;
    add(holdings, worst);
    worst.socket.inode = 0;
    add(holdings, worst);
    add(holdings, (struct pt_holder){0});
    holders = finish(holdings);
    assert_int_equal(holders.count, 3);
    holdings_free(holdings);
}

static void many_of_all(void **state)
{
    struct holdings *holdings = holdings_new();
    struct holder_list holders;
    unsigned int count;

    (void)state;
    for (int round = 0; round < 2; round++) {
        holdings_reset(holdings);
        for (uint32_t i = 0; i < MANY; i++)
            add(holdings, owned(tcp(i % 7, i + 1, (uint16_t)(i * 31)), i % 999 + 1, i % 999, 3));
        for (uint32_t i = 0; i < MANY; i++)
            add(holdings, tcp(i % 7, i + 1, (uint16_t)(i * 31)));
        holdings_processes(holdings, &count);
        assert_int_equal(count, 999);
        holders = finish(holdings);
        assert_int_equal(holders.count, MANY);
        for (unsigned int i = 0; i < holders.count; i++) {
            assert_int_equal(at(holders, i).process_count, 1);
            assert_true(!i || at(holders, i - 1).seen.local.port <= at(holders, i).seen.local.port);
        }
    }
    holdings_free(holdings);
}

static void what_an_arena_gave_stays(void **state)
{
    struct arena arena = {0};
    char *texts[300];
    char *large;

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 300; i++) {
            texts[i] = arena_copy(&arena, "0123456789", (size_t)i % 11);
            assert_true((uintptr_t)texts[i] % _Alignof(max_align_t) == 0);
        }
        large = arena_take(&arena, 100000);
        memset(large, 'x', 100000);
        for (int i = 0; i < 300; i++) {
            assert_int_equal(strlen(texts[i]), i % 11);
            assert_memory_equal(texts[i], "0123456789", (size_t)i % 11);
        }
        arena_reset(&arena);
        assert_null(arena.first);
    }
    assert_null(arena_take(&arena, SIZE_MAX));
    assert_null(arena_copy(&arena, "", SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(a_holder_outlives_the_list_of_many),
        cmocka_unit_test(a_socket_is_one_with_all_its_processes),
        cmocka_unit_test(net_namespaces_are_kept_apart),
        cmocka_unit_test(without_an_inode_the_endpoints_tell),
        cmocka_unit_test(the_descriptor_outranks_in_any_order),
        cmocka_unit_test(pid_1_comes_last),
        cmocka_unit_test(what_was_closed_between_looks_is_told_once),
        cmocka_unit_test(processes_can_come_later),
        cmocka_unit_test(holders_are_sorted),
        cmocka_unit_test(all_of_a_socket_is_kept),
        cmocka_unit_test(what_is_behind_stays_with_its_socket),
        cmocka_unit_test(extreme_values_do_no_harm),
        cmocka_unit_test(many_of_all),
        cmocka_unit_test(what_an_arena_gave_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
