// SPDX-License-Identifier: GPL-2.0
#include "user/host/protocols.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "user/host/text_file.h"

#define LIMIT 65536

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* As /proc/net/protocols calls those that a kernel need not have. */
static const char *name_of(uint16_t protocol)
{
    switch (protocol) {
    case IPPROTO_SCTP:
        return "SCTP";
    case IPPROTO_UDPLITE:
        return "UDP-Lite";
    case IPPROTO_MPTCP:
        return "MPTCP";
    }
    return NULL;
}

/* A name begins its line, and a blank ends it. */
static bool has_line(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
        if (!strncmp(line, name, length) && line[length] == ' ')
            return true;
    return false;
}

bool protocol_is_missing(uint16_t protocol)
{
    const char *name = name_of(protocol);
    char *text;
    bool here;

    if (!name || text_file_read("/proc/net/protocols", LIMIT, &text, NULL))
        return false;
    here = has_line(text, name);
    free(text);
    return !here;
}
