// SPDX-License-Identifier: GPL-2.0
#include "tests/why/free.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rules/hold.h"
#include "tests/why/program.h"

#define RANGE_LOW  9000
#define RANGE_HIGH 60999
#define RESERVED   7005

struct wish {
    const char *arguments[8];
    unsigned int count;
    uint16_t from; /* the least that is right; a service's number only if asked for itself */
    uint16_t asked;
    bool tcp, udp;
    uint32_t uid;
    const char *addresses[3];
};

static const struct wish wishes[] = {
    {{NULL}, 1, 8000, 0, true, false, 0, {"0.0.0.0", "::"}},
    {{"-n", "40", "7000"}, 40, 7000, 7000, true, false, 0, {"0.0.0.0", "::"}},
    {{"-n", "40", "--udp", "7000"}, 40, 7000, 7000, false, true, 0, {"0.0.0.0", "::"}},
    {{"-n", "40", "-t", "-u", "7000"}, 40, 7000, 7000, true, true, 0, {"0.0.0.0", "::"}},
    {{"-n", "5", "--address", "127.0.0.2", "7000"}, 5, 7000, 7000, true, false, 0, {"127.0.0.2"}},
    {{"-n", "5", "--address", "::1", "7000"}, 5, 7000, 7000, true, false, 0, {"::1"}},
    {{"-n", "5", "--address", "localhost", "7000"},
     5,
     7000,
     7000,
     true,
     false,
     0,
     {"127.0.0.1", "::1"}},
    {{"--as", "1000", "1"}, 1, 1024, 1, true, false, SPOT_OTHER_USER, {"0.0.0.0", "::"}},
    {{"-n", "3", "1"}, 3, 1, 1, true, false, 0, {"0.0.0.0", "::"}},
    {{"9000"}, 1, RANGE_HIGH + 1, 9000, true, false, 0, {"0.0.0.0", "::"}},
    {{"-n", "3", "65534"}, 3, 61000, 65534, true, false, 0, {"0.0.0.0", "::"}},
};

/* Written out, their reserved ones are more than the first page that is read of them. */
static const struct wish among_many = {{"-n", "6", "64000"}, 6, 64000, 64000, true, false, 0,
                                       {"0.0.0.0", "::"}};
static bool even_are_reserved;

static bool can_bind(const struct wish *wish, const char *protocol, const char *address,
                     uint16_t port)
{
    struct batch one = {0};
    const struct situation *situation = &one.at[0];
    int fd, result;

    batch_add(&one, protocol, address, port, "");
    spot_become(wish->uid);
    fd = socket(situation->address.ss_family, situation->type | SOCK_CLOEXEC, situation->protocol);
    result = fd < 0 ||
             bind(fd, (const struct sockaddr *)&situation->address, situation->address_size) ||
             (situation->type == SOCK_STREAM && listen(fd, 1));
    spot_become(0);
    if (fd >= 0)
        close(fd);
    return !result;
}

static bool is_bound(const struct wish *wish, uint16_t port)
{
    for (size_t i = 0; i < 3 && wish->addresses[i]; i++)
        if ((wish->tcp && !can_bind(wish, "tcp", wish->addresses[i], port)) ||
            (wish->udp && !can_bind(wish, "udp", wish->addresses[i], port)))
            return false;
    return true;
}

static bool is_well_chosen(const struct wish *wish, uint16_t port)
{
    if (port < wish->from || (port >= RANGE_LOW && port <= RANGE_HIGH) || port == RESERVED ||
        (even_are_reserved && port % 2 == 0))
        return false;
    return port == wish->asked || !((wish->tcp && getservbyport(htons(port), "tcp")) ||
                                    (wish->udp && getservbyport(htons(port), "udp")));
}

static void take_wish(const struct wish *wish, struct counts *counts)
{
    const char *arguments[16] = {"porttrace", "free", "-q"};
    unsigned int found = 0;
    char *text, *line, *rest = NULL;
    int status;

    for (size_t i = 0; i < 8 && wish->arguments[i]; i++)
        arguments[3 + i] = wish->arguments[i];
    text = program_run(arguments, 0, 0, &status);
    for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *end;
        unsigned long port = strtoul(line, &end, 10);

        found++;
        if (*end || !port || port > 65535)
            count_failure(counts, "free: no port: %s", line);
        else if (!is_bound(wish, (uint16_t)port))
            count_failure(counts, "free: %lu cannot be bound: %s", port, strerror(errno));
        else if (!is_well_chosen(wish, (uint16_t)port))
            count_failure(counts, "free: %lu is badly chosen", port);
        else
            counts->passed++;
    }
    free(text);
    if (status || found != wish->count)
        count_failure(counts, "free: %u ports of %u, status %d", found, wish->count, status);
}

static void set(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t written;

    do {
        written = fd < 0 ? -1 : write(fd, text, strlen(text));
        if (written < 0)
            spot_die("%s: %s", path, strerror(errno));
        text += written;
    } while (*text);
    close(fd);
}

static void search_among_many(struct counts *counts)
{
    char text[16384];
    size_t length = 0;

    for (unsigned int port = RANGE_HIGH + 1; port <= 65534; port += 2)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%u,", port);
    text[length - 1] = '\0';
    set("/proc/sys/net/ipv4/ip_local_reserved_ports", text);
    even_are_reserved = true;
    take_wish(&among_many, counts);
    even_are_reserved = false;
}

/* From 7000 on there is something at every second port. */
void free_run(struct counts *counts)
{
    static struct hold holds[24];
    static const enum hold_state states[] = {HOLD_BOUND, HOLD_LISTENING, HOLD_CHILD,
                                             HOLD_TIME_WAIT};
    static const enum place places[] = {PLACE_4_ANY, PLACE_4_ONE, PLACE_6_ANY, PLACE_6_ONE};
    unsigned int count = 0;

    set("/proc/sys/net/ipv4/ip_local_port_range", "9000 60999");
    set("/proc/sys/net/ipv4/ip_local_reserved_ports", "7005");
    for (uint16_t port = 7000; count < 24; port = (uint16_t)(port + 2)) {
        struct spot spot = {.protocol = count % 3 ? PROTOCOL_TCP : PROTOCOL_UDP,
                            .place = places[count / 2 % 4],
                            .options = count % 5 ? 0 : PT_OPTION_REUSEADDR};
        enum hold_state state = spot.protocol == PROTOCOL_UDP ? HOLD_BOUND : states[count % 4];
        bool via_ipv6 = state > HOLD_LISTENING && spot_family(&spot) == AF_INET6;

        hold_take(&spot, state, via_ipv6, port, &holds[count++]);
    }
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++)
        take_wish(&wishes[i], counts);
    search_among_many(counts);
    for (unsigned int i = 0; i < count; i++)
        hold_give_back(&holds[i]);
    set("/proc/sys/net/ipv4/ip_local_reserved_ports", "");
    set("/proc/sys/net/ipv4/ip_local_port_range", "32768 60999");
}
