// SPDX-License-Identifier: GPL-2.0
#include "user/host/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_SIZE 4096

/* Room for one byte more than was asked for tells a file that ends from one that goes on. */
static int grow(char **text, size_t *capacity, size_t limit)
{
    size_t more = *capacity ? *capacity * 2 : FIRST_SIZE;
    char *grown;

    if (more > limit + 1)
        more = limit + 1;
    grown = realloc(*text, more + 1);
    if (!grown)
        return -ENOMEM;
    *text = grown;
    *capacity = more;
    return 0;
}

int text_file_read_fd(int fd, size_t limit, char **ret_text, size_t *ret_size)
{
    char *text = NULL;
    size_t size = 0, capacity = 0;
    int result = 0;

    while (!result) {
        ssize_t got;

        if (size == capacity)
            result = size > limit ? -EFBIG : grow(&text, &capacity, limit);
        if (result)
            break;
        got = read(fd, text + size, capacity - size);
        if (got < 0 && errno != EINTR)
            result = -errno;
        if (!got)
            break;
        size += got > 0 ? (size_t)got : 0;
    }
    if (result) {
        free(text);
        return result;
    }
    text[size] = '\0';
    *ret_text = text;
    if (ret_size)
        *ret_size = size;
    return 0;
}

int text_file_read(const char *path, size_t limit, char **ret_text, size_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int result;

    if (fd < 0)
        return -errno;
    result = text_file_read_fd(fd, limit, ret_text, ret_size);
    close(fd);
    return result;
}
