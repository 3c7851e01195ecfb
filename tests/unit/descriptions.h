/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptions of processes as the records bring them, and what has become of them in the cache. */
#ifndef TESTS_UNIT_DESCRIPTIONS_H
#define TESTS_UNIT_DESCRIPTIONS_H

#include <string.h>

#include "user/enrich/process.h"

#define HEX      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define EXE      "python3\0bin\0usr\0"
#define EXE_PATH "/usr/bin/python3"
#define CGROUP   "web.service\0system.slice\0"

__attribute__((unused)) static const char ARGS[] = "python3\0-m\0http.server\0";

/* Text with the NULs in it and without the one that the compiler adds. */
#define TEXT(literal) (literal), sizeof(literal) - 1

static inline struct pt_task task_of(uint32_t pid)
{
    return (struct pt_task){
        .pid = pid, .tid = pid, .start_ns = 1000u + pid, .exec_id = 7, .cgroup_id = 55};
}

static inline void announce_task(struct process_cache *cache, const struct pt_task *task,
                                 uint32_t args_size)
{
    struct pt_process record = {.task = *task, .args_size = args_size};

    assert_int_equal(process_cache_describe(cache, &record), 0);
}

static inline void announce(struct process_cache *cache, uint32_t pid, uint32_t args_size)
{
    struct pt_task task = task_of(pid);

    announce_task(cache, &task, args_size);
}

static inline void piece_of_task(struct process_cache *cache, const struct pt_task *task,
                                 enum pt_text_kind kind, unsigned int flags, uint32_t offset,
                                 const char *text, size_t size)
{
    struct pt_text record = {
        .pid = task->pid,
        .text_kind = (uint16_t)kind,
        .flags = (uint16_t)flags,
        .start_ns = task->start_ns,
        .exec_id = task->exec_id,
        .cgroup_id = task->cgroup_id,
        .offset = offset,
        .length = (uint32_t)size,
    };

    assert_true(size <= PT_TEXT_SIZE);
    memcpy(record.text, text, size);
    assert_int_equal(process_cache_text(cache, &record), 0);
}

static inline void piece(struct process_cache *cache, uint32_t pid, enum pt_text_kind kind,
                         unsigned int flags, uint32_t offset, const char *text, size_t size)
{
    struct pt_task task = task_of(pid);

    piece_of_task(cache, &task, kind, flags, offset, text, size);
}

static inline void whole(struct process_cache *cache, uint32_t pid, enum pt_text_kind kind,
                         const char *text, size_t size)
{
    piece(cache, pid, kind, PT_TEXT_LAST, 0, text, size);
}

static inline void describe(struct process_cache *cache, uint32_t pid)
{
    announce(cache, pid, sizeof(ARGS) - 1);
    whole(cache, pid, PT_TEXT_EXE, TEXT(EXE));
    whole(cache, pid, PT_TEXT_ARGS, TEXT(ARGS));
    whole(cache, pid, PT_TEXT_CGROUP, TEXT(CGROUP));
}

static inline struct process_facts look_up(struct process_cache *cache, uint32_t pid)
{
    struct pt_task task = task_of(pid);
    struct process_facts facts;

    memset(&facts, 0x5a, sizeof(facts));
    process_cache_lookup(cache, &task, &facts);
    assert_memory_equal(&facts.task, &task, sizeof(task));
    return facts;
}

static inline void assert_bytes(struct bytes got, const char *wanted, size_t size, bool truncated)
{
    assert_non_null(got.at);
    if (got.size != size || memcmp(got.at, wanted, size))
        fail_msg("expected '%.*s', got '%.*s'", (int)size, wanted, (int)got.size, got.at);
    assert_int_equal(got.truncated, truncated);
}

static inline void assert_text(struct bytes got, const char *wanted, bool truncated)
{
    assert_bytes(got, wanted, strlen(wanted), truncated);
}

static inline void assert_described(struct process_cache *cache, uint32_t pid)
{
    struct process_facts facts = look_up(cache, pid);

    assert_true(facts.described);
    assert_text(facts.exe, EXE_PATH, false);
    assert_false(facts.exe_deleted);
    assert_bytes(facts.args, TEXT(ARGS), false);
    assert_int_equal(facts.args_size, sizeof(ARGS) - 1);
    assert_text(facts.cgroup, "/system.slice/web.service", false);
    assert_text(facts.cgroup_facts.unit, "web.service", false);
    assert_ptr_equal(facts.cgroup_facts.unit.at, facts.cgroup.at + strlen("/system.slice/"));
}

static inline void assert_unknown(struct process_cache *cache, uint32_t pid)
{
    struct process_facts facts = look_up(cache, pid);

    assert_false(facts.described);
    assert_null(facts.exe.at);
    assert_null(facts.args.at);
    assert_null(facts.cgroup.at);
    assert_null(facts.cgroup_facts.unit.at);
    assert_int_equal(facts.cgroup_facts.runtime, RUNTIME_NONE);
}

#endif
