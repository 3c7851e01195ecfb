// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and processes as looks at a host bring them, in any order and as often as they like: each
 * socket must be one holder, each process in it once, sorted by port; and the lines of list.
 */
#include <stdio.h>

#include "tests/fuzz/clean.h"
#include "tests/fuzz/records.h"
#include "user/cli/list_match.h"
#include "user/model/holdings.h"
#include "user/render/render.h"

#define STEPS_MAX 48
#define PIDS_MAX  256

/* Few sockets, so that many are the same. */
static void add_socket(struct holdings *holdings, struct input *input)
{
    struct pt_holder holder;
    unsigned int shape = input_byte(input);

    input_take(input, &holder, sizeof(holder));
    tidy_holder(&holder);
    holder.task.comm[PT_COMM_SIZE - 1] = '\0';
    holder.socket.device[PT_DEVICE_SIZE - 1] = '\0';
    holder.task.netns %= 2;
    if (!(shape & 1))
        holder.local.port = (uint16_t)(80 + shape % 3);
    if (!(shape & 2))
        holder.socket.inode = shape >> 4;
    if (!(shape & 4))
        holder.socket.protocol = shape & 8 ? 17 : 6;
    require(!holdings_add(holdings, &holder));
}

static void add_process(struct holdings *holdings, struct input *input)
{
    unsigned int shape = input_byte(input);
    struct pt_task task;

    input_take(input, &task, sizeof(task));
    tidy_task(&task);
    task.comm[PT_COMM_SIZE - 1] = '\0';
    require(!holdings_add_process(holdings, shape >> 4, &task, (int)(shape & 15) - 1));
}

static void check_holders(const struct holder_list *holders)
{
    for (unsigned int i = 0; i < holders->count; i++) {
        const struct holder holder = holder_list_at(holders, i);

        for (unsigned int j = 0; j < holder.process_count; j++)
            require(holder.processes[j].process != NULL);
        for (unsigned int j = 0; j < i; j++) {
            const struct pt_holder before = holder_list_at(holders, j).seen;

            require(before.local.port <= holder.seen.local.port);
            require(!before.socket.inode || before.socket.inode != holder.seen.socket.inode ||
                    before.task.netns != holder.seen.task.netns);
        }
    }
}

static uint32_t parent_of(uint32_t pid)
{
    return pid / 2;
}

static void show(const struct list_match *match, const struct holder_list *holders)
{
    const struct trace_facts trace = {.host = "h", .kernel = "6.1", .boot_id = "b"};
    const struct json_instant now = {.trace = &trace, .time_ns = 1u << 30, .wall_ns = 1ull << 60};
    struct role_listened listened = {0};
    uint32_t pids[PIDS_MAX];
    struct strbuf out = {0};
    unsigned int count = 0;

    for (unsigned int i = 0; i < holders->count; i++) {
        struct role_context context = list_context(match, &listened, holders, i);
        const struct holder holder = holder_list_at(holders, i);

        require(context.listened == role_is_listened(holders, i));
        list_matches(match, &holder, &context);
        count = list_pids(match, &holder, &context, pids, count, PIDS_MAX);
        require(count <= PIDS_MAX);
        role_add_state(&out, &holder.seen, &context);
        strbuf_putc(&out, '\n');
        require(clean_text(out.text, out.length, false));
        strbuf_reset(&out);
        render_json_holder_row(&now, i + 1, &holder, &out);
        require(clean_json(out.text, out.length));
        strbuf_reset(&out);
    }
    strbuf_free(&out);
}

static struct port_range range_of(void *ranges, const struct pt_holder *seen)
{
    (void)seen;
    return *(const struct port_range *)ranges;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, size};
    struct holdings *holdings = holdings_new();
    struct filter filter = {.pids = {3}, .ports = {{80, 81}}};
    struct port_range known = {32768, 60999}, unknown = {0};
    struct list_match match = {.filter = &filter, .parent_of = parent_of, .range_of = range_of};
    unsigned int shape = input_byte(&input), described;
    struct holder_list holders;

    require(holdings != NULL);
    filter.pid_count = shape & 1;
    filter.port_count = shape >> 1 & 1;
    match.all = shape & 4;
    match.ranges = shape & 8 ? &known : &unknown;
    for (int i = 0; input.left && i < STEPS_MAX; i++) {
        if (input_byte(&input) & 1)
            add_socket(holdings, &input);
        else
            add_process(holdings, &input);
    }
    require(holdings_processes(holdings, &described) || !described);
    require(!holdings_finish(holdings));
    holders = holdings_holders(holdings);
    check_holders(&holders);
    show(&match, &holders);
    holdings_reset(holdings);
    holdings_free(holdings);
    return 0;
}
