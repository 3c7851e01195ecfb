/* SPDX-License-Identifier: GPL-2.0 */
/* Observations for the tests of the renderers: one that is full, to be changed where it matters. */
#ifndef PORTTRACE_TESTS_SAMPLE_H
#define PORTTRACE_TESTS_SAMPLE_H

#include <arpa/inet.h>
#include <stddef.h>
#include <sys/socket.h>

#include "user/render/render.h"

#define SAMPLE_BYTES(literal) ((struct bytes){.at = (literal), .size = sizeof(literal) - 1})

/* Of a test that made the name: no literal. */
static inline struct bytes sample_bytes(const char *at, size_t size)
{
    return (struct bytes){.at = at, .size = (uint32_t)size};
}

static inline struct pt_endpoint sample_ipv4(const char *address, uint16_t port)
{
    struct pt_endpoint endpoint = {.family = AF_INET, .port = port};

    inet_pton(AF_INET, address, endpoint.address);
    return endpoint;
}

static inline struct pt_endpoint sample_ipv6(const char *address, uint16_t port, uint32_t scope_id)
{
    struct pt_endpoint endpoint = {.family = AF_INET6, .port = port, .scope_id = scope_id};

    inet_pton(AF_INET6, address, endpoint.address);
    return endpoint;
}

static inline const char *sample_user(void *context, uint32_t uid)
{
    (void)context;
    return uid == 1000 ? "alice" : NULL;
}

static inline const char *sample_service(void *context, uint16_t port, uint16_t protocol)
{
    (void)context;
    return port == 8080 && protocol == 6 ? "http-alt" : NULL;
}

static inline struct render_names sample_names(void)
{
    return (struct render_names){.user = sample_user, .service = sample_service};
}

static inline struct process_facts sample_process(void)
{
    return (struct process_facts){
        .task = {.pid = 4242,
                 .tid = 4243,
                 .parent_pid = 1,
                 .uid = 1000,
                 .gid = 100,
                 .netns = 4026531840u,
                 .start_ns = 500000000,
                 .cgroup_id = 9007199254740993u,
                 .comm = "python3"},
        .exe = SAMPLE_BYTES("/usr/bin/python3"),
        .args = SAMPLE_BYTES("python3\0-m\0http server\0"),
        .args_size = 23,
        .cgroup = SAMPLE_BYTES("/system.slice/web.service"),
        .cgroup_facts = {.unit = SAMPLE_BYTES("web.service")},
        .described = true,
    };
}

/* A refused bind of 127.0.0.1:8080. */
static inline struct observation sample_refused_bind(void)
{
    return (struct observation){
        .sequence = 7,
        .time_ns = 1000000000,
        .wall_ns = 1795232828123456789,
        .op = PT_OP_BIND,
        .entry = PT_ENTRY_SYSCALL,
        .plan = PT_PLAN_FEXIT,
        .stage = PT_STAGE_PROTOCOL,
        .address_source = PT_ADDRESS_KERNEL,
        .error = 98,
        .fd = 3,
        .address_size = 16,
        .process = sample_process(),
        .process_known = true,
        .socket = {.cookie = 18446744073709551615u,
                   .inode = 12345,
                   .family = AF_INET,
                   .type = SOCK_STREAM,
                   .protocol = 6,
                   .state = 7,
                   .options = PT_OPTION_REUSEADDR},
        .socket_known = true,
        .requested = sample_ipv4("127.0.0.1", 8080),
        .latency_ns = 12345,
    };
}

static inline struct observation sample_bind(void)
{
    struct observation seen = sample_refused_bind();

    seen.error = 0;
    seen.local = seen.requested;
    return seen;
}

static inline struct observation sample_listen(void)
{
    struct observation seen = sample_bind();

    seen.op = PT_OP_LISTEN;
    seen.requested = (struct pt_endpoint){0};
    seen.address_source = PT_ADDRESS_NONE;
    seen.backlog = 128;
    return seen;
}

static inline struct observation sample_connect(void)
{
    struct observation seen = sample_bind();

    seen.op = PT_OP_CONNECT;
    seen.local = sample_ipv4("10.0.0.5", 51234);
    seen.requested = sample_ipv4("10.0.0.9", 443);
    return seen;
}

static inline struct observation sample_release(void)
{
    struct observation seen = sample_bind();

    seen.op = PT_OP_RELEASE;
    seen.entry = PT_ENTRY_UNKNOWN;
    seen.requested = (struct pt_endpoint){0};
    seen.fd = -1;
    seen.latency_ns = 0;
    seen.held_ns = 83000000000;
    seen.taken_by = PT_OP_BIND;
    return seen;
}

#endif
