// SPDX-License-Identifier: GPL-2.0
/*
 * A refused call, or a question, with all that a look at the host could have brought: any rules,
 * any holders with any processes. The explanation, the table of list and all lines must be clean.
 */
#include "tests/fuzz/clean.h"
#include "tests/fuzz/records.h"
#include "user/decode/decode.h"
#include "user/enrich/cgroup.h"
#include "user/explain/explain.h"
#include "user/host/sysctl.h"
#include "user/render/holder_row.h"
#include "user/render/report.h"

#define HOLDERS   4
#define PROCESSES 3
#define TEXTS     (HOLDERS * PROCESSES * 3 + 32)

struct scene {
    struct input input;
    char *texts[TEXTS];
    unsigned int text_count;
    struct observation seen;
    struct facts facts;
    uint64_t reserved[SYSCTL_PORT_WORDS];
    struct holder holders[HOLDERS];
    struct holder_published published[HOLDERS];
    struct holder_process processes[HOLDERS][PROCESSES];
    struct process_facts descriptions[HOLDERS][PROCESSES];
    struct strbuf out;
};

static const char *user_name(void *context, uint32_t uid)
{
    (void)context;
    return uid % 2 ? "\x1b[2J\"\\\xff\n" : NULL;
}

static const char *netns_name(void *context, uint32_t netns)
{
    (void)context;
    return netns % 2 ? "blue\x1b\n\xc2\x85" : NULL;
}

static const struct render_names names = {.user = user_name};

static struct bytes any_bytes(struct scene *scene)
{
    size_t size;
    char *text = input_text(&scene->input, &size);

    require(scene->text_count < TEXTS);
    scene->texts[scene->text_count++] = text;
    if (!size)
        return (struct bytes){0};
    return (struct bytes){.at = text, .size = (uint32_t)size, .truncated = text[0] & 1};
}

static const char *any_string(struct scene *scene)
{
    return any_bytes(scene).at;
}

static void any_process(struct scene *scene, struct process_facts *process)
{
    input_take(&scene->input, &process->task, sizeof(process->task));
    process->task.comm[PT_COMM_SIZE - 1] = '\0';
    process->described = input_byte(&scene->input) & 1;
    process->exe = any_bytes(scene);
    process->args = any_bytes(scene);
    process->args_size = process->args.size;
    process->cgroup = any_bytes(scene);
    if (process->cgroup.at)
        process->cgroup_facts = cgroup_parse(process->cgroup);
}

static void any_published(struct scene *scene, struct holder *holder,
                          struct holder_published *published)
{
    *published = (struct holder_published){.by = "docker-proxy"};
    published->container = any_bytes(scene);
    published->unit = any_bytes(scene);
    input_take(&scene->input, &published->to, sizeof(published->to));
    tidy_endpoint(&published->to);
    holder->published = published;
}

static void any_holder(struct scene *scene, unsigned int at)
{
    struct holder *holder = &scene->holders[at];
    unsigned int shape;

    input_take(&scene->input, &holder->seen, sizeof(holder->seen));
    shape = input_byte(&scene->input);
    tidy_holder(&holder->seen);
    holder->seen.task.comm[PT_COMM_SIZE - 1] = '\0';
    holder->seen.socket.device[PT_DEVICE_SIZE - 1] = '\0';
    if (shape & 4) { /* in the way, as far as the port goes */
        holder->seen.local.port = scene->seen.requested.port;
        holder->seen.task.netns = scene->seen.process.task.netns;
        holder->seen.socket.protocol = scene->seen.socket.protocol;
        holder->seen.socket.type = scene->seen.socket.type;
    }
    if (shape & 8)
        any_published(scene, holder, &scene->published[at]);
    holder->processes = scene->processes[at];
    holder->process_count = shape % (PROCESSES + 1);
    for (unsigned int i = 0; i < holder->process_count; i++) {
        any_process(scene, &scene->descriptions[at][i]);
        scene->processes[at][i] = (struct holder_process){&scene->descriptions[at][i], (int)i - 1};
    }
    if (holder->process_count) {
        holder->seen.task = scene->descriptions[at][0].task;
        holder->seen.flags |= PT_HOLDER_OWNER_KNOWN;
    }
}

static void any_call(struct scene *scene)
{
    struct pt_failed_call failed;
    struct record record;

    input_take(&scene->input, &failed, sizeof(failed));
    tidy_call(&failed.call);
    tidy_refusal(&failed.refusal);
    failed.call.header = (struct pt_header){
        .version = PT_EVENT_VERSION, .kind = PT_KIND_CALL, .size = sizeof(failed)};
    require(decode_record(&failed, sizeof(failed), &record) == sizeof(failed));
    decode_observation(&record, &scene->seen);
    any_process(scene, &scene->seen.process);
}

static void any_rules(struct scene *scene, bool all_known)
{
    struct facts *facts = &scene->facts;
    struct input *input = &scene->input;
    unsigned int known = all_known ? 0xff : input_byte(input);

    facts->netns_known = known & 1;
    facts->nonlocal4 = input_byte(input) & 1;
    facts->nonlocal6 = input_byte(input) & 1;
    facts->tcp_tw_reuse = input_byte(input) & 3;
    facts->netns_elsewhere = input_byte(input) & 1;
    facts->netns_pid = input_byte(input);
    input_take(input, facts->netns_name, sizeof(facts->netns_name) - 1);
    input_take(input, &facts->range_low, sizeof(facts->range_low));
    input_take(input, &facts->range_high, sizeof(facts->range_high));
    facts->unprivileged_start = input_byte(input) * 8;
    input_take(input, scene->reserved, 64);
    facts->reserved = known & 2 ? scene->reserved : NULL;
    facts->address = input_below(input, ADDRESS_ABSENT + 1);
    if (all_known && !facts->address)
        facts->address = ADDRESS_LOCAL;
    input_take(input, facts->address_device, PT_DEVICE_SIZE - 1);
    facts->holders_complete = known & 4;
    input_take(input, &facts->looked_at_ns, sizeof(facts->looked_at_ns));
    input_take(input, facts->free_ports, sizeof(facts->free_ports));
    facts->kernel_major = input_below(input, 8);
    facts->kernel_minor = input_below(input, 20);
    input_take(input, &facts->now_ns, sizeof(facts->now_ns));
    input_take(input, &facts->wall_offset_ns, sizeof(facts->wall_offset_ns));
    facts->asked_for_user = input_byte(input) & 1;
}

static void any_facts(struct scene *scene, bool all_known)
{
    struct facts *facts = &scene->facts;

    any_rules(scene, all_known);
    facts->lsms = any_string(scene);
    facts->profile = any_bytes(scene);
    facts->caller_confined = facts->profile.at != NULL;
    facts->cgroup_program = any_bytes(scene);
    facts->user_name = user_name;
    facts->holders =
        (struct holders){.at = scene->holders, .count = input_below(&scene->input, HOLDERS + 1)};
    for (unsigned int i = 0; i < facts->holders.count; i++)
        any_holder(scene, i);
    facts->pids_elsewhere = input_byte(&scene->input) & 1;
}

static void check_text(struct scene *scene, bool colour)
{
    require(clean_text(scene->out.text, scene->out.length, colour));
    strbuf_reset(&scene->out);
}

static void check_json(struct scene *scene)
{
    require(scene->out.length && clean_json(scene->out.text, scene->out.length));
    strbuf_reset(&scene->out);
}

static void show_table(struct scene *scene, const struct holder_style *style, unsigned int width)
{
    const struct role_context context = {32768, 60999, width & 1};
    struct table table = {.width = width};

    table_start(&table, holder_columns, HOLDER_COLUMNS);
    for (int print = 0; print < 2; print++) {
        for (unsigned int i = 0; i < scene->facts.holders.count; i++) {
            for (unsigned int column = 0; column < HOLDER_COLUMNS; column++) {
                holder_row_cell(style, &scene->holders[i], &context, column, &table.cell);
                if (print)
                    table_cell(&table, TABLE_PLAIN, &scene->out);
                else
                    table_measure(&table, column);
            }
            if (print)
                holder_row_details(style, &scene->holders[i], &scene->out);
        }
        if (!print)
            table_fit(&table);
    }
    check_text(scene, false);
    table_free(&table);
}

static void show_holders(struct scene *scene, const struct json_instant *now, unsigned int width)
{
    const struct holder_style style = {
        .names = names, .netns_name = netns_name, .now_ns = now->time_ns, .wall_ns = now->wall_ns};

    for (unsigned int i = 0; i < scene->facts.holders.count; i++) {
        render_json_holder_row(now, i + 1, &scene->holders[i], &scene->out);
        check_json(scene);
    }
    show_table(scene, &style, width);
}

static void show_call(struct scene *scene, const struct json_instant *now,
                      const struct explanation *explanation, const struct text_style *style)
{
    const struct explanation *told = explanation->sentence.length ? explanation : NULL;

    render_json_observation(now->trace, &names, NULL, &scene->seen, told, &scene->out);
    check_json(scene);
    render_text_observation(style, &scene->seen, told, &scene->out);
    check_text(scene, style->colour);
    if (told)
        render_report(style, &scene->seen, told, &scene->out);
    check_text(scene, style->colour);
}

static void show_answer(struct scene *scene, const struct json_instant *now,
                        const struct explanation *explanation, const struct text_style *style)
{
    render_verdict(style, &scene->seen, explanation, NULL, &scene->out);
    check_text(scene, style->colour);
    render_json_verdict(now, &scene->seen, explanation, NULL, &scene->out);
    check_json(scene);
}

static void tell(struct scene *scene, bool question)
{
    static const unsigned int widths[] = {0, 40, 79, 80, 100, 131, 200, 65535};
    const struct trace_facts trace = {.host = "h\xff\n", .kernel = "6.1", .boot_id = "b"};
    const struct json_instant now = {&trace, &names, scene->facts.now_ns,
                                     scene->facts.now_ns + (uint64_t)scene->facts.wall_offset_ns};
    unsigned int shape = input_byte(&scene->input);
    struct text_style style = {
        .width = widths[shape & 7], .colour = shape & 8, .verbose = shape & 16, .names = names};
    struct explanation explanation;

    if (question) {
        scene->seen.error = 0;
        explain_predict(&scene->seen, &scene->facts);
    }
    explain(&scene->seen, &scene->facts, &explanation);
    if (question)
        show_answer(scene, &now, &explanation, &style);
    else
        show_call(scene, &now, &explanation, &style);
    show_holders(scene, &now, style.width);
    explanation_free(&explanation);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    bool question;

    require(scene != NULL);
    scene->input = (struct input){bytes, size};
    question = input_byte(&scene->input) & 1;
    any_call(scene);
    if (question) {
        scene->seen.op = input_byte(&scene->input) & 1 ? PT_OP_BIND : PT_OP_LISTEN;
        scene->seen.socket_known = scene->seen.refusal_known = true;
    }
    any_facts(scene, question);
    tell(scene, question);
    for (unsigned int i = 0; i < scene->text_count; i++)
        free(scene->texts[i]);
    strbuf_free(&scene->out);
    free(scene);
    return 0;
}
