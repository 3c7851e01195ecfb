// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "user/cli/pipeline.h"

#define SEEN_MAX      16
#define WALL_OFFSET   1700000000000000000ull
#define FIRST_TIME_NS 1000

struct fixture {
    struct pipeline_output output;
    struct pipeline *pipeline;
    uint64_t counters[PT_LOSS_CAUSES]; /* those of the kernel */
    struct observation seen[SEEN_MAX];
    char exe[SEEN_MAX][64];
    unsigned int holders[SEEN_MAX];
    uint64_t looked_ns[SEEN_MAX];
    struct pt_holder holder[SEEN_MAX]; /* the first one */
    unsigned int holder_processes[SEEN_MAX];
    char holder_exe[SEEN_MAX][64];
    unsigned int seen_count;
    struct loss losses[SEEN_MAX];
    unsigned int losses_before[SEEN_MAX]; /* observations that came before */
    unsigned int loss_count;
    unsigned int starts;
    unsigned int forgotten;
    uint32_t last_forgotten;
    int stop;
};

static int on_start(void *context, const struct pt_start *start)
{
    struct fixture *fixture = context;

    assert_string_equal(start->host, "here");
    fixture->starts++;
    return 0;
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct fixture *fixture = context;
    unsigned int at = fixture->seen_count++;
    struct holders holders = found_holders(found);

    assert_true(at < SEEN_MAX);
    fixture->seen[at] = *seen;
    fixture->holders[at] = holders.count;
    fixture->looked_ns[at] = found->looked_ns;
    if (holders.count) {
        fixture->holder[at] = holders.at[0].seen;
        fixture->holder_processes[at] = holders.at[0].process_count;
        if (holders.at[0].process_count && holders.at[0].processes[0].process->exe.at)
            memcpy(fixture->holder_exe[at], holders.at[0].processes[0].process->exe.at,
                   holders.at[0].processes[0].process->exe.size);
    }
    if (seen->process.exe.at)
        memcpy(fixture->exe[at], seen->process.exe.at, seen->process.exe.size);
    return fixture->stop;
}

static int on_loss(void *context, const struct loss *loss)
{
    struct fixture *fixture = context;

    assert_true(fixture->loss_count < SEEN_MAX);
    fixture->losses_before[fixture->loss_count] = fixture->seen_count;
    fixture->losses[fixture->loss_count++] = *loss;
    return 0;
}

static void read_losses(void *context, uint64_t ret_lost[PT_LOSS_CAUSES])
{
    struct fixture *fixture = context;

    memcpy(ret_lost, fixture->counters, sizeof(fixture->counters));
}

static int set_up(void **state)
{
    static struct fixture fixture;

    memset(&fixture, 0, sizeof(fixture));
    fixture.output = (struct pipeline_output){.start = on_start,
                                              .observation = on_observation,
                                              .loss = on_loss,
                                              .losses = read_losses,
                                              .context = &fixture};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    pipeline_free(fixture->pipeline);
    filter_match_free(fixture->output.match);
    return 0;
}

static struct pt_start start_record(void)
{
    struct pt_start start = {.header = {PT_EVENT_VERSION, PT_KIND_START, sizeof(start), 500, 0},
                             .wall_offset_ns = WALL_OFFSET,
                             .host = "here",
                             .kernel = "6.1",
                             .plan = PT_PLAN_FEXIT};

    return start;
}

static struct pt_call call_record(uint32_t pid, uint64_t lost)
{
    struct pt_call call = {
        .header = {PT_EVENT_VERSION, PT_KIND_CALL, sizeof(call), FIRST_TIME_NS + pid, lost},
        .task = {.pid = pid, .tid = pid, .start_ns = 7, .exec_id = 8, .comm = "web"},
        .op = PT_OP_BIND,
        .plan = PT_PLAN_FEXIT,
        .fd = 3,
    };

    return call;
}

static struct pt_loss loss_record(uint64_t ring_full)
{
    struct pt_loss loss = {.header = {PT_EVENT_VERSION, PT_KIND_LOSS, sizeof(loss), 2000, 0},
                           .lost = {[PT_LOSS_RING_FULL] = ring_full}};

    return loss;
}

static void begin(struct fixture *fixture)
{
    struct pt_start start = start_record();

    fixture->pipeline = pipeline_new(&fixture->output);
    assert_non_null(fixture->pipeline);
    assert_int_equal(pipeline_take(fixture->pipeline, &start, sizeof(start)), sizeof(start));
}

static void begin_file(struct fixture *fixture)
{
    fixture->output.losses = NULL;
    begin(fixture);
}

static void take_call(struct fixture *fixture, uint32_t pid, uint64_t lost)
{
    struct pt_call call = call_record(pid, lost);

    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), sizeof(call));
}

static void describe(struct fixture *fixture, uint32_t pid)
{
    struct pt_process process = {
        .header = {PT_EVENT_VERSION, PT_KIND_PROCESS, sizeof(process), 900, 0},
        .task = {.pid = pid, .start_ns = 7, .exec_id = 8, .comm = "web"}};
    struct pt_text text = {.header = {PT_EVENT_VERSION, PT_KIND_TEXT, sizeof(text), 900, 0},
                           .pid = pid,
                           .text_kind = PT_TEXT_EXE,
                           .flags = PT_TEXT_LAST,
                           .start_ns = 7,
                           .exec_id = 8,
                           .length = 8,
                           .text = "web\0bin"};

    assert_int_equal(pipeline_take(fixture->pipeline, &process, sizeof(process)), sizeof(process));
    assert_int_equal(pipeline_take(fixture->pipeline, &text, sizeof(text)), sizeof(text));
}

static void observations_are_numbered_dated_and_described(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    describe(fixture, 42);
    take_call(fixture, 42, 0);
    take_call(fixture, 43, 0);
    assert_int_equal(fixture->starts, 1);
    assert_int_equal(fixture->seen_count, 2);
    assert_int_equal(fixture->seen[0].sequence, 1);
    assert_int_equal(fixture->seen[1].sequence, 2);
    assert_int_equal(fixture->seen[0].time_ns, FIRST_TIME_NS + 42);
    assert_int_equal(fixture->seen[0].wall_ns, WALL_OFFSET + FIRST_TIME_NS + 42);
    assert_true(fixture->seen[0].process.described);
    assert_string_equal(fixture->exe[0], "/bin/web");
    assert_false(fixture->seen[1].process.described);
    assert_string_equal(fixture->seen[1].process.task.comm, "web");
    assert_int_equal(fixture->loss_count, 0);
    assert_int_equal(pipeline_totals(fixture->pipeline).observations, 2);
}

static void take_release(struct fixture *fixture, uint32_t pid)
{
    struct pt_release release = {
        .header = {PT_EVENT_VERSION, PT_KIND_RELEASE, sizeof(release), 3000, 0},
        .task = {.pid = pid, .tid = pid, .start_ns = 7, .exec_id = 8, .comm = "web"},
        .flags = PT_RELEASE_OWNER_KNOWN,
        .op = PT_OP_RELEASE,
        .plan = PT_PLAN_FEXIT,
        .taken_by = PT_OP_BIND,
    };

    assert_int_equal(pipeline_take(fixture->pipeline, &release, sizeof(release)), sizeof(release));
}

static void note_forgotten(void *context, uint32_t pid)
{
    struct fixture *fixture = context;

    fixture->forgotten++;
    fixture->last_forgotten = pid;
}

static void who_holds_a_port_is_known_when_it_is_released(void **state)
{
    struct fixture *fixture = *state;
    struct pt_call call = call_record(42, 0);

    fixture->output.forgotten = note_forgotten;
    begin(fixture);
    call.local = (struct pt_endpoint){.family = AF_INET, .port = 80};
    for (int i = 0; i < 2; i++) {
        describe(fixture, 42);
        assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), sizeof(call));
        for (uint32_t pid = 100; pid < 20100; pid++)
            describe(fixture, pid);
        take_release(fixture, 42);
        assert_true(fixture->seen[fixture->seen_count - 1].process.described);
        for (uint32_t pid = 30000; pid < 50000; pid++)
            describe(fixture, pid);
    }
    take_release(fixture, 42);
    assert_false(fixture->seen[fixture->seen_count - 1].process.described);
    assert_true(fixture->forgotten > 20000);
    assert_in_range(fixture->last_forgotten, 30000, 50000);
}

static void a_loss_comes_before_the_record_that_tells_it(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    take_call(fixture, 1, 0);
    fixture->counters[PT_LOSS_RING_FULL] = 2;
    fixture->counters[PT_LOSS_CALLS_FULL] = 1;
    take_call(fixture, 2, 3);
    take_call(fixture, 3, 3);
    assert_int_equal(fixture->loss_count, 1);
    assert_int_equal(fixture->losses_before[0], 1);
    assert_int_equal(fixture->losses[0].lost[PT_LOSS_RING_FULL], 2);
    assert_int_equal(fixture->losses[0].lost[PT_LOSS_CALLS_FULL], 1);
    assert_int_equal(fixture->losses[0].sequence, 5);
    assert_int_equal(fixture->losses[0].wall_ns, WALL_OFFSET + FIRST_TIME_NS + 2);
    assert_int_equal(fixture->seen[1].sequence, 5);
    assert_int_equal(fixture->seen[1].lost_before, 3);
    assert_int_equal(fixture->seen[2].sequence, 6);
    assert_int_equal(fixture->seen[2].lost_before, 0);
}

static void what_was_lost_later_is_told_later(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    fixture->counters[PT_LOSS_RING_FULL] = 10;
    fixture->counters[PT_LOSS_MISSED_RETURN] = 1;
    take_call(fixture, 1, 4);
    assert_int_equal(fixture->losses[0].lost[PT_LOSS_RING_FULL], 4);
    assert_int_equal(fixture->seen[0].sequence, 5);
    assert_int_equal(pipeline_finish(fixture->pipeline, 9000), 0);
    assert_int_equal(fixture->loss_count, 2);
    assert_int_equal(fixture->losses[1].lost[PT_LOSS_RING_FULL], 6);
    assert_int_equal(fixture->losses[1].lost[PT_LOSS_MISSED_RETURN], 1);
    assert_int_equal(fixture->losses[1].sequence, 13);
    assert_int_equal(fixture->losses[1].time_ns, 9000);
    assert_int_equal(pipeline_totals(fixture->pipeline).lost[PT_LOSS_RING_FULL], 10);
}

static void a_counter_that_lags_behind_is_asked_again(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    fixture->counters[PT_LOSS_RING_FULL] = 1;
    take_call(fixture, 1, 2);
    fixture->counters[PT_LOSS_RING_FULL] = 3;
    take_call(fixture, 2, 3);
    assert_int_equal(fixture->loss_count, 2);
    assert_int_equal(fixture->losses[1].lost[PT_LOSS_RING_FULL], 2);
    assert_int_equal(fixture->seen[1].sequence, 5);
}

static void a_lost_description_takes_no_number(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    fixture->counters[PT_LOSS_DESCRIPTION] = 1;
    take_call(fixture, 1, 0);
    assert_int_equal(fixture->loss_count, 1);
    assert_int_equal(fixture->losses_before[0], 0);
    assert_int_equal(fixture->losses[0].lost[PT_LOSS_DESCRIPTION], 1);
    assert_int_equal(fixture->seen[0].sequence, 1);
    assert_int_equal(fixture->seen[0].lost_before, 0);
    take_call(fixture, 1, 0);
    assert_int_equal(fixture->loss_count, 1);
}

static void a_file_tells_its_losses_by_records(void **state)
{
    struct fixture *fixture = *state;
    struct pt_loss loss = loss_record(3);

    begin_file(fixture);
    take_call(fixture, 1, 0);
    assert_int_equal(pipeline_take(fixture->pipeline, &loss, sizeof(loss)), sizeof(loss));
    take_call(fixture, 2, 3);
    assert_int_equal(fixture->loss_count, 1);
    assert_int_equal(fixture->losses_before[0], 1);
    assert_int_equal(fixture->losses[0].sequence, 5);
    assert_int_equal(fixture->seen[1].sequence, 5);
    assert_int_equal(fixture->seen[1].lost_before, 3);
    assert_int_equal(pipeline_finish(fixture->pipeline, 9000), 0);
    assert_int_equal(fixture->loss_count, 1);
}

static void a_file_that_hides_a_loss_is_damaged(void **state)
{
    struct fixture *fixture = *state;

    begin_file(fixture);
    take_call(fixture, 1, 3);
    assert_int_equal(pipeline_finish(fixture->pipeline, 9000), -ENODATA);
}

static void begin_file_with_end(struct fixture *fixture)
{
    struct pt_start start = start_record();

    start.flags = PT_START_ENDS;
    fixture->output.losses = NULL;
    fixture->pipeline = pipeline_new(&fixture->output);
    assert_int_equal(pipeline_take(fixture->pipeline, &start, sizeof(start)), sizeof(start));
}

static struct pt_end end_record(uint64_t lost)
{
    struct pt_end end = {.header = {PT_EVENT_VERSION, PT_KIND_END, sizeof(end), 8000, lost}};

    return end;
}

static void a_recording_without_its_end_broke_off(void **state)
{
    struct fixture *fixture = *state;

    begin_file_with_end(fixture);
    take_call(fixture, 1, 0);
    assert_int_equal(pipeline_finish(fixture->pipeline, 9000), -ENOMSG);
}

static void a_recording_has_the_time_of_its_end(void **state)
{
    struct fixture *fixture = *state;
    struct pt_end end = end_record(0);

    begin_file_with_end(fixture);
    take_call(fixture, 1, 0);
    assert_int_equal(pipeline_take(fixture->pipeline, &end, sizeof(end)), sizeof(end));
    assert_int_equal(pipeline_last_ns(fixture->pipeline), 8000);
    assert_int_equal(pipeline_finish(fixture->pipeline, 8000), 0);
}

static void an_end_tells_of_losses_that_no_record_has(void **state)
{
    struct fixture *fixture = *state;
    struct pt_end end = end_record(3);

    begin_file_with_end(fixture);
    assert_int_equal(pipeline_take(fixture->pipeline, &end, sizeof(end)), sizeof(end));
    assert_int_equal(pipeline_finish(fixture->pipeline, 8000), -ENODATA);
}

static void nothing_comes_after_the_end(void **state)
{
    struct fixture *fixture = *state;
    struct pt_end end = end_record(0);
    struct pt_call call = call_record(1, 0);

    begin_file_with_end(fixture);
    assert_int_equal(pipeline_take(fixture->pipeline, &end, sizeof(end)), sizeof(end));
    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), -EBADMSG);
    assert_int_equal(pipeline_take(fixture->pipeline, &end, sizeof(end)), -EBADMSG);
    assert_int_equal(fixture->seen_count, 0);
}

static void absurd_losses_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct pt_loss loss = loss_record(UINT64_MAX);
    struct pt_call call = call_record(1, UINT64_MAX);

    begin_file(fixture);
    assert_int_equal(pipeline_take(fixture->pipeline, &loss, sizeof(loss)), -EBADMSG);
    loss = loss_record(1ull << 53);
    assert_int_equal(pipeline_take(fixture->pipeline, &loss, sizeof(loss)), sizeof(loss));
    loss = loss_record(1);
    assert_int_equal(pipeline_take(fixture->pipeline, &loss, sizeof(loss)), -EBADMSG);
    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), -EBADMSG);
}

static void a_stream_begins_with_one_start(void **state)
{
    struct fixture *fixture = *state;
    struct pt_call call = call_record(1, 0);
    struct pt_start start = start_record();

    fixture->pipeline = pipeline_new(&fixture->output);
    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), -EBADMSG);
    assert_int_equal(pipeline_take(fixture->pipeline, &start, sizeof(start)), sizeof(start));
    assert_int_equal(pipeline_take(fixture->pipeline, &start, sizeof(start)), -EBADMSG);
    assert_int_equal(fixture->starts, 1);
    assert_int_equal(fixture->seen_count, 0);
}

static void the_kernel_sends_neither_losses_nor_ends(void **state)
{
    struct fixture *fixture = *state;
    struct pt_loss loss = loss_record(1);
    struct pt_end end = end_record(0);

    begin(fixture);
    assert_int_equal(pipeline_take(fixture->pipeline, &loss, sizeof(loss)), -EBADMSG);
    assert_int_equal(pipeline_take(fixture->pipeline, &end, sizeof(end)), -EBADMSG);
}

static void unknown_kinds_are_skipped(void **state)
{
    struct fixture *fixture = *state;
    char record[64] = {0};
    struct pt_header header = {PT_EVENT_VERSION, 999, sizeof(record), 1, 0};

    begin_file(fixture);
    memcpy(record, &header, sizeof(header));
    assert_int_equal(pipeline_take(fixture->pipeline, record, sizeof(record)), sizeof(record));
    take_call(fixture, 1, 0);
    assert_int_equal(fixture->seen[0].sequence, 1);
}

static void a_record_that_is_cut_off_is_refused_at_any_length(void **state)
{
    struct fixture *fixture = *state;
    struct pt_call call = call_record(1, 0);

    begin_file(fixture);
    for (size_t size = 0; size < sizeof(call); size++)
        assert_int_equal(pipeline_take(fixture->pipeline, &call, size), -EBADMSG);
    assert_int_equal(fixture->seen_count, 0);
}

static void what_the_output_returns_stops(void **state)
{
    struct fixture *fixture = *state;
    struct pt_call call = call_record(1, 0);

    begin(fixture);
    fixture->stop = -EPIPE;
    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), -EPIPE);
}

static void what_is_not_wanted_takes_no_number(void **state)
{
    struct fixture *fixture = *state;
    const struct filter filter = {.pids = {2}, .pid_count = 1};

    fixture->output.match = filter_match_new(&filter, NULL, 0);
    begin_file(fixture);
    take_call(fixture, 1, 0);
    take_call(fixture, 2, 0);
    assert_int_equal(fixture->seen_count, 1);
    assert_int_equal(fixture->seen[0].process.task.pid, 2);
    assert_int_equal(fixture->seen[0].sequence, 1);
}

static struct pt_holder holder_of(uint32_t pid, uint64_t inode, enum pt_holder_source source)
{
    struct pt_holder holder = {
        .task = {.pid = pid, .tid = pid, .start_ns = 7, .exec_id = 8, .comm = "web"},
        .socket = {.inode = inode, .protocol = 6},
        .flags = PT_HOLDER_OWNER_KNOWN,
        .fd = 5,
        .source = (uint8_t)source,
    };

    return holder;
}

static void take_held(struct fixture *fixture, uint32_t pid, uint64_t inode, uint64_t time_ns)
{
    struct pt_held held = {
        .header = {PT_EVENT_VERSION, PT_KIND_HELD, sizeof(held), time_ns, 0},
        .holder = holder_of(pid, inode, PT_HOLDER_LOOKUP),
    };

    assert_int_equal(pipeline_take(fixture->pipeline, &held, sizeof(held)), sizeof(held));
}

static void take_refused_call(struct fixture *fixture, uint32_t pid, const struct pt_holder *holder)
{
    struct pt_failed_call failed = {.call = call_record(pid, 0), .refusal = {.holder = *holder}};

    failed.call.header.size = sizeof(failed);
    failed.call.error = 98;
    assert_int_equal(pipeline_take(fixture->pipeline, &failed, sizeof(failed)), sizeof(failed));
}

static void holders_are_of_the_next_call(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    describe(fixture, 42);
    take_held(fixture, 42, 100, 5000);
    take_held(fixture, 43, 100, 5000);
    take_held(fixture, 44, 101, 5000);
    take_call(fixture, 1, 0);
    take_call(fixture, 2, 0);
    assert_int_equal(fixture->holders[0], 2);
    assert_int_equal(fixture->looked_ns[0], 5000);
    assert_int_equal(fixture->holder[0].socket.inode, 100);
    assert_int_equal(fixture->holder_processes[0], 2);
    assert_string_equal(fixture->holder_exe[0], "/bin/web");
    assert_int_equal(fixture->holders[1], 0);
    assert_int_equal(fixture->looked_ns[1], 0);
}

static void the_holder_that_came_with_the_call_is_the_first(void **state)
{
    struct fixture *fixture = *state;
    struct pt_holder hit = holder_of(44, 101, PT_HOLDER_CHECK);

    hit.since_ns = 77;
    begin(fixture);
    describe(fixture, 44);
    take_refused_call(fixture, 1, &hit);
    assert_int_equal(fixture->holders[0], 1);
    assert_string_equal(fixture->holder_exe[0], "/bin/web");
    take_held(fixture, 42, 100, 5000);
    take_held(fixture, 44, 101, 5000);
    take_refused_call(fixture, 2, &hit);
    assert_int_equal(fixture->holders[1], 2);
    assert_int_equal(fixture->holder[1].socket.inode, 101);
    assert_int_equal(fixture->holder[1].source, PT_HOLDER_CHECK);
    assert_int_equal(fixture->holder[1].since_ns, 77);
    assert_int_equal(fixture->holder_processes[1], 1);
}

static void more_holders_than_fit_do_no_harm(void **state)
{
    struct fixture *fixture = *state;

    begin(fixture);
    for (uint32_t i = 1; i <= 1000; i++)
        take_held(fixture, i, i % 100 + 1, 5000);
    take_call(fixture, 1, 0);
    assert_int_equal(fixture->holders[0], FOUND_HOLDERS_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(observations_are_numbered_dated_and_described),
        TEST(who_holds_a_port_is_known_when_it_is_released),
        TEST(a_loss_comes_before_the_record_that_tells_it),
        TEST(what_was_lost_later_is_told_later),
        TEST(a_counter_that_lags_behind_is_asked_again),
        TEST(a_lost_description_takes_no_number),
        TEST(a_file_tells_its_losses_by_records),
        TEST(a_file_that_hides_a_loss_is_damaged),
        TEST(absurd_losses_are_refused),
        TEST(a_stream_begins_with_one_start),
        TEST(the_kernel_sends_neither_losses_nor_ends),
        TEST(a_recording_without_its_end_broke_off),
        TEST(a_recording_has_the_time_of_its_end),
        TEST(an_end_tells_of_losses_that_no_record_has),
        TEST(nothing_comes_after_the_end),
        TEST(unknown_kinds_are_skipped),
        TEST(a_record_that_is_cut_off_is_refused_at_any_length),
        TEST(what_the_output_returns_stops),
        TEST(what_is_not_wanted_takes_no_number),
        TEST(holders_are_of_the_next_call),
        TEST(the_holder_that_came_with_the_call_is_the_first),
        TEST(more_holders_than_fit_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
