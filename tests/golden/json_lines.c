// SPDX-License-Identifier: GPL-2.0
/*
 * usage: json_lines SEED COUNT
 * Prints a whole trace as JSON lines, rows of list and verdicts, with random contents: what a
 * reader of the schema must be able to take, whatever the processes on a host do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sample.h"
#include "user/explain/explain.h"
#include "user/model/sanitize.h"

#define LARGEST_ERROR 600
#define OPERATIONS    5
#define HOLDERS       4
#define PROCESSES     70
#define SENTENCE_MAX  40

struct names {
    char exe[64];
    char args[256];
    char cgroup[64];
    char unit[32];
    char container[64];
    char pod[40];
};

static bool one_in(int count)
{
    return rand() % count == 0;
}

static void fill(void *at, size_t size)
{
    unsigned char *bytes = at;

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(rand() % 256);
}

static struct bytes any_bytes(char *at, size_t most)
{
    struct bytes bytes = {.at = at, .size = (uint32_t)((size_t)rand() % most)};

    if (one_in(3))
        return (struct bytes){0};
    fill(at, bytes.size);
    bytes.truncated = one_in(2);
    return bytes;
}

static struct pt_endpoint any_endpoint(void)
{
    static const uint16_t families[] = {0, AF_UNIX, AF_INET, AF_INET6};
    struct pt_endpoint endpoint;

    fill(&endpoint, sizeof(endpoint));
    if (!one_in(8))
        endpoint.family = families[rand() % 4];
    return endpoint;
}

static void any_process(struct process_facts *process, struct names *names)
{
    fill(process->task.comm, sizeof(process->task.comm));
    if (one_in(2))
        fill(&process->task.pid, 6 * sizeof(uint32_t));
    if (one_in(4))
        process->task.start_ns = 0;
    process->described = one_in(2);
    process->exe_deleted = one_in(2);
    process->exe = any_bytes(names->exe, sizeof(names->exe));
    process->args = any_bytes(names->args, sizeof(names->args));
    process->cgroup = any_bytes(names->cgroup, sizeof(names->cgroup));
    process->cgroup_facts.unit = any_bytes(names->unit, sizeof(names->unit));
    process->cgroup_facts.container_id = any_bytes(names->container, sizeof(names->container));
    process->cgroup_facts.pod_id = any_bytes(names->pod, sizeof(names->pod));
    process->cgroup_facts.runtime = rand() % (RUNTIME_UNKNOWN + 1);
}

/* What holds a port, with room for what it borrows. */
struct any_holder {
    struct holder holder;
    struct holder_published published;
    struct process_facts facts[PROCESSES];
    struct holder_process processes[PROCESSES];
    struct names names;
    char container[20];
    char unit[20];
};

struct any_explanation {
    struct explanation explanation;
    struct any_holder holders[HOLDERS];
};

static void any_published(struct any_holder *any)
{
    struct holder_published *published = &any->published;

    if (one_in(2))
        return;
    any->holder.published = published;
    published->by = "docker-proxy";
    published->container = any_bytes(any->container, sizeof(any->container));
    published->unit = any_bytes(any->unit, sizeof(any->unit));
    published->to = any_endpoint();
}

static void any_holder(struct any_holder *any)
{
    struct holder *holder = &any->holder;

    memset(any, 0, sizeof(*any));
    fill(&holder->seen, sizeof(holder->seen));
    if (one_in(2))
        holder->seen.gone_ns = 0;
    if (one_in(2))
        holder->seen.expires_ns = 0;
    if (one_in(2))
        holder->seen.source = rand() % 4;
    if (one_in(2))
        holder->seen.socket.state = rand() % 14;
    if (one_in(2))
        holder->seen.taken_by = rand() % 6;
    holder->seen.local = any_endpoint();
    holder->seen.peer = any_endpoint();
    holder->process_count = one_in(8) ? PROCESSES : (unsigned int)rand() % 4;
    holder->processes = any->processes;
    for (unsigned int i = 0; i < holder->process_count; i++) {
        any_process(&any->facts[i], &any->names);
        any->processes[i] = (struct holder_process){&any->facts[i], one_in(2) ? -1 : rand()};
    }
    any_published(any);
}

static void any_sentence(struct strbuf *out)
{
    char bytes[SENTENCE_MAX];

    fill(bytes, sizeof(bytes));
    strbuf_puts(out, "It is ");
    sanitize_add(out, bytes, (size_t)rand() % sizeof(bytes));
}

static void any_explanation(struct any_explanation *any)
{
    struct explanation *explanation = &any->explanation;

    memset(any, 0, sizeof(*any));
    if (one_in(8))
        return;
    explanation->reason = rand() % REASONS;
    explanation->also = one_in(2) ? 0 : rand() % REASONS;
    explanation->confidence = rand() % (CONFIDENCE_DEDUCED + 1);
    explanation->looked_after_ns = one_in(2) ? 0 : (uint64_t)rand();
    explanation->check = one_in(2) ? NULL : "inet_csk_get_port";
    any_sentence(&explanation->sentence);
    explanation->holder_count = (unsigned int)rand() % (HOLDERS + 1);
    explanation->holders_left_out = one_in(2) ? 0 : (unsigned int)rand();
    for (unsigned int i = 0; i < explanation->holder_count; i++) {
        any_holder(&any->holders[i]);
        explanation->holders[i] = &any->holders[i].holder;
    }
    explanation->note_count = (unsigned int)rand() % 3;
    for (unsigned int i = 0; i < explanation->note_count; i++)
        any_sentence(&explanation->notes[i]);
    explanation->help_count = (unsigned int)rand() % 3;
    for (unsigned int i = 0; i < explanation->help_count; i++)
        any_sentence(&explanation->helps[i]);
}

static void forget_explanation(struct any_explanation *any)
{
    strbuf_free(&any->explanation.sentence);
    for (unsigned int i = 0; i < any->explanation.note_count; i++)
        strbuf_free(&any->explanation.notes[i]);
    for (unsigned int i = 0; i < any->explanation.help_count; i++)
        strbuf_free(&any->explanation.helps[i]);
}

static void any_call(struct observation *seen)
{
    seen->error = one_in(2) ? 0 : 1 + rand() % LARGEST_ERROR;
    seen->entry = rand() % (PT_ENTRY_SEND + 1);
    seen->stage = rand() % (PT_STAGE_PROTOCOL + 1);
    seen->address_source = rand() % (PT_ADDRESS_USER + 1);
    seen->fd = one_in(2) ? -1 : rand();
    fill(&seen->backlog, sizeof(seen->backlog));
    fill(&seen->address_size, sizeof(seen->address_size));
    seen->implies_autobind = one_in(2);
    seen->latency_ns = one_in(4) ? 0 : (uint64_t)rand();
    seen->latency_partial = one_in(2);
    seen->requested = any_endpoint();
    seen->refusal_known = one_in(2);
    fill(&seen->refusal, sizeof(seen->refusal));
    if (one_in(2))
        seen->refusal.check = rand() % PT_CHECKS;
    if (one_in(2))
        seen->refusal.entry_state = rand() % 14;
}

static struct observation any_observation(uint64_t sequence, struct names *names)
{
    struct observation seen = sample_bind();

    seen.op = 1 + rand() % OPERATIONS;
    if (seen.op == PT_OP_RELEASE) {
        seen = sample_release();
        seen.process_known = one_in(2);
        seen.held_ns = one_in(4) ? 0 : (uint64_t)rand();
        seen.taken_by = rand() % PT_OP_RELEASE;
    } else {
        any_call(&seen);
    }
    seen.sequence = sequence;
    seen.lost_before = (uint64_t)rand() % 3;
    seen.plan = 1 + rand() % PT_PLAN_RESTRICTED;
    seen.wall_ns += (uint64_t)rand();
    seen.local = any_endpoint();
    seen.socket_known = !one_in(4);
    if (one_in(2))
        fill(&seen.socket, sizeof(seen.socket));
    any_process(&seen.process, names);
    return seen;
}

/* What list and why print, of one instant. */
static void add_states(const struct json_instant *now, int count, struct any_explanation *any,
                       struct strbuf *out)
{
    struct any_holder holder;

    for (int i = 1; i <= count; i++) {
        struct observation asked = sample_refused_bind();

        any_holder(&holder);
        render_json_holder_row(now, (uint64_t)i, &holder.holder, out);
        any_call(&asked);
        asked.op = 1 + rand() % PT_OP_AUTOBIND;
        asked.requested = sample_ipv4("127.0.0.1", (uint16_t)i);
        asked.process_known = one_in(2);
        any_explanation(any);
        render_json_verdict(now, &asked, one_in(4) ? NULL : &any->explanation,
                            !asked.error && one_in(2) ? "bound \x1b sockets" : NULL, out);
        forget_explanation(any);
    }
}

static void add_trace(const struct trace_facts *trace, const struct render_names *names, int count,
                      struct any_explanation *any, struct strbuf *out)
{
    struct loss loss = {.sequence = 3, .time_ns = 5, .lost = {[PT_LOSS_RING_FULL] = UINT64_MAX}};
    struct trace_totals totals = {.observations = 2, .lost = {[PT_LOSS_DESCRIPTION] = 1}};

    render_json_start(trace, 1, out);
    for (int i = 1; i <= count; i++) {
        struct names strings;
        struct observation seen = any_observation((uint64_t)i, &strings);

        any_explanation(any);
        render_json_observation(trace, names, NULL, &seen, one_in(4) ? NULL : &any->explanation,
                                out);
        forget_explanation(any);
    }
    render_json_loss(trace, &loss, out);
    render_json_end(trace, UINT64_MAX, &totals, out);
}

int main(int argc, char **argv)
{
    const struct trace_facts trace = {
        .host = "w\xff\"", .kernel = "6.1.0", .boot_id = "b007", .plan = PT_PLAN_KPROBE};
    struct render_names lookup = sample_names();
    const struct json_instant now = {&trace, &lookup, 1000000000, 1795232828123456789};
    struct any_explanation *any;
    struct strbuf out = {0};
    int count;

    if (argc != 3) {
        fputs("usage: json_lines SEED COUNT\n", stderr);
        return 2;
    }
    srand((unsigned int)strtoul(argv[1], NULL, 10));
    count = (int)strtol(argv[2], NULL, 10);
    any = malloc(sizeof(*any));
    if (!any)
        return 1;
    add_trace(&trace, &lookup, count, any, &out);
    add_states(&now, count / 4, any, &out);
    free(any);
    if (out.failed || fwrite(out.text, 1, out.length, stdout) != out.length || fflush(stdout))
        return 1;
    strbuf_free(&out);
    return 0;
}
