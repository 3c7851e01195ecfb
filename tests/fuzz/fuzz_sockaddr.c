// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes of a socket address of any size, as the BPF programs take them, against what the structures
 * of the system say; and on into text, which must be read back as the same.
 */
#include "bpf/address.h"
#include "tests/fuzz/clean.h"
#include "tests/fuzz/input.h"
#include "user/cli/question.h"
#include "user/host/address.h"
#include "user/model/endpoint.h"

union any_address {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    uint16_t family;
    char bytes[sizeof(struct sockaddr_in6)];
};

static void check_family(const struct pt_endpoint *endpoint, const union any_address *from,
                         uint32_t size)
{
    bool v6 = from->family == AF_INET6 && size >= 24;
    bool v4 = (from->family == AF_INET || from->family == AF_UNSPEC) && size >= 8;

    if (v6) {
        require(endpoint->family == AF_INET6 && endpoint->port == ntohs(from->v6.sin6_port));
        require(!memcmp(endpoint->address, &from->v6.sin6_addr, sizeof(from->v6.sin6_addr)));
        require(endpoint->scope_id == (size >= sizeof(from->v6) ? from->v6.sin6_scope_id : 0));
    } else if (v4) {
        require(endpoint->family == AF_INET && endpoint->port == ntohs(from->v4.sin_port));
        require(!memcmp(endpoint->address, &from->v4.sin_addr, sizeof(from->v4.sin_addr)));
    } else {
        require(!endpoint->family && !endpoint->port);
    }
}

/* Names of devices are not looked up, so the number of the scope stands behind the %. */
static void check_text(const struct pt_endpoint *endpoint)
{
    struct strbuf text = {0}, error = {0}, line = {0};
    struct question question;

    endpoint_add(&text, endpoint, NULL);
    require(text.text != NULL);
    strbuf_add(&line, text.text, text.length);
    strbuf_putc(&line, '\n');
    require(clean_text(line.text, line.length, false));
    if (endpoint->family && endpoint->port) {
        require(!question_parse(text.text, &question, &error));
        require(question.endpoint.port == endpoint->port);
        require(question.any_address ||
                (question.endpoint.family == endpoint->family &&
                 !memcmp(question.endpoint.address, endpoint->address, sizeof(endpoint->address))));
    }
    strbuf_free(&line);
    strbuf_free(&text);
    strbuf_free(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, size};
    union any_address any;
    struct inet_address from;
    struct pt_endpoint endpoint;
    uint32_t length = input_below(&input, 40);

    input_take(&input, &any, sizeof(any));
    /* What is behind the length is not the caller's: it was not copied. */
    if (length < sizeof(any))
        memset(any.bytes + length, 0, sizeof(any) - length);
    memcpy(&from, &any, sizeof(from));
    require(address_counts(PT_OP_BIND, from.family, length) == length);
    require(address_counts(PT_OP_CONNECT, from.family, length) == (from.family ? length : 0));
    endpoint_from_address(&endpoint, &from, length);
    if (length >= sizeof(any.family))
        check_family(&endpoint, &any, length);
    else
        require(!endpoint.family);
    check_text(&endpoint);
    address_of_itself(&endpoint);
    return 0;
}
