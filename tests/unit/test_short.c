// SPDX-License-Identifier: GPL-2.0
/* Records in few bytes, and calls that were counted: what they stand for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/unit/decode_exact.h"

#define EVERY_FLAG                                                                                 \
    (PT_CALL_SOCKET_KNOWN | PT_CALL_PARTIAL_LATENCY | PT_CALL_IMPLIES_AUTOBIND |                   \
     PT_CALL_ENTRY_UNSEEN)

static struct pt_short_call short_call(void)
{
    struct pt_short_call call = {
        .header = {PT_EVENT_VERSION, PT_KIND_SHORT_CALL, sizeof(call), 5555, 7},
        .task = {.pid = 42, .tid = 43, .uid = 1000, .start_ns = 7, .exec_id = 8, .comm = "web"},
        .cookie = 99,
        .inode = 100,
        .requested_address = {127, 0, 0, 1},
        .local_address = {10, 9, 8, 7},
        .requested_port = 65535,
        .local_port = 8080,
        .latency_ns = UINT32_MAX,
        .fd = -7,
        .backlog = -128,
        .error = 4095,
        .address_size = 65535,
        .type = SOCK_STREAM,
        .protocol = 262,
        .state = 7,
        .options = 63,
        .op = PT_OP_CONNECT,
        .entry = PT_ENTRY_SEND,
        .plan = PT_PLAN_RESTRICTED,
        .address_source = PT_ADDRESS_USER,
        .stage = PT_STAGE_SECURITY,
        .flags = EVERY_FLAG | PT_SHORT_REQUESTED | PT_SHORT_LOCAL,
    };

    return call;
}

static struct pt_short_release short_release(void)
{
    struct pt_short_release release = {
        .header = {PT_EVENT_VERSION, PT_KIND_SHORT_RELEASE, sizeof(release), 6666, 8},
        .task = {.pid = 42, .comm = "web"},
        .cookie = 99,
        .inode = 100,
        .held_ns = UINT64_MAX,
        .local_address = {10, 9, 8, 7},
        .local_port = 65535,
        .type = SOCK_DGRAM,
        .protocol = 17,
        .state = 10,
        .options = 63,
        .plan = PT_PLAN_RESTRICTED,
        .taken_by = PT_OP_AUTOBIND,
        .flags = PT_RELEASE_OWNER_KNOWN,
    };

    return release;
}

static struct pt_repeated repeated_call(void)
{
    struct pt_repeated repeated = {
        .header = {PT_EVENT_VERSION, PT_KIND_REPEATED, sizeof(repeated), 9000, 3},
        .times = 21000,
        .since_ns = 8000,
        .call = {.call = {.header = {PT_EVENT_VERSION, PT_KIND_CALL, sizeof(repeated.call), 7000,
                                     2},
                          .task = {.pid = 42, .comm = "web"},
                          .requested = {.family = AF_INET6, .port = 8080},
                          .error = EADDRINUSE,
                          .fd = 3,
                          .op = PT_OP_BIND,
                          .plan = PT_PLAN_FEXIT},
                 .refusal = {.check = PT_CHECK_PORT, .conflicts = 1}},
    };

    return repeated;
}

static void a_short_call_is_the_long_one(void **state)
{
    struct pt_short_call call = short_call();
    struct record got;

    (void)state;
    assert_int_equal(decode(&call, sizeof(call), &got), sizeof(call));
    assert_int_equal(got.kind, PT_KIND_CALL);
    assert_false(got.refusal_known);
    assert_int_equal(got.times, 0);
    assert_int_equal(got.call.header.time_ns, 5555);
    assert_int_equal(got.call.header.lost, 7);
    assert_memory_equal(&got.call.task, &call.task, sizeof(call.task));
    assert_int_equal(got.call.socket.cookie, 99);
    assert_int_equal(got.call.socket.inode, 100);
    assert_int_equal(got.call.socket.family, AF_INET);
    assert_int_equal(got.call.socket.type, SOCK_STREAM);
    assert_int_equal(got.call.socket.protocol, 262);
    assert_int_equal(got.call.socket.state, 7);
    assert_int_equal(got.call.socket.options, 63);
    assert_int_equal(got.call.requested.family, AF_INET);
    assert_int_equal(got.call.requested.port, 65535);
    assert_memory_equal(got.call.requested.address, call.requested_address, 4);
    assert_int_equal(got.call.local.family, AF_INET);
    assert_int_equal(got.call.local.port, 8080);
    assert_memory_equal(got.call.local.address, call.local_address, 4);
    assert_int_equal(got.call.latency_ns, UINT32_MAX);
    assert_int_equal(got.call.fd, -7);
    assert_int_equal(got.call.backlog, -128);
    assert_int_equal(got.call.error, 4095);
    assert_int_equal(got.call.address_size, 65535);
    assert_int_equal(got.call.op, PT_OP_CONNECT);
    assert_int_equal(got.call.entry, PT_ENTRY_SEND);
    assert_int_equal(got.call.plan, PT_PLAN_RESTRICTED);
    assert_int_equal(got.call.address_source, PT_ADDRESS_USER);
    assert_int_equal(got.call.stage, PT_STAGE_SECURITY);
    assert_int_equal(got.call.flags, EVERY_FLAG);
}

static void what_a_short_call_has_not_is_not_there(void **state)
{
    const struct pt_endpoint none = {0};
    const struct pt_socket unknown = {0};
    struct pt_short_call call = short_call();
    struct record got;

    (void)state;
    call.flags = PT_SHORT_LOCAL;
    assert_int_equal(decode(&call, sizeof(call), &got), sizeof(call));
    assert_memory_equal(&got.call.socket, &unknown, sizeof(unknown));
    assert_memory_equal(&got.call.requested, &none, sizeof(none));
    assert_int_equal(got.call.local.port, 8080);
    assert_int_equal(got.call.flags, 0);
    call.flags = PT_SHORT_REQUESTED;
    assert_int_equal(decode(&call, sizeof(call), &got), sizeof(call));
    assert_int_equal(got.call.requested.port, 65535);
    assert_memory_equal(&got.call.local, &none, sizeof(none));
}

static void a_short_release_is_the_long_one(void **state)
{
    struct pt_short_release release = short_release();
    struct record got;

    (void)state;
    assert_int_equal(decode(&release, sizeof(release), &got), sizeof(release));
    assert_int_equal(got.kind, PT_KIND_RELEASE);
    assert_int_equal(got.release.header.time_ns, 6666);
    assert_int_equal(got.release.header.lost, 8);
    assert_memory_equal(&got.release.task, &release.task, sizeof(release.task));
    assert_int_equal(got.release.socket.cookie, 99);
    assert_int_equal(got.release.socket.inode, 100);
    assert_int_equal(got.release.socket.family, AF_INET);
    assert_int_equal(got.release.socket.type, SOCK_DGRAM);
    assert_int_equal(got.release.socket.protocol, 17);
    assert_int_equal(got.release.socket.state, 10);
    assert_int_equal(got.release.socket.options, 63);
    assert_int_equal(got.release.local.family, AF_INET);
    assert_int_equal(got.release.local.port, 65535);
    assert_memory_equal(got.release.local.address, release.local_address, 4);
    assert_int_equal(got.release.held_ns, UINT64_MAX);
    assert_int_equal(got.release.flags, PT_RELEASE_OWNER_KNOWN);
    assert_int_equal(got.release.op, PT_OP_RELEASE);
    assert_int_equal(got.release.plan, PT_PLAN_RESTRICTED);
    assert_int_equal(got.release.taken_by, PT_OP_AUTOBIND);
}

static void short_records_are_checked(void **state)
{
    struct pt_short_call call = short_call();
    struct pt_short_release release = short_release();
    struct record got;

    (void)state;
    for (size_t size = 0; size < sizeof(call); size++)
        assert_int_equal(decode(&call, size, &got), -EBADMSG);
    for (size_t size = 0; size < sizeof(release); size++)
        assert_int_equal(decode(&release, size, &got), -EBADMSG);
    memset(call.task.comm, 'c', PT_COMM_SIZE);
    assert_int_equal(decode(&call, sizeof(call), &got), sizeof(call));
    assert_int_equal(strlen(got.call.task.comm), PT_COMM_SIZE - 1);
    call.error = 4096;
    assert_int_equal(decode(&call, sizeof(call), &got), -EBADMSG);
    call = short_call();
    call.op = PT_OP_RELEASE;
    assert_int_equal(decode(&call, sizeof(call), &got), -EBADMSG);
    release.plan = 0;
    assert_int_equal(decode(&release, sizeof(release), &got), -EBADMSG);
}

static void repeated_calls_are_the_call_with_a_count(void **state)
{
    struct pt_repeated repeated = repeated_call();
    struct observation seen;
    struct record got;

    (void)state;
    assert_int_equal(decode(&repeated, sizeof(repeated), &got), sizeof(repeated));
    assert_int_equal(got.kind, PT_KIND_CALL);
    assert_true(got.refusal_known);
    assert_int_equal(got.header.lost, 3);
    assert_int_equal(got.failed_call.refusal.conflicts, 1);
    decode_observation(&got, &seen);
    assert_int_equal(seen.repeated, 21000);
    assert_int_equal(seen.since_ns, 8000);
    assert_int_equal(seen.time_ns, 9000);
    assert_int_equal(seen.error, EADDRINUSE);
    assert_int_equal(seen.requested.port, 8080);
}

static void repeated_calls_need_no_refusal(void **state)
{
    struct pt_repeated repeated = repeated_call();
    struct record got;

    (void)state;
    repeated.call.call.header.size = sizeof(struct pt_call);
    assert_int_equal(decode(&repeated, sizeof(repeated), &got), sizeof(repeated));
    assert_false(got.refusal_known);
    repeated.header.size -= sizeof(struct pt_refusal);
    assert_int_equal(decode(&repeated, repeated.header.size, &got), repeated.header.size);
    assert_false(got.refusal_known);
    assert_int_equal(got.times, 21000);
}

static void once_is_not_repeated(void **state)
{
    struct pt_repeated repeated = repeated_call();
    struct observation seen;
    struct record got;

    (void)state;
    repeated.times = 1;
    assert_int_equal(decode(&repeated, sizeof(repeated), &got), sizeof(repeated));
    decode_observation(&got, &seen);
    assert_int_equal(seen.repeated, 0);
    assert_int_equal(seen.time_ns, 9000);
}

#define REFUSES(field_, value_)                                                                    \
    do {                                                                                           \
        struct pt_repeated made_ = repeated_call();                                                \
        struct record ret_;                                                                        \
        made_.field_ = (value_);                                                                   \
        assert_int_equal(decode(&made_, sizeof(made_), &ret_), -EBADMSG);                          \
    } while (0)

static void counts_and_what_is_within_are_checked(void **state)
{
    struct pt_repeated repeated = repeated_call();
    struct record got;

    (void)state;
    for (size_t size = 0; size < sizeof(repeated); size++)
        assert_int_equal(decode(&repeated, size, &got), -EBADMSG);
    REFUSES(times, 0);
    REFUSES(times, DECODE_TIMES_MOST + 1);
    REFUSES(since_ns, 9001);
    REFUSES(call.call.header.kind, PT_KIND_RELEASE);
    REFUSES(call.call.header.kind, PT_KIND_REPEATED);
    REFUSES(call.call.header.size, sizeof(struct pt_call) - 1);
    REFUSES(call.call.header.size, sizeof(struct pt_failed_call) + 1);
    REFUSES(call.call.header.size, UINT32_MAX);
    REFUSES(call.call.op, 0);
    REFUSES(call.refusal.check, PT_CHECKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_call_is_the_long_one),
        cmocka_unit_test(what_a_short_call_has_not_is_not_there),
        cmocka_unit_test(a_short_release_is_the_long_one),
        cmocka_unit_test(short_records_are_checked),
        cmocka_unit_test(repeated_calls_are_the_call_with_a_count),
        cmocka_unit_test(repeated_calls_need_no_refusal),
        cmocka_unit_test(once_is_not_repeated),
        cmocka_unit_test(counts_and_what_is_within_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
