// SPDX-License-Identifier: GPL-2.0
/*
 * usage: make_events DIRECTORY
 * Writes the event files of the golden tests: what a kernel could have sent, with every byte
 * chosen. The files are kept in the repository, so that a change of the format shows as one that
 * old files do not survive; this program is for making more of them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/golden/write_events.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define BYTES(name, literal) .name = (literal), .name##_size = sizeof(literal)

static const struct process web = {
    .pid = 4242,
    .parent_pid = 1,
    .comm = "web",
    BYTES(exe, "web\0bin\0usr"),
    BYTES(args, "/usr/bin/web\0--port\0008080\0--name\0two words"),
    BYTES(cgroup, "web.service\0system.slice"),
};

static const struct process worker = {
    .pid = 4300,
    .parent_pid = 4242,
    .uid = 4000000000u,
    .comm = "worker",
    BYTES(exe, "python3.11\0bin\0usr"),
    BYTES(args, "python3\0-m\0http.server"),
    BYTES(cgroup, "docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\0"
                  "system.slice"),
};

static const struct process hostile = {
    .pid = 666,
    .parent_pid = 1,
    .comm = "\033[31m\"\n\\x",
    BYTES(exe, "evil\n{\"event\"\0tmp"),
    BYTES(args, "\033]0;title\a\0--name=\"quoted\"\0\xff\xfe\0\xe2\x80\xae"
                "gnp.exe\0new\nline"),
    BYTES(cgroup, "a\033[2Jb\0\xc3\x28"),
};

/* A listener, a refused bind, a connect, datagrams, releases. */
static void make_basic(const char *directory)
{
    struct writer writer = events_begin(directory, "basic", "testhost");
    struct pt_socket listener = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_socket second = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_socket client =
        socket_of(&writer, AF_INET6, SOCK_STREAM, IPPROTO_TCP, STATE_ESTABLISHED);
    struct pt_socket datagrams = socket_of(&writer, AF_INET, SOCK_DGRAM, IPPROTO_UDP, STATE_CLOSE);
    struct pt_endpoint any = endpoint("0.0.0.0", 8080);
    struct pt_call call;

    put_process(&writer, &web);
    listener.options = PT_OPTION_REUSEADDR;
    put_bind(&writer, &web, 0, listener, any);
    listener.state = STATE_LISTEN;
    call = call_of(&web, PT_OP_LISTEN, 0, listener);
    call.local = any;
    call.backlog = 128;
    put_call(&writer, call);
    put_process(&writer, &worker);
    put_bind(&writer, &worker, EADDRINUSE, second, endpoint("127.0.0.1", 8080));
    put_bind(&writer, &worker, EACCES, second, endpoint("0.0.0.0", 80));
    call = call_of(&worker, PT_OP_CONNECT, 0, client);
    call.requested = endpoint("2001:db8::1", 443);
    call.local = endpoint("2001:db8::2", 51234);
    call.flags |= PT_CALL_IMPLIES_AUTOBIND;
    put_call(&writer, call);
    call = call_of(&worker, PT_OP_AUTOBIND, 0, datagrams);
    call.entry = PT_ENTRY_SEND;
    call.local = endpoint("0.0.0.0", 40000);
    put_call(&writer, call);
    put_release(&writer, &worker, datagrams, endpoint("0.0.0.0", 40000), PT_OP_AUTOBIND);
    put_release(&writer, &web, listener, any, PT_OP_BIND);
    put_release(&writer, NULL, second, endpoint("127.0.0.1", 9000), 0);
    events_end(&writer);
}

/* Names that want to be a terminal's commands, another line or another event. */
static void make_hostile(const char *directory)
{
    static char longest[3 * PT_ARGS_MAX];
    struct process large = hostile;
    struct writer writer = events_begin(directory, "hostile", "host\033[31m\"\n{}");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);

    put_process(&writer, &hostile);
    memcpy(socket.device, "v\033[1m\n\"%s", 9);
    socket.device_ifindex = 5;
    put_bind(&writer, &hostile, EADDRINUSE, socket, endpoint("127.0.0.1", 8080));
    memset(longest, 'A', sizeof(longest));
    memset(longest, 0xff, 40);
    longest[39] = '\0';
    large.pid = 667;
    large.args = longest;
    large.args_size = sizeof(longest);
    put_process(&writer, &large);
    put_bind(&writer, &large, 0, socket, endpoint("::ffff:127.0.0.1", 8080));
    events_end(&writer);
}

static void put_loss(struct writer *writer, uint64_t ring_full, uint64_t descriptions)
{
    struct pt_loss loss = {
        .lost = {[PT_LOSS_RING_FULL] = ring_full, [PT_LOSS_DESCRIPTION] = descriptions}};

    loss.header = events_header(writer, PT_KIND_LOSS, sizeof(loss));
    events_put(writer, &loss, sizeof(loss));
    writer->lost += ring_full;
}

/* Losses at the start, between events and at the end; a process without a description. */
static void make_loss(const char *directory)
{
    struct writer writer = events_begin(directory, "loss", "testhost");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);

    put_loss(&writer, 2, 0);
    put_process(&writer, &web);
    put_bind(&writer, &web, 0, socket, endpoint("127.0.0.1", 1001));
    put_loss(&writer, 1000, 1);
    put_bind(&writer, &worker, 0, socket, endpoint("127.0.0.1", 1002));
    put_loss(&writer, 0, 3);
    put_bind(&writer, &web, 0, socket, endpoint("127.0.0.1", 1003));
    put_loss(&writer, 1, 0);
    events_end(&writer);
}

static void put_entry(struct writer *writer, enum pt_op op, enum pt_entry entry, int error,
                      struct pt_socket socket, struct pt_endpoint requested)
{
    struct pt_call call = call_of(&web, op, error, socket);

    call.entry = entry;
    call.requested = requested;
    if (!error)
        call.local = requested;
    put_call(writer, call);
}

/* Every protocol and every way in. */
static void make_protocols(const char *directory)
{
    static const struct {
        uint16_t family, type, protocol;
    } kinds[] = {
        {AF_INET, SOCK_STREAM, IPPROTO_TCP},     {AF_INET6, SOCK_DGRAM, IPPROTO_UDP},
        {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},  {AF_INET6, SOCK_STREAM, IPPROTO_MPTCP},
        {AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP}, {AF_INET, SOCK_RAW, IPPROTO_ICMP},
        {AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6},  {AF_INET, SOCK_STREAM, 250},
    };
    struct writer writer = events_begin(directory, "protocols", "testhost");

    put_process(&writer, &web);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct pt_socket socket =
            socket_of(&writer, kinds[i].family, kinds[i].type, kinds[i].protocol, STATE_CLOSE);
        const char *address = kinds[i].family == AF_INET ? "192.0.2.1" : "fe80::1";
        struct pt_endpoint requested = endpoint(address, (uint16_t)(61000 + i));

        if (kinds[i].family == AF_INET6)
            requested.scope_id = 2;
        socket.options = 1u << i % 6;
        put_entry(&writer, PT_OP_BIND, 1 + i % 4, 0, socket, requested);
        put_entry(&writer, PT_OP_BIND, 1 + i % 4, EADDRNOTAVAIL, socket, requested);
    }
    events_end(&writer);
}

/* Calls that ended before the protocol's code, and connects that go on. */
static void make_early(const char *directory)
{
    struct writer writer = events_begin(directory, "early", "testhost");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_call call;

    writer.plan = PT_PLAN_RESTRICTED;
    put_process(&writer, &web);
    call = call_of(&web, PT_OP_BIND, EBADF, (struct pt_socket){0});
    call.fd = -1;
    call.stage = PT_STAGE_ENTRY;
    call.flags = 0;
    call.address_source = PT_ADDRESS_USER;
    call.requested = endpoint("0.0.0.0", 8080);
    put_call(&writer, call);
    call.error = EFAULT;
    call.address_source = PT_ADDRESS_NONE;
    call.requested = (struct pt_endpoint){0};
    put_call(&writer, call);
    call = call_of(&web, PT_OP_BIND, EACCES, socket);
    call.stage = PT_STAGE_SECURITY;
    call.requested = endpoint("0.0.0.0", 8080);
    put_call(&writer, call);
    call.error = 599;
    call.flags |= PT_CALL_PARTIAL_LATENCY;
    put_call(&writer, call);
    call = call_of(&web, PT_OP_CONNECT, EINPROGRESS, socket);
    call.requested = endpoint("192.0.2.7", 443);
    call.local = endpoint("192.0.2.1", 50000);
    put_call(&writer, call);
    call.error = ECONNREFUSED;
    put_call(&writer, call);
    call = call_of(&web, PT_OP_LISTEN, EADDRINUSE, socket);
    call.backlog = -1;
    put_call(&writer, call);
    events_end(&writer);
}

/* A record of another kind, and one with fields that are not known yet. */
static void make_newer(const char *directory)
{
    struct writer writer = events_begin(directory, "newer", "testhost");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_call call = call_of(&web, PT_OP_BIND, EADDRINUSE, socket);
    const uint64_t more = 0x0123456789abcdef;
    struct pt_header unknown;

    put_process(&writer, &web);
    unknown = events_header(&writer, 99, sizeof(unknown) + sizeof(more));
    events_put(&writer, &unknown, sizeof(unknown));
    events_put(&writer, &more, sizeof(more));
    call.plan = writer.plan;
    call.requested = endpoint("127.0.0.1", 8080);
    call.header = events_header(&writer, PT_KIND_CALL, sizeof(call) + sizeof(more));
    events_put(&writer, &call, sizeof(call));
    events_put(&writer, &more, sizeof(more));
    put_bind(&writer, &web, 0, socket, endpoint("127.0.0.1", 8081));
    events_end(&writer);
}

/* The disk was full, or the copy was not finished. */
static void make_cut(const char *directory)
{
    struct writer writer = events_begin(directory, "cut", "testhost");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_call call = call_of(&web, PT_OP_BIND, 0, socket);

    put_process(&writer, &web);
    put_bind(&writer, &web, 0, socket, endpoint("127.0.0.1", 8080));
    call.header = events_header(&writer, PT_KIND_CALL, sizeof(call));
    events_put(&writer, &call, sizeof(call) - 1);
    events_end(&writer);
}

static void put_end(struct writer *writer)
{
    struct pt_end end = {.header = events_header(writer, PT_KIND_END, sizeof(end))};

    events_put(writer, &end, sizeof(end));
}

/* With an end, some time after the last event, and another one that lacks it. */
static void make_ended(const char *directory)
{
    struct writer ended = events_begin_flagged(directory, "ended", "testhost", PT_START_ENDS);
    struct writer broken = events_begin_flagged(directory, "broken", "testhost", PT_START_ENDS);
    struct pt_socket socket = socket_of(&ended, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);

    put_process(&ended, &web);
    put_bind(&ended, &web, 0, socket, endpoint("127.0.0.1", 8080));
    put_loss(&ended, 2, 0);
    ended.time_ns += 60000000000ull;
    put_end(&ended);
    events_end(&ended);
    put_process(&broken, &web);
    put_bind(&broken, &web, 0, socket, endpoint("127.0.0.1", 8080));
    put_loss(&broken, 2, 0);
    events_end(&broken);
}

static void put_sealed_binds(struct writer *writer)
{
    struct pt_socket socket = socket_of(writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);

    put_process(writer, &web);
    put_bind(writer, &web, 0, socket, endpoint("127.0.0.1", 8080));
    events_seal(writer, PT_KIND_SEAL);
    put_bind(writer, &web, 0, socket, endpoint("127.0.0.1", 8081));
    put_bind(writer, &web, 0, socket, endpoint("127.0.0.1", 8082));
}

/* With checksums; one whose second part the disk has altered; one whose last part has none. */
static void make_sealed(const char *directory)
{
    const uint32_t flags = PT_START_ENDS | PT_START_SEALED;
    struct writer sealed = events_begin_flagged(directory, "sealed", "testhost", flags);
    struct writer altered = events_begin_flagged(directory, "altered", "testhost", flags);
    struct writer unsealed = events_begin_flagged(directory, "unsealed", "testhost", flags);

    put_sealed_binds(&sealed);
    events_seal(&sealed, PT_KIND_END);
    events_end(&sealed);
    put_sealed_binds(&altered);
    events_seal(&altered, PT_KIND_END);
    events_alter(&altered, 100);
    events_end(&altered);
    put_sealed_binds(&unsealed);
    events_end(&unsealed);
}

/* Events are missing, and no record tells which. */
static void make_hidden(const char *directory)
{
    struct writer writer = events_begin(directory, "hidden", "testhost");
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);

    writer.lost = 3;
    put_bind(&writer, &web, 0, socket, endpoint("127.0.0.1", 8080));
    events_end(&writer);
}

/* A start that has lost more than there can be: no trace begins with it. */
static void make_absurd(const char *directory)
{
    struct writer writer = events_begin(directory, "absurd", "testhost");
    struct pt_start start = {.wall_offset_ns = WALL_OFFSET_NS, .plan = PT_PLAN_FEXIT};

    rewind(writer.file);
    writer.lost = UINT64_MAX;
    start.header = events_header(&writer, PT_KIND_START, sizeof(start));
    events_put(&writer, &start, sizeof(start));
    events_end(&writer);
}

/* Refused calls with what the kernel went by, and sockets that were looked up for them. */
static void make_held(const char *directory)
{
    struct writer writer = events_begin_flagged(directory, "held", "testhost", PT_START_HOLDERS);
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_call call = call_of(&web, PT_OP_BIND, EADDRINUSE, socket);
    struct pt_holder listener = holder_of(&writer, &worker, endpoint("0.0.0.0", 8080));
    struct pt_holder other = holder_of(&writer, &hostile, endpoint("127.0.0.1", 8080));
    struct pt_holder hit = listener, shared = listener, left;

    call.requested = endpoint("127.0.0.1", 8080);
    call.stage = PT_STAGE_PROTOCOL;
    put_process(&writer, &web);
    put_process(&writer, &worker);
    put_process(&writer, &hostile);
    /* Looked up, and one of them is the kernel's own hit; two processes share it. */
    shared.task = task_of(&hostile);
    shared.fd = 9;
    hit.source = PT_HOLDER_CHECK;
    put_held(&writer, &other);
    put_held(&writer, &listener);
    put_held(&writer, &shared);
    put_refused(&writer, call, &hit);
    /* Only what came with the call. */
    put_refused(&writer, call, &hit);
    /* Nobody has it any more: TIME_WAIT, its former owner from the table. */
    left = hit;
    left.source = PT_HOLDER_TABLE;
    left.socket.state = 6;
    left.socket.inode = 0;
    left.flags = PT_HOLDER_OWNER_KNOWN;
    left.gone_ns = START_NS;
    left.expires_ns = 42000000000ull;
    left.peer = endpoint("192.0.2.1", 40000);
    left.fd = -1;
    put_refused(&writer, call, &left);
    put_refused(&writer, call, NULL);
    /* A port that takes privileges, and is taken too. */
    call.requested = endpoint("127.0.0.1", 80);
    call.error = EACCES;
    put_refused(&writer, call, NULL);
    events_end(&writer);
}

static void put_short_bind(struct writer *writer)
{
    struct pt_short_call bound = {
        .header = events_header(writer, PT_KIND_SHORT_CALL, sizeof(bound)),
        .task = task_of(&worker),
        .inode = 70001,
        .requested_address = {127, 0, 0, 1},
        .local_address = {127, 0, 0, 1},
        .requested_port = 8080,
        .local_port = 8080,
        .latency_ns = 2345,
        .fd = 4,
        .address_size = 16,
        .type = SOCK_STREAM,
        .protocol = IPPROTO_TCP,
        .state = STATE_CLOSE,
        .options = PT_OPTION_REUSEADDR,
        .op = PT_OP_BIND,
        .entry = PT_ENTRY_SYSCALL,
        .plan = PT_PLAN_RESTRICTED,
        .address_source = PT_ADDRESS_KERNEL,
        .stage = PT_STAGE_PROTOCOL,
        .flags = PT_CALL_SOCKET_KNOWN | PT_SHORT_REQUESTED | PT_SHORT_LOCAL,
    };

    events_put(writer, &bound, sizeof(bound));
}

static void put_short_release(struct writer *writer)
{
    struct pt_short_release released = {
        .header = events_header(writer, PT_KIND_SHORT_RELEASE, sizeof(released)),
        .task = task_of(&worker),
        .inode = 70001,
        .held_ns = 1500000000,
        .local_address = {127, 0, 0, 1},
        .local_port = 8080,
        .type = SOCK_STREAM,
        .protocol = IPPROTO_TCP,
        .state = STATE_LISTEN,
        .options = PT_OPTION_REUSEADDR,
        .plan = PT_PLAN_RESTRICTED,
        .taken_by = PT_OP_BIND,
        .flags = PT_RELEASE_OWNER_KNOWN,
    };

    events_put(writer, &released, sizeof(released));
}

static void put_repeated(struct writer *writer, struct pt_call call, const struct pt_holder *hit)
{
    struct pt_repeated repeated = {
        .header = events_header(writer, PT_KIND_REPEATED, sizeof(repeated)),
        .times = 21970,
        .call = {.call = call, .refusal = {.check = PT_CHECK_PORT, .holder = *hit}},
    };

    repeated.since_ns = repeated.header.time_ns - 400000;
    repeated.call.call.plan = writer->plan;
    repeated.call.call.latency_ns = 0;
    repeated.call.call.header = repeated.header;
    repeated.call.call.header.kind = PT_KIND_CALL;
    repeated.call.call.header.size = sizeof(repeated.call);
    events_put(writer, &repeated, sizeof(repeated));
}

/* A bind that was refused so often that it was counted, and records in few bytes. */
static void make_counted(const char *directory)
{
    struct writer writer = events_begin_flagged(directory, "counted", "testhost", PT_START_HOLDERS);
    struct pt_socket socket = socket_of(&writer, AF_INET, SOCK_STREAM, IPPROTO_TCP, STATE_CLOSE);
    struct pt_call call = call_of(&web, PT_OP_BIND, EADDRINUSE, socket);
    struct pt_holder hit = holder_of(&writer, &worker, endpoint("0.0.0.0", 8080));

    put_process(&writer, &web);
    put_process(&writer, &worker);
    put_short_bind(&writer);
    call.requested = endpoint("127.0.0.1", 8080);
    call.stage = PT_STAGE_PROTOCOL;
    hit.source = PT_HOLDER_TABLE;
    put_refused(&writer, call, &hit);
    put_repeated(&writer, call, &hit);
    put_short_release(&writer);
    events_end(&writer);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: make_events DIRECTORY\n", stderr);
        return 2;
    }
    make_basic(argv[1]);
    make_hostile(argv[1]);
    make_loss(argv[1]);
    make_protocols(argv[1]);
    make_early(argv[1]);
    make_newer(argv[1]);
    make_cut(argv[1]);
    make_ended(argv[1]);
    make_sealed(argv[1]);
    make_hidden(argv[1]);
    make_absurd(argv[1]);
    make_held(argv[1]);
    make_counted(argv[1]);
    return 0;
}
