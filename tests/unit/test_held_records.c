// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/sample.h"
#include "user/cli/held_records.h"
#include "user/cli/pipeline.h"

#define LOOKED_NS 5000

struct fixture {
    struct strbuf out;
    struct pipeline *recorder;
    struct pipeline *pipeline; /* of the replay */
    struct holder holder;
    struct process_facts facts[2];
    struct holder_process processes[2];
    struct explanation explanation;
    unsigned int calls;
    void (*check)(struct fixture *fixture, struct holders holders);
};

static int on_start(void *context, const struct pt_start *start)
{
    (void)context;
    (void)start;
    return 0;
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct fixture *fixture = context;

    (void)seen;
    assert_int_equal(found->looked_ns, LOOKED_NS);
    fixture->calls++;
    fixture->check(fixture, found_holders(found));
    return 0;
}

static int on_loss(void *context, const struct loss *loss)
{
    (void)context;
    (void)loss;
    fail();
    return 0;
}

static struct pipeline *begin(const struct pipeline_output *output)
{
    struct pt_start start = {.header = {PT_EVENT_VERSION, PT_KIND_START, sizeof(start), 1, 0},
                             .plan = PT_PLAN_FEXIT};
    struct pipeline *pipeline = pipeline_new(output);

    assert_non_null(pipeline);
    assert_int_equal(pipeline_take(pipeline, &start, sizeof(start)), sizeof(start));
    return pipeline;
}

static void write_holders(struct fixture *fixture)
{
    assert_int_equal(
        held_records_add(fixture->recorder, &fixture->explanation, LOOKED_NS, &fixture->out), 0);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    const struct pipeline_output output = {
        .start = on_start, .observation = on_observation, .loss = on_loss, .context = &fixture};

    memset(&fixture, 0, sizeof(fixture));
    fixture.recorder = begin(&output);
    fixture.pipeline = begin(&output);
    for (int i = 0; i < 2; i++) {
        fixture.facts[i] = sample_process();
        fixture.processes[i] = (struct holder_process){.process = &fixture.facts[i], .fd = 3};
    }
    fixture.holder = (struct holder){
        .seen = {.socket = {.inode = 77, .family = AF_INET, .type = SOCK_STREAM, .protocol = 6},
                 .local = sample_ipv4("0.0.0.0", 8080),
                 .source = PT_HOLDER_LOOKUP,
                 .task.netns = 4026531840u},
        .processes = fixture.processes,
        .process_count = 1,
    };
    fixture.explanation.holders[0] = &fixture.holder;
    fixture.explanation.holder_count = 1;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    pipeline_free(fixture->recorder);
    pipeline_free(fixture->pipeline);
    strbuf_free(&fixture->out);
    return 0;
}

/* What was written is read, and a call behind it. */
static void replay(struct fixture *fixture)
{
    struct pt_call call = {
        .header = {PT_EVENT_VERSION, PT_KIND_CALL, sizeof(call), 4000, 0},
        .task = {.pid = 1, .comm = "caller"},
        .op = PT_OP_BIND,
        .plan = PT_PLAN_FEXIT,
        .error = 98,
    };
    size_t at = 0;
    int taken;

    while (at < fixture->out.length) {
        taken = pipeline_take(fixture->pipeline, fixture->out.text + at, fixture->out.length - at);
        assert_true(taken > 0);
        at += (size_t)taken;
    }
    assert_int_equal(pipeline_take(fixture->pipeline, &call, sizeof(call)), sizeof(call));
    strbuf_reset(&fixture->out);
}

static void write_and_replay(struct fixture *fixture)
{
    unsigned int calls = fixture->calls;

    write_holders(fixture);
    replay(fixture);
    assert_int_equal(fixture->calls, calls + 1);
}

static void assert_same_bytes(struct bytes one, struct bytes other)
{
    assert_int_equal(one.size, other.size);
    assert_int_equal(one.truncated, other.truncated);
    assert_memory_equal(one.at, other.at, one.size);
}

static void is_as_written(struct fixture *fixture, struct holders holders)
{
    assert_int_equal(holders.count, 1);
    assert_int_equal(holders.at[0].process_count, fixture->holder.process_count);
    assert_int_equal(holders.at[0].seen.task.netns, 4026531840u);
    for (unsigned int i = 0; i < holders.at[0].process_count; i++) {
        const struct holder_process *read = &holders.at[0].processes[i];
        const struct holder_process *written = &fixture->processes[i];

        assert_true(read->process->described);
        assert_int_equal(read->fd, written->fd);
        assert_int_equal(read->process->task.pid, written->process->task.pid);
        assert_same_bytes(read->process->exe, written->process->exe);
        assert_int_equal(read->process->exe_deleted, written->process->exe_deleted);
        assert_same_bytes(read->process->args, written->process->args);
        assert_int_equal(read->process->args_size, written->process->args_size);
        assert_same_bytes(read->process->cgroup, written->process->cgroup);
    }
}

static void a_holder_is_read_as_it_was_written(void **state)
{
    struct fixture *fixture = *state;

    fixture->check = is_as_written;
    write_and_replay(fixture);
}

static void all_processes_of_a_socket_are_kept(void **state)
{
    struct fixture *fixture = *state;

    fixture->facts[1].task.pid = 5000;
    fixture->facts[1].exe = SAMPLE_BYTES("/web");
    fixture->facts[1].cgroup = SAMPLE_BYTES("/");
    fixture->facts[1].exe_deleted = true;
    fixture->processes[1].fd = 9;
    fixture->holder.process_count = 2;
    fixture->check = is_as_written;
    write_and_replay(fixture);
}

static void a_process_is_described_once(void **state)
{
    struct fixture *fixture = *state;
    size_t first;

    fixture->check = is_as_written;
    write_holders(fixture);
    first = fixture->out.length;
    replay(fixture);
    write_holders(fixture);
    assert_int_equal(fixture->out.length, sizeof(struct pt_held));
    assert_true(first > sizeof(struct pt_held) + sizeof(struct pt_process));
    replay(fixture);
    assert_int_equal(fixture->calls, 2);
}

static void a_process_that_a_replay_has_forgotten_is_described_again(void **state)
{
    struct fixture *fixture = *state;

    fixture->check = is_as_written;
    write_and_replay(fixture);
    for (uint32_t pid = 10000; pid < 30000; pid++) {
        struct pt_process process = {
            .header = {PT_EVENT_VERSION, PT_KIND_PROCESS, sizeof(process), 4000, 0},
            .task = {.pid = pid}};

        assert_true(pipeline_take(fixture->recorder, &process, sizeof(process)) > 0);
        assert_true(pipeline_take(fixture->pipeline, &process, sizeof(process)) > 0);
    }
    write_and_replay(fixture);
}

static void is_long(struct fixture *fixture, struct holders holders)
{
    const struct process_facts *read = holders.at[0].processes[0].process;
    const struct process_facts *written = fixture->processes[0].process;

    assert_true(read->exe.truncated);
    assert_true(read->exe.size <= PT_TEXT_SIZE + 3);
    assert_memory_equal(read->exe.at + read->exe.size - 5, "/leaf", 5);
    assert_true(read->args.truncated);
    assert_int_equal(read->args.size, PT_ARGS_MAX);
    assert_int_equal(read->args_size, written->args_size);
    assert_memory_equal(read->args.at, written->args.at, PT_ARGS_MAX);
}

static void what_is_too_long_is_cut(void **state)
{
    static char path[4096], args[20000];
    struct fixture *fixture = *state;
    struct process_facts *process = &fixture->facts[0];

    for (size_t i = 0; i < sizeof(path); i++)
        path[i] = i % 8 ? 'x' : '/';
    memcpy(path + sizeof(path) - 5, "/leaf", 5);
    memset(args, 'a', sizeof(args));
    process->exe = sample_bytes(path, sizeof(path));
    process->args = sample_bytes(args, sizeof(args));
    process->args_size = 100000;
    fixture->check = is_long;
    write_and_replay(fixture);
}

static void has_nobody(struct fixture *fixture, struct holders holders)
{
    (void)fixture;
    assert_int_equal(holders.count, 1);
    assert_int_equal(holders.at[0].process_count, 0);
    assert_int_equal(holders.at[0].seen.socket.inode, 77);
}

static void a_socket_of_nobody_is_kept(void **state)
{
    struct fixture *fixture = *state;

    fixture->holder.process_count = 0;
    fixture->check = has_nobody;
    write_and_replay(fixture);
}

static void is_unknown(struct fixture *fixture, struct holders holders)
{
    (void)fixture;
    assert_int_equal(holders.at[0].process_count, 1);
    assert_false(holders.at[0].processes[0].process->described);
    assert_string_equal(holders.at[0].processes[0].process->task.comm, "python3");
}

static void a_process_without_description_keeps_its_name(void **state)
{
    struct fixture *fixture = *state;
    struct pt_task task = fixture->processes[0].process->task;

    fixture->facts[0] = (struct process_facts){.task = task};
    fixture->check = is_unknown;
    write_and_replay(fixture);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_holder_is_read_as_it_was_written),
        TEST(all_processes_of_a_socket_are_kept),
        TEST(a_process_is_described_once),
        TEST(a_process_that_a_replay_has_forgotten_is_described_again),
        TEST(what_is_too_long_is_cut),
        TEST(a_socket_of_nobody_is_kept),
        TEST(a_process_without_description_keeps_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
