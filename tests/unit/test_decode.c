// SPDX-License-Identifier: GPL-2.0
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

#define HEADER(kind_, type)                                                                        \
    {                                                                                              \
        .version = PT_EVENT_VERSION, .kind = (kind_), .size = sizeof(type)                         \
    }

static struct pt_call good_call(void)
{
    struct pt_call call = {
        .header = HEADER(PT_KIND_CALL, struct pt_call),
        .task = {.pid = 42, .tid = 43, .uid = 1000, .start_ns = 7, .exec_id = 8, .comm = "web"},
        .socket = {.cookie = 99, .inode = 100, .family = AF_INET, .type = SOCK_STREAM},
        .requested = {.family = AF_INET, .port = 8080, .address = {127, 0, 0, 1}},
        .local = {.family = AF_INET6, .port = 8080, .scope_id = 3},
        .latency_ns = 1234,
        .error = EADDRINUSE,
        .fd = 3,
        .backlog = 128,
        .address_size = 16,
        .op = PT_OP_BIND,
        .entry = PT_ENTRY_SYSCALL,
        .plan = PT_PLAN_KPROBE,
        .address_source = PT_ADDRESS_KERNEL,
        .stage = PT_STAGE_PROTOCOL,
        .flags = PT_CALL_SOCKET_KNOWN,
    };

    call.header.time_ns = 5555;
    return call;
}

static struct pt_release good_release(void)
{
    struct pt_release release = {
        .header = HEADER(PT_KIND_RELEASE, struct pt_release),
        .task = {.pid = 42, .comm = "web"},
        .socket = {.cookie = 99},
        .local = {.family = AF_INET, .port = 8080},
        .held_ns = 77,
        .flags = PT_RELEASE_OWNER_KNOWN,
        .op = PT_OP_RELEASE,
        .plan = PT_PLAN_FEXIT,
        .taken_by = PT_OP_AUTOBIND,
    };

    release.header.time_ns = 6666;
    return release;
}

static struct pt_text good_text(void)
{
    struct pt_text text = {
        .header = HEADER(PT_KIND_TEXT, struct pt_text),
        .pid = 42,
        .text_kind = PT_TEXT_ARGS,
        .length = PT_TEXT_SIZE,
        .offset = PT_ARGS_MAX - PT_TEXT_SIZE,
    };

    return text;
}

static struct pt_start good_start(void)
{
    struct pt_start start = {
        .header = HEADER(PT_KIND_START, struct pt_start),
        .wall_offset_ns = 1,
        .boot_id = "b",
        .host = "h",
        .kernel = "k",
        .plan = PT_PLAN_RESTRICTED,
    };

    return start;
}

#define ACCEPTS(made_)                                                                             \
    do {                                                                                           \
        struct record ret_;                                                                        \
        assert_int_equal(decode(&(made_), sizeof(made_), &ret_), sizeof(made_));                   \
        assert_int_equal(ret_.kind, (made_).header.kind);                                          \
    } while (0)

#define REFUSES(made_)                                                                             \
    do {                                                                                           \
        struct record ret_;                                                                        \
        assert_int_equal(decode(&(made_), sizeof(made_), &ret_), -EBADMSG);                        \
    } while (0)

static void every_kind_is_accepted(void **state)
{
    struct pt_start start = good_start();
    struct pt_process process = {.header = HEADER(PT_KIND_PROCESS, struct pt_process)};
    struct pt_text text = good_text();
    struct pt_call call = good_call();
    struct pt_release release = good_release();
    struct pt_loss loss = {.header = HEADER(PT_KIND_LOSS, struct pt_loss), .lost = {1, 2, 3, 4}};
    struct record got;

    (void)state;
    ACCEPTS(start);
    ACCEPTS(process);
    ACCEPTS(text);
    ACCEPTS(call);
    ACCEPTS(release);
    ACCEPTS(loss);
    assert_int_equal(decode(&loss, sizeof(loss), &got), sizeof(loss));
    assert_memory_equal(&got.loss, &loss, sizeof(loss));
}

static void a_loss_of_older_files_has_fewer_causes(void **state)
{
    struct pt_loss loss = {.header = HEADER(PT_KIND_LOSS, struct pt_loss),
                           .lost = {1, 2, 3, 4, 5, 6}};
    struct record got;

    (void)state;
    loss.header.size = offsetof(struct pt_loss, lost[PT_LOSS_SKIPPED]);
    assert_int_equal(decode(&loss, loss.header.size, &got), loss.header.size);
    assert_int_equal(got.loss.lost[PT_LOSS_DESCRIPTION], 5);
    assert_int_equal(got.loss.lost[PT_LOSS_SKIPPED], 0);
    loss.header.size -= sizeof(loss.lost[0]);
    assert_int_equal(decode(&loss, loss.header.size, &got), -EBADMSG);
}

static void short_input_is_refused_at_every_size(void **state)
{
    struct pt_call call = good_call();
    struct record got;

    (void)state;
    for (size_t size = 0; size < sizeof(call); size++)
        assert_int_equal(decode(&call, size, &got), -EBADMSG);
}

static void record_shorter_than_its_kind_is_refused(void **state)
{
    struct pt_call call = good_call();

    (void)state;
    for (uint32_t size = 0; size < sizeof(call); size++) {
        call.header.size = size;
        REFUSES(call);
    }
    call.header.size = sizeof(call) + 1;
    REFUSES(call);
    call.header.size = UINT32_MAX;
    REFUSES(call);
}

static void other_versions_are_refused(void **state)
{
    struct pt_call call = good_call();

    (void)state;
    call.header.version = 0;
    REFUSES(call);
    call.header.version = PT_EVENT_VERSION + 1;
    REFUSES(call);
}

static void longer_record_is_taken_whole(void **state)
{
    struct {
        struct pt_call call;
        char added[40];
    } newer = {.call = good_call()};
    struct record got;

    (void)state;
    newer.call.header.size = sizeof(newer);
    memset(newer.added, 0xff, sizeof(newer.added));
    assert_int_equal(decode(&newer, sizeof(newer), &got), sizeof(newer));
    assert_memory_equal(&got.call, &newer.call, sizeof(newer.call));
}

static void unknown_kind_is_skipped_by_its_size(void **state)
{
    struct {
        struct pt_header header;
        char body[13];
    } record = {.header = HEADER(999, struct pt_header)};
    struct record got = {.kind = PT_KIND_CALL};

    (void)state;
    record.header.size = sizeof(record.header) + 13;
    assert_int_equal(decode(&record, sizeof(record), &got), sizeof(record.header) + 13);
    assert_int_equal(got.kind, 0);
    assert_int_equal(got.header.kind, 999);
    record.header.kind = 0;
    assert_int_equal(decode(&record, sizeof(record), &got), sizeof(record.header) + 13);
    assert_int_equal(got.kind, 0);
    record.header.size = sizeof(record.header) - 1;
    assert_int_equal(decode(&record, sizeof(record), &got), -EBADMSG);
}

static void unaligned_input_is_read(void **state)
{
    char buffer[sizeof(struct pt_call) + 8];
    struct pt_call call = good_call();
    struct record got;

    (void)state;
    for (size_t shift = 0; shift < 8; shift++) {
        memcpy(buffer + shift, &call, sizeof(call));
        assert_int_equal(decode_record(buffer + shift, sizeof(call), &got), sizeof(call));
        assert_memory_equal(&got.call, &call, sizeof(call));
    }
}

static void only_the_first_record_of_many_is_taken(void **state)
{
    struct pt_call calls[2] = {good_call(), good_call()};
    struct record got;

    (void)state;
    assert_int_equal(decode(calls, sizeof(calls), &got), sizeof(calls[0]));
}

static void refusal_leaves_the_result_alone(void **state)
{
    struct pt_call call = good_call();
    struct record before, got;

    (void)state;
    memset(&got, 0x5a, sizeof(got));
    before = got;
    call.op = 0;
    assert_int_equal(decode(&call, sizeof(call), &got), -EBADMSG);
    assert_memory_equal(&got, &before, sizeof(got));
}

static void text_is_bounded(void **state)
{
    static const struct {
        uint16_t kind;
        uint32_t limit;
    } kinds[] = {{PT_TEXT_EXE, DECODE_PATH_MAX},
                 {PT_TEXT_ARGS, PT_ARGS_MAX},
                 {PT_TEXT_CGROUP, DECODE_PATH_MAX}};
    struct pt_text text = good_text();

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        text.text_kind = kinds[i].kind;
        text.length = PT_TEXT_SIZE;
        text.offset = kinds[i].limit - PT_TEXT_SIZE;
        ACCEPTS(text);
        text.offset++;
        REFUSES(text);
        text.length = 0;
        text.offset = kinds[i].limit;
        ACCEPTS(text);
        text.offset++;
        REFUSES(text);
        text.offset = UINT32_MAX;
        text.length = 2;
        REFUSES(text);
        text.offset = 0;
        text.length = PT_TEXT_SIZE + 1;
        REFUSES(text);
        text.length = UINT32_MAX;
        REFUSES(text);
    }
    text = good_text();
    text.text_kind = 0;
    REFUSES(text);
    text.text_kind = PT_TEXT_CGROUP + 1;
    REFUSES(text);
}

#define CHECK_RANGE(make, field, low, high)                                                        \
    do {                                                                                           \
        __typeof__(make()) record_ = make();                                                       \
        for (int value_ = (low); value_ <= (high); value_++) {                                     \
            record_.field = (__typeof__(record_.field))value_;                                     \
            ACCEPTS(record_);                                                                      \
        }                                                                                          \
        record_.field = (__typeof__(record_.field))((low)-1);                                      \
        REFUSES(record_);                                                                          \
        record_.field = (__typeof__(record_.field))((high) + 1);                                   \
        REFUSES(record_);                                                                          \
    } while (0)

static void enums_are_bounded(void **state)
{
    (void)state;
    CHECK_RANGE(good_call, op, PT_OP_BIND, PT_OP_AUTOBIND);
    CHECK_RANGE(good_call, entry, PT_ENTRY_UNKNOWN, PT_ENTRY_SEND);
    CHECK_RANGE(good_call, plan, PT_PLAN_FEXIT, PT_PLAN_RESTRICTED);
    CHECK_RANGE(good_call, address_source, PT_ADDRESS_NONE, PT_ADDRESS_USER);
    CHECK_RANGE(good_call, stage, PT_STAGE_UNKNOWN, PT_STAGE_PROTOCOL);
    CHECK_RANGE(good_call, error, 0, 4095);
    CHECK_RANGE(good_release, op, PT_OP_RELEASE, PT_OP_RELEASE);
    CHECK_RANGE(good_release, plan, PT_PLAN_FEXIT, PT_PLAN_RESTRICTED);
    CHECK_RANGE(good_release, taken_by, 0, PT_OP_AUTOBIND);
    CHECK_RANGE(good_start, plan, PT_PLAN_FEXIT, PT_PLAN_RESTRICTED);
}

static void families_are_checked(void **state)
{
    struct pt_call call;
    struct pt_release release = good_release();

    (void)state;
    for (unsigned int family = 0; family <= UINT16_MAX; family++) {
        struct record got;
        int wanted = family == 0 || family == AF_INET || family == AF_INET6
                         ? (int)sizeof(struct pt_call)
                         : -EBADMSG;

        call = good_call();
        call.requested.family = (uint16_t)family;
        assert_int_equal(decode_record(&call, sizeof(call), &got), wanted);
        call = good_call();
        call.local.family = (uint16_t)family;
        assert_int_equal(decode_record(&call, sizeof(call), &got), wanted);
    }
    release.local.family = AF_UNIX;
    REFUSES(release);
}

/* The caller is free to call bind(-7, p, -1) or listen(fd, -1): that must not hide the call. */
static void what_the_caller_chose_is_never_refused(void **state)
{
    struct pt_call call = good_call();

    (void)state;
    call.fd = INT32_MIN;
    call.backlog = INT32_MIN;
    call.address_size = UINT32_MAX;
    call.socket.device_ifindex = -1;
    call.socket.family = UINT16_MAX;
    call.flags = UINT32_MAX;
    ACCEPTS(call);
}

static void names_are_always_ended(void **state)
{
    struct pt_start start = good_start();
    struct pt_process process = {.header = HEADER(PT_KIND_PROCESS, struct pt_process)};
    struct pt_call call = good_call();
    struct pt_release release = good_release();
    struct record got;

    (void)state;
    memset(start.boot_id, 'b', sizeof(start.boot_id));
    memset(start.host, 'h', sizeof(start.host));
    memset(start.kernel, 'k', sizeof(start.kernel));
    assert_int_equal(decode(&start, sizeof(start), &got), sizeof(start));
    assert_int_equal(strlen(got.start.boot_id), sizeof(start.boot_id) - 1);
    assert_int_equal(strlen(got.start.host), sizeof(start.host) - 1);
    assert_int_equal(strlen(got.start.kernel), sizeof(start.kernel) - 1);

    memset(process.task.comm, 'c', PT_COMM_SIZE);
    assert_int_equal(decode(&process, sizeof(process), &got), sizeof(process));
    assert_int_equal(strlen(got.process.task.comm), PT_COMM_SIZE - 1);

    memset(call.task.comm, 'c', PT_COMM_SIZE);
    memset(call.socket.device, 'd', PT_DEVICE_SIZE);
    assert_int_equal(decode(&call, sizeof(call), &got), sizeof(call));
    assert_int_equal(strlen(got.call.task.comm), PT_COMM_SIZE - 1);
    assert_int_equal(strlen(got.call.socket.device), PT_DEVICE_SIZE - 1);

    memset(release.task.comm, 'c', PT_COMM_SIZE);
    memset(release.socket.device, 'd', PT_DEVICE_SIZE);
    assert_int_equal(decode(&release, sizeof(release), &got), sizeof(release));
    assert_int_equal(strlen(got.release.task.comm), PT_COMM_SIZE - 1);
    assert_int_equal(strlen(got.release.socket.device), PT_DEVICE_SIZE - 1);
}

static void call_becomes_an_observation(void **state)
{
    struct record record = {.kind = PT_KIND_CALL, .call = good_call()};
    struct observation seen;

    (void)state;
    memset(&seen, 0x5a, sizeof(seen));
    decode_observation(&record, &seen);
    assert_int_equal(seen.sequence, 0);
    assert_int_equal(seen.time_ns, 5555);
    assert_int_equal(seen.op, PT_OP_BIND);
    assert_int_equal(seen.entry, PT_ENTRY_SYSCALL);
    assert_int_equal(seen.plan, PT_PLAN_KPROBE);
    assert_int_equal(seen.stage, PT_STAGE_PROTOCOL);
    assert_int_equal(seen.address_source, PT_ADDRESS_KERNEL);
    assert_int_equal(seen.error, EADDRINUSE);
    assert_int_equal(seen.fd, 3);
    assert_int_equal(seen.backlog, 128);
    assert_int_equal(seen.address_size, 16);
    assert_false(seen.implies_autobind);
    assert_true(seen.process_known);
    assert_false(seen.process.described);
    assert_null(seen.process.exe.at);
    assert_memory_equal(&seen.process.task, &record.call.task, sizeof(struct pt_task));
    assert_true(seen.socket_known);
    assert_memory_equal(&seen.socket, &record.call.socket, sizeof(struct pt_socket));
    assert_memory_equal(&seen.requested, &record.call.requested, sizeof(struct pt_endpoint));
    assert_memory_equal(&seen.local, &record.call.local, sizeof(struct pt_endpoint));
    assert_int_equal(seen.latency_ns, 1234);
    assert_false(seen.latency_partial);
    assert_int_equal(seen.held_ns, 0);
    assert_int_equal(seen.taken_by, 0);
}

static void flags_of_a_call_are_told_apart(void **state)
{
    static const struct pt_socket nothing;
    struct record record = {.kind = PT_KIND_CALL, .call = good_call()};
    struct observation seen;

    (void)state;
    record.call.flags = PT_CALL_PARTIAL_LATENCY;
    decode_observation(&record, &seen);
    assert_true(seen.latency_partial);
    assert_false(seen.implies_autobind);
    assert_false(seen.socket_known);
    assert_memory_equal(&seen.socket, &nothing, sizeof(nothing));
    record.call.flags = PT_CALL_IMPLIES_AUTOBIND;
    decode_observation(&record, &seen);
    assert_false(seen.latency_partial);
    assert_true(seen.implies_autobind);
}

static void release_becomes_an_observation(void **state)
{
    struct record record = {.kind = PT_KIND_RELEASE, .release = good_release()};
    struct observation seen;

    (void)state;
    decode_observation(&record, &seen);
    assert_int_equal(seen.time_ns, 6666);
    assert_int_equal(seen.op, PT_OP_RELEASE);
    assert_int_equal(seen.plan, PT_PLAN_FEXIT);
    assert_int_equal(seen.error, 0);
    assert_int_equal(seen.fd, -1);
    assert_true(seen.process_known);
    assert_int_equal(seen.process.task.pid, 42);
    assert_true(seen.socket_known);
    assert_int_equal(seen.socket.cookie, 99);
    assert_int_equal(seen.requested.family, 0);
    assert_int_equal(seen.local.port, 8080);
    assert_int_equal(seen.held_ns, 77);
    assert_int_equal(seen.taken_by, PT_OP_AUTOBIND);

    record.release.flags = 0;
    memset(&record.release.task, 0, sizeof(record.release.task));
    record.release.task.netns = 4026531840u;
    decode_observation(&record, &seen);
    assert_false(seen.process_known);
    assert_int_equal(seen.process.task.netns, 4026531840u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_accepted),
        cmocka_unit_test(a_loss_of_older_files_has_fewer_causes),
        cmocka_unit_test(short_input_is_refused_at_every_size),
        cmocka_unit_test(record_shorter_than_its_kind_is_refused),
        cmocka_unit_test(other_versions_are_refused),
        cmocka_unit_test(longer_record_is_taken_whole),
        cmocka_unit_test(unknown_kind_is_skipped_by_its_size),
        cmocka_unit_test(unaligned_input_is_read),
        cmocka_unit_test(only_the_first_record_of_many_is_taken),
        cmocka_unit_test(refusal_leaves_the_result_alone),
        cmocka_unit_test(text_is_bounded),
        cmocka_unit_test(enums_are_bounded),
        cmocka_unit_test(families_are_checked),
        cmocka_unit_test(what_the_caller_chose_is_never_refused),
        cmocka_unit_test(names_are_always_ended),
        cmocka_unit_test(call_becomes_an_observation),
        cmocka_unit_test(flags_of_a_call_are_told_apart),
        cmocka_unit_test(release_becomes_an_observation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
