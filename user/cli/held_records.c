// SPDX-License-Identifier: GPL-2.0
#include "user/cli/held_records.h"

#include <errno.h>
#include <string.h>

#include "user/enrich/description.h"

static struct pt_header header_of(enum pt_kind kind, size_t size, uint64_t time_ns)
{
    return (struct pt_header){.version = PT_EVENT_VERSION,
                              .kind = (uint16_t)kind,
                              .size = (uint32_t)size,
                              .time_ns = time_ns};
}

static void add_record(struct strbuf *out, const void *record, size_t size)
{
    strbuf_add(out, record, size);
}

static struct pt_text text_of(const struct pt_task *task, enum pt_text_kind kind, uint64_t time_ns)
{
    return (struct pt_text){
        .header = header_of(PT_KIND_TEXT, sizeof(struct pt_text), time_ns),
        .pid = task->pid,
        .text_kind = (uint16_t)kind,
        .flags = PT_TEXT_LAST,
        .start_ns = task->start_ns,
        .exec_id = task->exec_id,
        .cgroup_id = task->cgroup_id,
    };
}

/* The components of a path, the last one first, as far as they fit. */
static void fill_path(struct pt_text *text, struct bytes path)
{
    const char *begin = path.at, *end = path.at + path.size;
    size_t mark = strlen(DESCRIPTION_ELLIPSIS);

    if (path.truncated) {
        text->flags |= PT_TEXT_TRUNCATED;
        if (path.size >= mark && !memcmp(begin, DESCRIPTION_ELLIPSIS, mark))
            begin += mark;
    }
    while (end > begin) {
        const char *slash = memrchr(begin, '/', (size_t)(end - begin));
        const char *component = slash ? slash + 1 : begin;
        size_t length = (size_t)(end - component);

        if (length + 1 > sizeof(text->text) - text->length) {
            text->flags |= PT_TEXT_TRUNCATED;
            return;
        }
        if (length) {
            memcpy(text->text + text->length, component, length);
            text->length += (uint32_t)length + 1;
        }
        end = slash ? slash : begin;
    }
}

static void add_path(struct strbuf *out, const struct pt_task *task, enum pt_text_kind kind,
                     struct bytes path, bool deleted, uint64_t time_ns)
{
    struct pt_text text = text_of(task, kind, time_ns);

    if (!path.at)
        return;
    if (deleted)
        text.flags |= PT_TEXT_DELETED;
    fill_path(&text, path);
    add_record(out, &text, sizeof(text));
}

static void add_args(struct strbuf *out, const struct pt_task *task, struct bytes args,
                     uint64_t time_ns)
{
    uint32_t size = args.size < PT_ARGS_MAX ? args.size : PT_ARGS_MAX;
    uint32_t offset = 0;

    while (offset < size) {
        struct pt_text text = text_of(task, PT_TEXT_ARGS, time_ns);

        text.offset = offset;
        text.length = size - offset < PT_TEXT_SIZE ? size - offset : PT_TEXT_SIZE;
        memcpy(text.text, args.at + offset, text.length);
        offset += text.length;
        if (offset < size)
            text.flags = 0;
        else if (args.truncated || size < args.size)
            text.flags |= PT_TEXT_TRUNCATED;
        add_record(out, &text, sizeof(text));
    }
}

static void describe(struct strbuf *out, const struct process_facts *process, uint64_t time_ns)
{
    const struct pt_task *task = &process->task;
    struct pt_process record = {
        .header = header_of(PT_KIND_PROCESS, sizeof(record), time_ns),
        .task = *task,
        .args_size =
            process->args_size > process->args.size ? process->args_size : process->args.size,
    };

    add_record(out, &record, sizeof(record));
    add_path(out, task, PT_TEXT_EXE, process->exe, process->exe_deleted, time_ns);
    add_args(out, task, process->args, time_ns);
    add_path(out, task, PT_TEXT_CGROUP, process->cgroup, false, time_ns);
}

static void add_held(struct strbuf *out, const struct pt_holder *seen, uint64_t time_ns)
{
    struct pt_held held = {.header = header_of(PT_KIND_HELD, sizeof(held), time_ns),
                           .holder = *seen};

    add_record(out, &held, sizeof(held));
}

static void add_holder(struct pipeline *pipeline, const struct holder *holder, uint64_t time_ns,
                       struct strbuf *out)
{
    for (unsigned int i = 0; i < holder->process_count; i++) {
        const struct holder_process *process = &holder->processes[i];
        struct pt_holder seen = holder->seen;

        /* The net namespace stays that of the socket. */
        seen.task = process->process->task;
        seen.task.netns = holder->seen.task.netns;
        seen.fd = process->fd;
        seen.flags |= PT_HOLDER_OWNER_KNOWN;
        if (process->process->described && !pipeline_describes(pipeline, &seen.task))
            describe(out, process->process, time_ns);
        add_held(out, &seen, time_ns);
    }
    if (!holder->process_count)
        add_held(out, &holder->seen, time_ns);
}

/* Not before all is written: what is said of a process can be in the pipeline's own memory. */
static int take_added(struct pipeline *pipeline, const struct strbuf *out, size_t from)
{
    while (from < out->length) {
        int taken = pipeline_take(pipeline, out->text + from, out->length - from);

        if (taken < 0)
            return taken;
        from += (size_t)taken;
    }
    return 0;
}

int held_records_add(struct pipeline *pipeline, const struct explanation *explanation,
                     uint64_t time_ns, struct strbuf *out)
{
    size_t before = out->length;

    for (unsigned int i = 0; i < explanation->holder_count; i++)
        add_holder(pipeline, explanation->holders[i], time_ns, out);
    return out->failed ? -ENOMEM : take_added(pipeline, out, before);
}
