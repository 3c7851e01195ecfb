// SPDX-License-Identifier: GPL-2.0
#include "user/cli/question.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "user/cli/values.h"

#define PORT_MAX             65535
#define ADDRESS_SIZE         80
#define IPPROTO_MPTCP_NUMBER 262

static int refuse(struct strbuf *error, const char *typed, const char *reason)
{
    value_quote(error, typed);
    strbuf_putc(error, ' ');
    strbuf_puts(error, reason);
    return -EINVAL;
}

bool question_set_protocol(struct question *question, const char *name, size_t length)
{
    static const struct {
        const char *name;
        uint16_t protocol;
        uint16_t type;
    } protocols[] = {
        {"tcp", IPPROTO_TCP, SOCK_STREAM},
        {"udp", IPPROTO_UDP, SOCK_DGRAM},
        {"udplite", IPPROTO_UDPLITE, SOCK_DGRAM},
        {"sctp", IPPROTO_SCTP, SOCK_STREAM},
        {"mptcp", IPPROTO_MPTCP_NUMBER, SOCK_STREAM},
    };

    for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
        if (strlen(protocols[i].name) != length || strncasecmp(name, protocols[i].name, length))
            continue;
        question->protocol_name = protocols[i].name;
        question->protocol = protocols[i].protocol;
        question->type = protocols[i].type;
        return true;
    }
    return false;
}

/* What services may be called, by RFC 6335 and in the files there are. */
static bool is_service_name(const char *text)
{
    size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                 "-_.+");

    return length && !text[length] && length < QUESTION_SERVICE_SIZE &&
           text[strcspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}

static int take_port(const char *whole, const char *text, struct question *question,
                     struct strbuf *error)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);

    if (!*text)
        return refuse(error, whole, "names no port; allowed: 80, udp/53, 127.0.0.1:80, [::1]:443");
    if (!text[digits]) {
        if (digits > 5 || port < 1 || port > PORT_MAX)
            return refuse(error, text, "is not a port; allowed: 1 to 65535");
        question->endpoint.port = (uint16_t)port;
        return 0;
    }
    if (!is_service_name(text))
        return refuse(error, text, "is not a port; allowed: 1 to 65535, or a service such as http");
    memcpy(question->service, text, strlen(text) + 1);
    return 0;
}

/* Cuts "%eth0" off the address. */
static int take_device(const char *whole, char *address, char ret_device[PT_DEVICE_SIZE],
                       struct strbuf *error)
{
    char *device = strchr(address, '%');
    size_t length;

    if (!device)
        return 0;
    *device++ = '\0';
    length = strlen(device);
    if (!length || length >= PT_DEVICE_SIZE || strpbrk(device, "/%"))
        return refuse(error, whole, "names no device behind %");
    memcpy(ret_device, device, length + 1);
    return 0;
}

static int take_address(const char *whole, char *address, int family, struct question *question,
                        struct strbuf *error)
{
    struct pt_endpoint *endpoint = &question->endpoint;

    if (take_device(whole, address, family == AF_INET ? question->device : question->scope, error))
        return -EINVAL;
    if (family == AF_INET && (!*address || !strcmp(address, "*"))) {
        question->any_address = true;
        return 0;
    }
    if (family == AF_INET && !strcasecmp(address, "localhost")) {
        question->localhost = true;
        return 0;
    }
    endpoint->family = (uint16_t)family;
    if (inet_pton(family, address, endpoint->address) == 1)
        return 0;
    return refuse(error, address,
                  family == AF_INET
                      ? "is not an IPv4 address; allowed: such as 127.0.0.1, or [::1] in brackets"
                      : "is not an IPv6 address; allowed: such as [::1]");
}

static int copy_address(const char *whole, const char *from, size_t length,
                        char address[ADDRESS_SIZE], struct strbuf *error)
{
    if (length >= ADDRESS_SIZE)
        return refuse(error, whole, "is too long for an address and a port");
    memcpy(address, from, length);
    address[length] = '\0';
    return 0;
}

static int take_bracketed(const char *whole, const char *text, struct question *question,
                          struct strbuf *error)
{
    char part[ADDRESS_SIZE];
    const char *end = strchr(text, ']');
    size_t behind = end ? strcspn(end + 1, ":") : 0;

    if (!end || end[1 + behind] != ':' || (behind && end[1] != '%'))
        return refuse(error, whole, "has no port behind brackets; allowed: [::1]:443");
    if (copy_address(whole, text + 1, (size_t)(end - text) - 1, part, error) ||
        take_address(whole, part, AF_INET6, question, error) ||
        copy_address(whole, end + 1, behind, part, error) ||
        take_device(whole, part, question->device, error))
        return -EINVAL;
    return take_port(whole, end + behind + 2, question, error);
}

int question_parse_address(const char *text, struct question *question, struct strbuf *error)
{
    size_t length = strlen(text);
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    char address[ADDRESS_SIZE];

    if (text[0] == '[' && length > 1 && text[length - 1] == ']') {
        text++;
        length -= 2;
    }
    question->any_address = question->localhost = false;
    question->scope[0] = question->device[0] = '\0';
    if (!length)
        return refuse(error, text, "is no address");
    if (copy_address(text, text, length, address, error))
        return -EINVAL;
    return take_address(text, address, family, question, error);
}

int question_parse(const char *text, struct question *ret_question, struct strbuf *error)
{
    const char *rest = text, *slash = strchr(text, '/'), *colon;
    char address[ADDRESS_SIZE];

    *ret_question = (struct question){0};
    question_set_protocol(ret_question, "tcp", 3);
    if (slash) {
        if (!question_set_protocol(ret_question, text, (size_t)(slash - text)))
            return refuse(error, text,
                          "has no protocol before /; allowed: tcp, udp, udplite, sctp, mptcp");
        rest = slash + 1;
    }
    if (*rest == '[')
        return take_bracketed(text, rest, ret_question, error);
    colon = strrchr(rest, ':');
    if (!colon) {
        ret_question->any_address = true;
        return take_port(text, rest, ret_question, error);
    }
    if (memchr(rest, ':', (size_t)(colon - rest)))
        return refuse(error, text, "has an IPv6 address without brackets; allowed: [::1]:443");
    if (copy_address(text, rest, (size_t)(colon - rest), address, error) ||
        take_address(text, address, AF_INET, ret_question, error))
        return -EINVAL;
    return take_port(text, colon + 1, ret_question, error);
}
