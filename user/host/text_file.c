// SPDX-License-Identifier: GPL-2.0
#include "user/host/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_SIZE 4096

struct buffer {
    char *text;
    size_t size, capacity, limit;
};

typedef int read_fn(int fd, struct buffer *buffer);

/* Room for one byte more than was asked for tells a file that ends from one that goes on. */
static int grow(struct buffer *buffer)
{
    size_t more = buffer->capacity ? buffer->capacity * 2 : FIRST_SIZE;
    char *grown;

    if (buffer->capacity > buffer->limit)
        return -EFBIG;
    if (more > buffer->limit + 1)
        more = buffer->limit + 1;
    grown = realloc(buffer->text, more + 1);
    if (!grown)
        return -ENOMEM;
    buffer->text = grown;
    buffer->capacity = more;
    return 0;
}

static int read_some(int fd, struct buffer *buffer)
{
    ssize_t got;

    do
        got = read(fd, buffer->text + buffer->size, buffer->capacity - buffer->size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    buffer->size += (size_t)got;
    return 0;
}

static int read_pieces(int fd, struct buffer *buffer)
{
    size_t before;
    int result;

    do {
        before = buffer->size;
        result = before == buffer->capacity ? grow(buffer) : 0;
        if (!result)
            result = read_some(fd, buffer);
    } while (!result && buffer->size > before);
    return result;
}

/* From the beginning again, until not all of the room was needed. */
static int read_at_once(int fd, struct buffer *buffer)
{
    int result;

    do {
        result = grow(buffer);
        buffer->size = 0;
        if (!result && lseek(fd, 0, SEEK_SET) < 0)
            result = -errno;
        if (!result)
            result = read_some(fd, buffer);
    } while (!result && buffer->size == buffer->capacity);
    return result;
}

static int read_file(const char *path, read_fn *read_all, struct buffer *buffer)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result;

    if (fd < 0)
        return -errno;
    result = read_all(fd, buffer);
    close(fd);
    if (result)
        free(buffer->text);
    else
        buffer->text[buffer->size] = '\0';
    return result;
}

int text_file_read(const char *path, size_t limit, char **ret_text, size_t *ret_size)
{
    struct buffer buffer = {.limit = limit};
    int result = read_file(path, read_pieces, &buffer);

    if (result)
        return result;
    *ret_text = buffer.text;
    if (ret_size)
        *ret_size = buffer.size;
    return 0;
}

int text_file_read_at_once(const char *path, size_t limit, char **ret_text)
{
    struct buffer buffer = {.limit = limit};
    int result = read_file(path, read_at_once, &buffer);

    if (!result)
        *ret_text = buffer.text;
    return result;
}
