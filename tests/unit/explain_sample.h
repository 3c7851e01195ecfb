/* SPDX-License-Identifier: GPL-2.0 */
/* Refused calls, holders and facts that the tests of explanations begin with. */
#ifndef TESTS_UNIT_EXPLAIN_SAMPLE_H
#define TESTS_UNIT_EXPLAIN_SAMPLE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "user/explain/explain.h"

#define SAMPLE_PORT   8080
#define SAMPLE_NOW_NS UINT64_C(100000000000000)
#define SAMPLE_SECOND UINT64_C(1000000000)

#define BYTES(text) ((struct bytes){.at = (text), .size = sizeof(text) - 1})

__attribute__((unused)) static struct pt_endpoint sample_endpoint(const char *address,
                                                                  uint16_t port)
{
    struct pt_endpoint endpoint = {.port = port};

    endpoint.family = strchr(address, ':') ? AF_INET6 : AF_INET;
    assert_int_equal(inet_pton(endpoint.family, address, endpoint.address), 1);
    return endpoint;
}

__attribute__((unused)) static uint16_t sample_family(const char *address)
{
    return strchr(address, ':') ? AF_INET6 : AF_INET;
}

__attribute__((unused)) static struct pt_socket sample_socket(const char *address, uint8_t state,
                                                              uint32_t options)
{
    return (struct pt_socket){.family = sample_family(address),
                              .type = SOCK_STREAM,
                              .protocol = IPPROTO_TCP,
                              .state = state,
                              .options = options};
}

/* A TCP socket of pid 1188, user 33, on SAMPLE_PORT. */
__attribute__((unused)) static struct holder sample_holder(const char *address, uint8_t state,
                                                           uint32_t options)
{
    return (struct holder){
        .seen = {.task = {.pid = 1188, .uid = 33, .comm = "node"},
                 .socket = sample_socket(address, state, options),
                 .local = sample_endpoint(address, SAMPLE_PORT),
                 .since_ns = SAMPLE_NOW_NS - 8040 * SAMPLE_SECOND,
                 .uid = 33,
                 .fd = 3,
                 .source = PT_HOLDER_LOOKUP,
                 .flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_UID_KNOWN |
                          (state == TCP_CLOSE || state == TCP_LISTEN ? PT_HOLDER_BOUND : 0u)},
    };
}

/* A bind of pid 2091, user 1000, that EADDRINUSE refused. */
__attribute__((unused)) static struct observation sample_bind(const char *address, uint32_t options)
{
    return (struct observation){
        .op = PT_OP_BIND,
        .entry = PT_ENTRY_SYSCALL,
        .plan = PT_PLAN_FEXIT,
        .error = EADDRINUSE,
        .fd = 19,
        .address_size = sample_family(address) == AF_INET6 ? 28 : 16,
        .process_known = true,
        .process.task = {.pid = 2091, .tid = 2091, .uid = 1000, .comm = "node"},
        .socket_known = true,
        .socket = sample_socket(address, TCP_CLOSE, options),
        .requested = sample_endpoint(address, SAMPLE_PORT),
    };
}

/* The same with another errno, and a connect. */
__attribute__((unused)) static struct observation sample_refused(const char *address, int error)
{
    struct observation seen = sample_bind(address, 0);

    seen.error = error;
    return seen;
}

__attribute__((unused)) static struct observation sample_refused_connect(const char *address,
                                                                         int error)
{
    struct observation seen = sample_refused(address, error);

    seen.op = PT_OP_CONNECT;
    return seen;
}

__attribute__((unused)) static struct facts sample_facts(const struct holder *holders,
                                                         unsigned int count)
{
    return (struct facts){
        .netns_known = true,
        .range_low = 32768,
        .range_high = 60999,
        .unprivileged_start = 1024,
        .holders = {holders, count},
        .holders_complete = true,
        .free_ports = {8081, 8082, 8090},
        .now_ns = SAMPLE_NOW_NS,
        .kernel_major = 6,
        .kernel_minor = 18,
    };
}

__attribute__((unused)) static bool sample_says(const struct strbuf *texts, unsigned int count,
                                                const char *part)
{
    for (unsigned int i = 0; i < count; i++) {
        if (texts[i].text && strstr(texts[i].text, part))
            return true;
    }
    return false;
}

#define assert_reason(explanation, expected)                                                       \
    assert_string_equal(reason_words((explanation)->reason)->code, reason_words(expected)->code)
#define assert_note(explanation, part)                                                             \
    assert_true(sample_says((explanation)->notes, (explanation)->note_count, part))
#define assert_no_note(explanation, part)                                                          \
    assert_false(sample_says((explanation)->notes, (explanation)->note_count, part))
#define assert_help(explanation, part)                                                             \
    assert_true(sample_says((explanation)->helps, (explanation)->help_count, part))
#define assert_no_help(explanation, part)                                                          \
    assert_false(sample_says((explanation)->helps, (explanation)->help_count, part))

#endif
