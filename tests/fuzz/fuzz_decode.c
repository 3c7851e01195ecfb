// SPDX-License-Identifier: GPL-2.0
/* An event file of hostile bytes, through decode and on into the descriptions of processes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "user/decode/decode.h"
#include "user/enrich/process.h"

#define CAPACITY 4

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* So that the compiler does not leave the reading out. */
static volatile uint64_t sink;

static uint64_t touch(struct bytes bytes)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; bytes.at && i < bytes.size; i++)
        sum += (unsigned char)bytes.at[i];
    return sum;
}

static void look_up(struct process_cache *cache, const struct pt_task *task)
{
    struct process_facts facts;

    process_cache_lookup(cache, task, &facts);
    sink = touch(facts.exe) + touch(facts.args) + touch(facts.cgroup) +
           touch(facts.cgroup_facts.unit) + touch(facts.cgroup_facts.container_id) +
           touch(facts.cgroup_facts.pod_id) + strlen(facts.task.comm);
}

static void consume(struct process_cache *cache, const struct record *record)
{
    struct observation seen;

    switch (record->kind) {
    case PT_KIND_PROCESS:
        process_cache_describe(cache, &record->process);
        look_up(cache, &record->process.task);
        break;
    case PT_KIND_TEXT:
        process_cache_text(cache, &record->text);
        break;
    case PT_KIND_CALL:
    case PT_KIND_RELEASE:
        decode_observation(record, &seen);
        look_up(cache, &seen.process.task);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct process_cache *cache = process_cache_new(CAPACITY);
    struct record record;
    size_t at = 0;

    if (!cache)
        abort();
    while (at < size) {
        int taken = decode_record(input + at, size - at, &record);

        if (taken <= 0)
            break;
        if ((size_t)taken > size - at)
            abort();
        at += (size_t)taken;
        consume(cache, &record);
    }
    process_cache_free(cache);
    return 0;
}
