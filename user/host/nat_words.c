// SPDX-License-Identifier: GPL-2.0
#include "user/host/nat_words.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_MAX 65535

static const char *word_end(const char *at, const char *end, bool commas)
{
    if (*at == '"') {
        const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));

        return quote ? quote + 1 : end;
    }
    while (at < end && !isspace((unsigned char)*at) && !(commas && *at == ','))
        at++;
    return at;
}

void nat_words_split(const char *line, size_t length, bool commas, struct nat_words *ret_words)
{
    const char *end = line + length;

    ret_words->count = 0;
    while (ret_words->count < NAT_WORDS_MAX) {
        const char *start;
        char *word = ret_words->at[ret_words->count];
        size_t size;

        while (line < end && (isspace((unsigned char)*line) || (commas && *line == ',')))
            line++;
        if (line == end)
            return;
        start = line;
        line = word_end(line, end, commas);
        size = (size_t)(line - start);
        if (size >= NAT_WORD_SIZE)
            size = 0;
        memcpy(word, start, size);
        word[size] = '\0';
        ret_words->count++;
    }
}

unsigned int nat_words_find(const struct nat_words *words, unsigned int from, const char *word)
{
    while (from < words->count && strcmp(words->at[from], word) != 0)
        from++;
    return from < words->count ? from : words->count;
}

/* Behind the digits, NULL where there are none or they are no port. */
static const char *take_port(const char *text, uint16_t *ret_port)
{
    unsigned long port;
    char *end;

    if (!isdigit((unsigned char)*text))
        return NULL;
    port = strtoul(text, &end, 10);
    *ret_port = (uint16_t)port;
    return port <= PORT_MAX ? end : NULL;
}

bool nat_words_has_port(const char *word, char dash, uint16_t port)
{
    uint16_t low = 0, high;
    const char *end = take_port(word, &low);

    high = low;
    if (end && *end == dash)
        end = take_port(end + 1, &high);
    return end && !*end && port >= low && port <= high;
}

uint16_t nat_words_protocol(const char *word)
{
    if (!strcmp(word, "tcp"))
        return IPPROTO_TCP;
    if (!strcmp(word, "udp"))
        return IPPROTO_UDP;
    return strcmp(word, "sctp") ? 0 : IPPROTO_SCTP;
}

/* Of a range of ports the first one. */
static bool take_port_end(const char *text, struct pt_endpoint *endpoint)
{
    const char *end = take_port(text, &endpoint->port);
    uint16_t high;

    if (end && *end == '-')
        end = take_port(end + 1, &high);
    return end && !*end;
}

bool nat_words_endpoint(const char *word, struct pt_endpoint *ret_endpoint)
{
    struct pt_endpoint endpoint = {.family = AF_INET};
    char address[NAT_WORD_SIZE];
    const char *rest;
    size_t length;

    if (*word == '[') {
        endpoint.family = AF_INET6;
        length = strcspn(++word, "]");
        rest = word[length] ? word + length + 1 : "?";
    } else {
        const char *colon = strchr(word, ':');

        if (colon && strchr(colon + 1, ':'))
            endpoint.family = AF_INET6;
        length = strcspn(word, endpoint.family == AF_INET6 ? "/" : ":/");
        rest = word + length;
    }
    if (length >= sizeof(address))
        return false;
    memcpy(address, word, length);
    address[length] = '\0';
    if (!length && *rest == ':')
        endpoint.family = 0;
    else if (inet_pton(endpoint.family, address, endpoint.address) != 1)
        return false;
    if (!strcmp(rest, "/32") || !strcmp(rest, "/128"))
        rest = "";
    if (*rest && (*rest != ':' || !take_port_end(rest + 1, &endpoint)))
        return false;
    *ret_endpoint = endpoint;
    return true;
}
