// SPDX-License-Identifier: GPL-2.0
#include "user/cli/event_file.h"

#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/event.h"
#include "user/cli/ready.h"

#define WINDOW     (1u << 20)
#define RECORD_MAX (WINDOW / 4)

struct window {
    char *bytes;
    size_t start;
    size_t end;
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
    window->start = 0;
    got = read_some(fd, window->bytes + window->end, WINDOW - window->end);
    if (got > 0)
        window->end += (size_t)got;
    return got;
}

/* Bytes that must be there to go on: of a header, or as the header says. */
static size_t record_size(const char *at, size_t there)
{
    struct pt_header header;

    if (there < sizeof(header))
        return sizeof(header);
    memcpy(&header, at, sizeof(header));
    return header.size < sizeof(header) ? sizeof(header) : header.size;
}

static int next_record(struct window *window, int fd, event_file_record_fn *on_record,
                       void *context)
{
    size_t size, there;
    ssize_t got;
    int taken;

    for (;;) {
        there = window->end - window->start;
        size = record_size(window->bytes + window->start, there);
        if (size > RECORD_MAX)
            return -EBADMSG;
        if (there >= size)
            break;
        got = fill(window, fd);
        if (got < 0)
            return (int)got;
        if (!got)
            return there ? -EBADMSG : 0;
    }
    taken = on_record(context, window->bytes + window->start, window->end - window->start);
    if (taken > 0)
        window->start += (size_t)taken;
    return taken;
}

int event_file_read(int fd, event_file_record_fn *on_record, void *context, uint64_t *ret_offset)
{
    struct window window = {.bytes = malloc(WINDOW)};
    int taken;

    *ret_offset = 0;
    if (!window.bytes)
        return -ENOMEM;
    do {
        taken = next_record(&window, fd, on_record, context);
        if (taken > 0)
            *ret_offset += (uint64_t)taken;
    } while (taken > 0);
    free(window.bytes);
    return taken;
}

size_t event_file_whole(const char *at, size_t size)
{
    size_t whole = 0, next;

    while ((next = record_size(at + whole, size - whole)) <= size - whole)
        whole += next;
    return whole;
}
