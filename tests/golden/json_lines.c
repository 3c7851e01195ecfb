// SPDX-License-Identifier: GPL-2.0
/*
 * usage: json_lines SEED COUNT
 * Prints a whole trace as JSON lines, of observations with random contents: what a reader of the
 * schema must be able to take, whatever the processes on a host do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/sample.h"

#define LARGEST_ERROR 600
#define OPERATIONS    5

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

int main(int argc, char **argv)
{
    const struct trace_facts trace = {
        .host = "w\xff\"", .kernel = "6.1.0", .boot_id = "b007", .plan = PT_PLAN_KPROBE};
    struct render_names lookup = sample_names();
    struct loss loss = {.sequence = 3, .time_ns = 5, .lost = {[PT_LOSS_RING_FULL] = UINT64_MAX}};
    struct trace_totals totals = {.observations = 2, .lost = {[PT_LOSS_DESCRIPTION] = 1}};
    struct strbuf out = {0};
    int count;

    if (argc != 3) {
        fputs("usage: json_lines SEED COUNT\n", stderr);
        return 2;
    }
    srand((unsigned int)strtoul(argv[1], NULL, 10));
    count = (int)strtol(argv[2], NULL, 10);
    render_json_start(&trace, 1, &out);
    for (int i = 1; i <= count; i++) {
        struct names names;
        struct observation seen = any_observation((uint64_t)i, &names);

        render_json_observation(&trace, &lookup, &seen, &out);
    }
    render_json_loss(&trace, &loss, &out);
    render_json_end(&trace, UINT64_MAX, &totals, &out);
    if (out.failed || fwrite(out.text, 1, out.length, stdout) != out.length || fflush(stdout))
        return 1;
    strbuf_free(&out);
    return 0;
}
