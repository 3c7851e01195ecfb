// SPDX-License-Identifier: GPL-2.0
#include "user/host/socket_units.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define COLUMNS 4 /* LISTEN TYPE UNIT ACTIVATES */

/* Columns of a line; what is more, as the second of two services, is left out. */
static unsigned int split(const char *line, size_t length, struct bytes columns[COLUMNS])
{
    const char *end = line + length;
    unsigned int count = 0;

    while (count < COLUMNS) {
        const char *start;

        while (line < end && (*line == ' ' || *line == '\t'))
            line++;
        start = line;
        while (line < end && *line != ' ' && *line != '\t')
            line++;
        if (line == start)
            break;
        columns[count++] = (struct bytes){.at = start, .size = (uint32_t)(line - start)};
    }
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
            struct bytes unit = columns[3];

            if (unit.at[unit.size - 1] == ',')
                unit.size--;
            *ret_unit = unit;
            return unit.size > 0 && !equals(unit, "-");
        }
        list += length;
        list += *list == '\n';
    }
    return false;
}
