// SPDX-License-Identifier: GPL-2.0
/*
 * Records from decode through enrich and explain to text and JSON: lines of JSON are JSON, and text
 * has no control byte but line ends, whatever the bytes in the records are.
 */
#include "tests/fuzz/records.h"
#include "tests/fuzz/clean.h"
#include "user/cli/investigate.h"
#include "user/cli/pipeline.h"
#include "user/model/losses.h"
#include "user/render/json_memo.h"
#include "user/render/report.h"

#define RECORDS_MAX 64

struct stage {
    struct text_style plain;
    struct text_style colour;
    struct investigator *investigator;
    struct pt_start start;
    struct trace_facts facts;
    struct strbuf out;
    struct strbuf with_memo;
    struct json_memo memo;
};

/* What the system calls users and services may be as hostile as the rest. */
static const char *user_name(void *context, uint32_t uid)
{
    (void)context;
    return uid % 3 ? (uid % 3 == 1 ? "\x1b[2J\"\\\xff" : "alice") : NULL;
}

static const char *service_name(void *context, uint16_t port, uint16_t protocol)
{
    (void)context;
    return port % 2 && protocol == 6 ? "ht\ntp\"\x9b" : NULL;
}

static void check_text(struct stage *stage, bool colour)
{
    require(!stage->out.failed);
    require(clean_text(stage->out.text, stage->out.length, colour));
    strbuf_reset(&stage->out);
}

static void check_json(struct stage *stage)
{
    require(!stage->out.failed && stage->out.length);
    require(clean_json(stage->out.text, stage->out.length));
    strbuf_reset(&stage->out);
}

static int on_start(void *context, const struct pt_start *start)
{
    struct stage *stage = context;

    stage->start = *start;
    stage->facts = (struct trace_facts){.host = stage->start.host,
                                        .kernel = stage->start.kernel,
                                        .boot_id = stage->start.boot_id,
                                        .plan = stage->start.plan,
                                        .holders = stage->start.flags & PT_START_HOLDERS};
    investigator_set_origin(stage->investigator, &stage->start, stage->plain.utc_offset_s);
    render_json_start(&stage->facts, start->header.time_ns + start->wall_offset_ns, &stage->out);
    check_json(stage);
    render_text_header(&stage->plain, &stage->out);
    check_text(stage, false);
    return 0;
}

static void show(struct stage *stage, const struct text_style *style, bool colour,
                 const struct observation *seen, const struct explanation *explanation)
{
    render_text_observation(style, seen, explanation, &stage->out);
    require(stage->out.length > 0);
    check_text(stage, colour);
    if (!explanation)
        return;
    render_report(style, seen, explanation, &stage->out);
    check_text(stage, colour);
}

static int on_observation(void *context, const struct observation *seen, struct found *found)
{
    struct stage *stage = context;
    const struct explanation *explanation = NULL;

    if (stage->facts.holders)
        explanation = investigate(stage->investigator, seen, found);
    render_json_observation(&stage->facts, &stage->plain.names, &stage->memo, seen, explanation,
                            &stage->with_memo);
    render_json_observation(&stage->facts, &stage->plain.names, NULL, seen, explanation,
                            &stage->out);
    require(stage->with_memo.length == stage->out.length &&
            !memcmp(stage->with_memo.text, stage->out.text, stage->out.length));
    strbuf_reset(&stage->with_memo);
    check_json(stage);
    show(stage, &stage->plain, false, seen, explanation);
    show(stage, &stage->colour, true, seen, explanation);
    return 0;
}

static int on_loss(void *context, const struct loss *loss)
{
    struct stage *stage = context;

    render_json_loss(&stage->facts, loss, &stage->out);
    check_json(stage);
    render_text_loss(&stage->plain, loss, &stage->out);
    check_text(stage, false);
    return 0;
}

static void take(struct pipeline *pipeline, struct pt_header *header, enum pt_kind kind,
                 size_t size)
{
    int taken;

    header->version = PT_EVENT_VERSION;
    header->kind = kind;
    header->size = (uint32_t)size;
    header->lost %= 8;
    taken = pipeline_take(pipeline, header, size);
    require(taken == (int)size || kind == PT_KIND_START || kind == PT_KIND_LOSS);
}

#define TAKE(pipeline, record, kind) take(pipeline, &(record).header, kind, sizeof(record))

static void take_text(struct pipeline *pipeline, struct input *input)
{
    struct pt_text text = {0};
    unsigned int shape = input_byte(input);

    text.pid = shape % 4;
    text.text_kind = (uint16_t)(PT_TEXT_EXE + (shape >> 2) % PT_TEXT_CGROUP);
    text.flags = (uint16_t)input_below(input, 8);
    text.start_ns = shape >> 5 & 1;
    text.exec_id = shape >> 6 & 1;
    text.cgroup_id = shape >> 7 & 1;
    text.length = input_byte(input) * 3;
    input_take(input, text.text, text.length);
    TAKE(pipeline, text, PT_KIND_TEXT);
}

static void take_call(struct pipeline *pipeline, struct input *input, bool refused)
{
    struct pt_failed_call failed;

    input_take(input, &failed, refused ? sizeof(failed) : sizeof(failed.call));
    tidy_call(&failed.call);
    if (!refused) {
        TAKE(pipeline, failed.call, PT_KIND_CALL);
        return;
    }
    tidy_refusal(&failed.refusal);
    take(pipeline, &failed.call.header, PT_KIND_CALL, sizeof(failed));
}

static void take_repeated(struct pipeline *pipeline, struct input *input)
{
    struct pt_repeated repeated;

    input_take(input, &repeated, sizeof(repeated));
    tidy_call(&repeated.call.call);
    tidy_refusal(&repeated.call.refusal);
    repeated.call.call.header.kind = PT_KIND_CALL;
    repeated.call.call.header.size = sizeof(repeated.call);
    repeated.times = 1 + repeated.times % (1 << 20);
    if (repeated.since_ns > repeated.header.time_ns)
        repeated.since_ns = repeated.header.time_ns;
    TAKE(pipeline, repeated, PT_KIND_REPEATED);
}

static void take_short_call(struct pipeline *pipeline, struct input *input)
{
    struct pt_short_call call;

    input_take(input, &call, sizeof(call));
    call.error %= 4096;
    call.op = 1 + call.op % PT_OP_AUTOBIND;
    call.entry %= PT_ENTRY_SEND + 1;
    call.plan = 1 + call.plan % PT_PLAN_RESTRICTED;
    call.address_source %= PT_ADDRESS_USER + 1;
    call.stage %= PT_STAGE_PROTOCOL + 1;
    tidy_task(&call.task);
    TAKE(pipeline, call, PT_KIND_SHORT_CALL);
}

static void take_short_release(struct pipeline *pipeline, struct input *input)
{
    struct pt_short_release release;

    input_take(input, &release, sizeof(release));
    release.plan = 1 + release.plan % PT_PLAN_RESTRICTED;
    release.taken_by %= PT_OP_AUTOBIND + 1;
    tidy_task(&release.task);
    TAKE(pipeline, release, PT_KIND_SHORT_RELEASE);
}

static void take_other(struct pipeline *pipeline, struct input *input, unsigned int kind)
{
    struct pt_process process;
    struct pt_release release;
    struct pt_held held;
    struct pt_loss loss;

    if (kind == PT_KIND_PROCESS) {
        input_take(input, &process, sizeof(process));
        tidy_task(&process.task);
        TAKE(pipeline, process, PT_KIND_PROCESS);
    } else if (kind == PT_KIND_RELEASE) {
        input_take(input, &release, sizeof(release));
        tidy_task(&release.task);
        tidy_endpoint(&release.local);
        release.op = PT_OP_RELEASE;
        release.plan = 1 + release.plan % PT_PLAN_RESTRICTED;
        release.taken_by %= PT_OP_AUTOBIND + 1;
        TAKE(pipeline, release, PT_KIND_RELEASE);
    } else if (kind == PT_KIND_HELD) {
        input_take(input, &held, sizeof(held));
        tidy_holder(&held.holder);
        TAKE(pipeline, held, PT_KIND_HELD);
    } else {
        input_take(input, &loss, sizeof(loss));
        TAKE(pipeline, loss, PT_KIND_LOSS);
    }
}

static void take_records(struct pipeline *pipeline, struct input *input)
{
    static const unsigned int others[] = {PT_KIND_PROCESS, PT_KIND_RELEASE, PT_KIND_HELD,
                                          PT_KIND_LOSS};
    struct pt_start start;

    input_take(input, &start, sizeof(start));
    start.plan = 1 + start.plan % PT_PLAN_RESTRICTED;
    TAKE(pipeline, start, PT_KIND_START);
    for (int i = 0; input->left && i < RECORDS_MAX; i++) {
        unsigned int kind = input_below(input, 11);

        if (kind < 4)
            take_other(pipeline, input, others[kind]);
        else if (kind < 6)
            take_text(pipeline, input);
        else if (kind < 8)
            take_call(pipeline, input, kind == 7);
        else if (kind == 8)
            take_repeated(pipeline, input);
        else if (kind == 9)
            take_short_call(pipeline, input);
        else
            take_short_release(pipeline, input);
    }
}

static void finish(struct stage *stage, struct pipeline *pipeline)
{
    struct trace_totals totals;
    uint64_t end_ns = pipeline_last_ns(pipeline);

    pipeline_finish(pipeline, end_ns);
    totals = pipeline_totals(pipeline);
    render_json_end(&stage->facts, pipeline_wall_ns(pipeline, end_ns), &totals, &stage->out);
    check_json(stage);
    render_text_end(&stage->plain, &totals, &stage->out);
    check_text(stage, false);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const unsigned int widths[] = {0, 40, 60, 80, 100, 120, 160, 1000};
    struct input input = {bytes, size};
    struct stage stage = {.plain = {.width = widths[input_below(&input, 8)],
                                    .names = {.user = user_name, .service = service_name}}};
    const struct pipeline_output output = {
        .start = on_start, .observation = on_observation, .loss = on_loss, .context = &stage};
    struct pipeline *pipeline = pipeline_new(&output);

    stage.plain.verbose = input_byte(&input) & 1;
    stage.plain.utc_offset_s = (int64_t)input_below(&input, 29) * 3600 - 14 * 3600;
    stage.colour = stage.plain;
    stage.colour.colour = true;
    stage.investigator = investigator_new(&stage.plain.names, LOOKUPS_NONE);
    require(pipeline && stage.investigator);
    take_records(pipeline, &input);
    finish(&stage, pipeline);
    investigator_free(stage.investigator);
    pipeline_free(pipeline);
    strbuf_free(&stage.out);
    strbuf_free(&stage.with_memo);
    json_memo_free(&stage.memo);
    return 0;
}
