// SPDX-License-Identifier: GPL-2.0
#include "user/host/socket_units.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "user/model/unit_name.h"

#define SOCKET  ".socket"
#define COLUMNS 4 /* LISTEN TYPE UNIT ACTIVATES */

/* The next of what blanks part, without a comma behind it; .at NULL: there is no more. */
static struct bytes take_word(const char **at, const char *end)
{
    const char *start;

    while (*at < end && (**at == ' ' || **at == '\t'))
        ++*at;
    start = *at;
    while (*at < end && **at != ' ' && **at != '\t')
        ++*at;
    if (*at == start)
        return (struct bytes){0};
    return (struct bytes){.at = start, .size = (uint32_t)(*at - start - ((*at)[-1] == ','))};
}

/* Columns of a line; what is more, as the second of two services, is left out. */
static unsigned int split(const char *line, size_t length, struct bytes columns[COLUMNS])
{
    const char *end = line + length;
    unsigned int count = 0;

    while (count < COLUMNS && (columns[count] = take_word(&line, end)).at)
        count++;
    return count;
}

static bool equals(struct bytes text, const char *word)
{
    return text.size == strlen(word) && !memcmp(text.at, word, text.size);
}

static bool is_type(struct bytes text, uint16_t type)
{
    return equals(text, type == SOCK_DGRAM ? "Datagram" : "Stream");
}

/* "[::]:22", "127.0.0.1:53"; behind it "%eth0" may stand. */
static bool is_at(struct bytes listen, const struct pt_endpoint *local)
{
    char address[INET6_ADDRSTRLEN], expected[INET6_ADDRSTRLEN + 16];
    size_t length;

    if (!inet_ntop(local->family, local->address, address, sizeof(address)))
        return false;
    snprintf(expected, sizeof(expected), local->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address,
             local->port);
    length = strlen(expected);
    return listen.size >= length && !memcmp(listen.at, expected, length) &&
           (listen.size == length || listen.at[length] == '%');
}

bool socket_units_find(const char *list, uint16_t type, const struct pt_endpoint *local,
                       struct bytes *ret_unit)
{
    while (*list) {
        struct bytes columns[COLUMNS];
        size_t length = strcspn(list, "\n");

        if (split(list, length, columns) == COLUMNS && is_at(columns[0], local) &&
            is_type(columns[1], type)) {
            *ret_unit = columns[3];
            return ret_unit->size > 0 && !equals(*ret_unit, "-");
        }
        list += length;
        list += *list == '\n';
    }
    return false;
}

static bool is_same(struct bytes one, struct bytes other)
{
    return one.size == other.size && !memcmp(one.at, other.at, one.size);
}

/* By the names alone: what it listens on can be more words than one. .at NULL: it starts others. */
static struct bytes starter_of(struct bytes unit, const char *line, size_t length)
{
    struct bytes before = {0}, word;
    const char *end = line + length;

    while ((word = take_word(&line, end)).at &&
           !(unit_name_is(before, SOCKET) && is_same(word, unit)))
        before = word;
    return word.at ? before : word;
}

static bool has_word(const struct strbuf *words, struct bytes wanted)
{
    const char *at = words->text, *end = at + words->length;
    struct bytes word;

    while ((word = take_word(&at, end)).at)
        if (is_same(word, wanted))
            return true;
    return false;
}

void socket_units_of(const char *list, struct bytes unit, struct strbuf *out)
{
    while (*list) {
        size_t length = strcspn(list, "\n");
        struct bytes socket = starter_of(unit, list, length);

        if (socket.at && !(out->length && has_word(out, socket))) {
            if (out->length)
                strbuf_putc(out, ' ');
            strbuf_add(out, socket.at, socket.size);
        }
        list += length;
        list += *list == '\n';
    }
}
