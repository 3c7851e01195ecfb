// SPDX-License-Identifier: GPL-2.0
#include "user/cli/event_file.h"

#include <errno.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/cli/ready.h"
#include "user/decode/seal.h"

#define WINDOW     (1u << 20)
#define RECORD_MAX (WINDOW / 4)

struct window {
    char *bytes;
    size_t start; /* of what has not been handed out */
    size_t sound; /* up to here it may be */
    size_t end;
    uint64_t sum; /* of the last seal */
    bool begun;
    bool sealed; /* the file is */
};

static ssize_t read_some(int fd, char *at, size_t size)
{
    for (;;) {
        ssize_t got = read(fd, at, size);
        int result = 0;

        if (got >= 0)
            return got;
        if (errno == EAGAIN)
            result = ready_wait(fd, POLLIN);
        else if (errno != EINTR)
            result = -errno;
        if (result)
            return result;
    }
}

/* Bytes more, 0 at the end of the file, or negative errno. */
static ssize_t fill(struct window *window, int fd)
{
    ssize_t got;

    memmove(window->bytes, window->bytes + window->start, window->end - window->start);
    window->end -= window->start;
    window->sound -= window->start;
    window->start = 0;
    got = read_some(fd, window->bytes + window->end, WINDOW - window->end);
    if (got > 0)
        window->end += (size_t)got;
    return got;
}

static struct pt_header header_at(const char *at)
{
    struct pt_header header;

    memcpy(&header, at, sizeof(header));
    return header;
}

/* Bytes that must be there to go on: of a header, or as the header says. */
static size_t record_size(const char *at, size_t there)
{
    const size_t least = sizeof(struct pt_header);
    size_t size = there < least ? least : header_at(at).size;

    return size < least ? least : size;
}

/* The size of the record there, 0 where the file ends as it should, or negative errno. */
static ssize_t await_record(struct window *window, int fd, size_t *at)
{
    size_t size, there, before;
    ssize_t got;

    for (;;) {
        there = window->end - *at;
        size = record_size(window->bytes + *at, there);
        if (size > RECORD_MAX || (there < size && window->end - window->start == WINDOW))
            return -EBADMSG;
        if (there >= size)
            return (ssize_t)size;
        before = window->start;
        got = fill(window, fd);
        *at -= before;
        if (got < 0)
            return got;
        if (!got)
            return there || window->start != *at ? -EBADMSG : 0;
    }
}

/* Only by its first record: what is one later on may have been damaged into it. */
static void begin(struct window *window, size_t size)
{
    struct pt_start start = {0};

    window->begun = true;
    memcpy(&start, window->bytes, size < sizeof(start) ? size : sizeof(start));
    window->sealed = start.header.kind == PT_KIND_START && start.flags & PT_START_SEALED;
}

static bool is_seal(const struct pt_header *header)
{
    return (header->kind == PT_KIND_SEAL || header->kind == PT_KIND_END) &&
           header->size >= sizeof(struct pt_seal);
}

/* Of all from the start of the window on. */
static bool is_true(struct window *window, size_t at)
{
    struct pt_seal seal;

    memcpy(&seal, window->bytes + at, sizeof(seal));
    window->sum = seal_sum(window->sum, window->bytes + window->start,
                           at + sizeof(seal.header) - window->start);
    return seal.sum == window->sum;
}

/* Finds out how far what comes next is sound. 0, or negative errno. */
static int look_ahead(struct window *window, int fd)
{
    size_t at = window->start;
    struct pt_header header;
    ssize_t size;

    while ((size = await_record(window, fd, &at)) > 0) {
        if (!window->begun)
            begin(window, (size_t)size);
        header = header_at(window->bytes + at);
        if (window->sealed && is_seal(&header) && !is_true(window, at))
            return -EBADMSG;
        at += (size_t)size;
        if (!window->sealed || is_seal(&header))
            break;
    }
    if (size > 0)
        window->sound = at;
    return size < 0 ? (int)size : 0;
}

/* 1, 0 at the end of the file, or negative errno. */
static int next_record(struct window *window, int fd, event_file_record_fn *on_record,
                       void *context, uint64_t *offset)
{
    int taken;

    if (window->start == window->sound) {
        int result = look_ahead(window, fd);

        if (result || window->start == window->sound)
            return result;
    }
    taken = on_record(context, window->bytes + window->start, window->sound - window->start);
    if (taken <= 0)
        return taken;
    window->start += (size_t)taken;
    *offset += (uint64_t)taken;
    return 1;
}

int event_file_read(int fd, event_file_record_fn *on_record, void *context, uint64_t *ret_offset)
{
    struct window window = {.bytes = malloc(WINDOW)};
    int result;

    *ret_offset = 0;
    if (!window.bytes)
        return -ENOMEM;
    do
        result = next_record(&window, fd, on_record, context, ret_offset);
    while (result > 0);
    free(window.bytes);
    return result;
}

static void add_seal(struct strbuf *records, struct pt_header header,
                     struct event_file_seals *seals)
{
    header.version = PT_EVENT_VERSION;
    header.size = sizeof(struct pt_seal);
    strbuf_add(records, (const char *)&header, sizeof(header));
    if (records->failed)
        return;
    seals->sum =
        seal_sum(seals->sum, records->text + seals->sealed, records->length - seals->sealed);
    strbuf_add(records, (const char *)&seals->sum, sizeof(seals->sum));
    seals->sealed = records->length;
}

void event_file_seal(struct strbuf *records, struct event_file_seals *seals)
{
    if (records->length > seals->sealed)
        add_seal(records, (struct pt_header){.kind = PT_KIND_SEAL}, seals);
}

void event_file_end(struct strbuf *records, uint64_t end_ns, uint64_t lost,
                    struct event_file_seals *seals)
{
    const struct pt_header end = {.kind = PT_KIND_END, .time_ns = end_ns, .lost = lost};

    add_seal(records, end, seals);
}

size_t event_file_whole(const char *at, size_t size)
{
    size_t whole = 0, sealed = 0, next;

    while ((next = record_size(at + whole, size - whole)) <= size - whole) {
        struct pt_header header = header_at(at + whole);

        whole += next;
        if (is_seal(&header))
            sealed = whole;
    }
    return sealed;
}
