// SPDX-License-Identifier: GPL-2.0
/*
 * Notes when the first line about each paced bind arrives on standard input:
 *     arrival MOMENTS [WORD]
 * With WORD, for tracers that show no address: the lines with that word, in their order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/moments.h"

#define BUFFER_BYTES (1u << 20)

struct reader {
    struct moments *moments;
    const char *word;
    uint32_t counted;
    size_t length;
    char buffer[BUFFER_BYTES];
};

static int line_number(struct reader *reader, const char *line)
{
    unsigned int high, low;
    const char *at;

    if (reader->word)
        return strstr(line, reader->word) && reader->counted < MOMENTS_MAX ? (int)reader->counted++
                                                                           : -1;
    at = strstr(line, MOMENTS_PREFIX);
    if (!at || sscanf(at + strlen(MOMENTS_PREFIX), "%3u.%3u", &high, &low) != 2 || high > 255 ||
        low > 255)
        return -1;
    return (int)(high << 8 | low);
}

static void take_line(struct reader *reader, const char *line, uint64_t now_ns)
{
    int number = line_number(reader, line);

    if (number >= 0 && !reader->moments->arrived_ns[number])
        reader->moments->arrived_ns[number] = now_ns;
}

static int take_lines(struct reader *reader, uint64_t now_ns)
{
    char *line = reader->buffer, *end = reader->buffer + reader->length, *newline;

    while ((newline = memchr(line, '\n', (size_t)(end - line)))) {
        *newline = '\0';
        take_line(reader, line, now_ns);
        line = newline + 1;
    }
    reader->length = (size_t)(end - line);
    memmove(reader->buffer, line, reader->length);
    return reader->length == BUFFER_BYTES ? -EMSGSIZE : 0;
}

static int read_lines(struct reader *reader)
{
    for (;;) {
        ssize_t got =
            read(STDIN_FILENO, reader->buffer + reader->length, BUFFER_BYTES - reader->length);
        int error;

        if (got <= 0)
            return got ? -errno : 0;
        reader->length += (size_t)got;
        error = take_lines(reader, moments_now_ns());
        if (error)
            return error;
    }
}

int main(int argc, char **argv)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    int error;

    if (argc < 2 || argc > 3 || !reader) {
        fprintf(stderr, "usage: arrival MOMENTS [WORD]\n");
        free(reader);
        return 2;
    }
    reader->word = argv[2];
    error = moments_map(argv[1], &reader->moments);
    if (!error)
        error = read_lines(reader);
    if (error)
        fprintf(stderr, "arrival: %s\n", strerror(-error));
    free(reader);
    return error ? 1 : 0;
}
