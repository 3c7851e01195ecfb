// SPDX-License-Identifier: GPL-2.0
#include "tests/rules/spot.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

#define OTHER_IPV6 "fd00::2"

static const struct {
    const char *name;
    uint16_t family;
    const char *address;
} places[PLACES] = {
    [PLACE_4_ANY] = {"0.0.0.0", AF_INET, "0.0.0.0"},
    [PLACE_4_ONE] = {"127.0.0.1", AF_INET, "127.0.0.1"},
    [PLACE_4_TWO] = {"127.0.0.2", AF_INET, "127.0.0.2"},
    [PLACE_6_ANY] = {"::", AF_INET6, "::"},
    [PLACE_6_ONLY] = {"::(v6only)", AF_INET6, "::"},
    [PLACE_6_ONE] = {"::1", AF_INET6, "::1"},
    [PLACE_6_TWO] = {OTHER_IPV6, AF_INET6, OTHER_IPV6},
    [PLACE_MAPPED_ONE] = {"::ffff:127.0.0.1", AF_INET6, "::ffff:127.0.0.1"},
    [PLACE_MAPPED_ANY] = {"::ffff:0.0.0.0", AF_INET6, "::ffff:0.0.0.0"},
};

static const struct {
    const char *name;
    int type;
    int protocol;
} protocols[PROTOCOLS] = {
    [PROTOCOL_TCP] = {"tcp", SOCK_STREAM, IPPROTO_TCP},
    [PROTOCOL_UDP] = {"udp", SOCK_DGRAM, IPPROTO_UDP},
    [PROTOCOL_UDPLITE] = {"udplite", SOCK_DGRAM, IPPROTO_UDPLITE},
    [PROTOCOL_MPTCP] = {"mptcp", SOCK_STREAM, IPPROTO_MPTCP},
    [PROTOCOL_PING] = {"ping", SOCK_DGRAM, IPPROTO_ICMP},
};

void spot_die(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        spot_die("%s: %s", path, strerror(errno));
    close(fd);
}

/* The kernel takes a moment until an IPv6 address can be used. */
static void wait_for_address(void)
{
    struct spot spot = {.place = PLACE_6_TWO};
    int error = EADDRNOTAVAIL;

    for (int again = 0; again < 500 && error; again++) {
        int fd = spot_socket(&spot);

        error = spot_bind(fd, spot.place, 0);
        close(fd);
        if (error)
            usleep(10000);
    }
    if (error)
        spot_die("%s cannot be bound: %s", OTHER_IPV6, strerror(error));
}

void spot_prepare(void)
{
    int error;

    if (unshare(CLONE_NEWNET))
        spot_die("no net namespace: %s", strerror(errno));
    error = link_up("lo");
    if (!error)
        error = address_add("lo", AF_INET6, OTHER_IPV6, 128);
    /* Not every kernel has every kind of device. */
    if (!error && link_add("dummy", SPOT_DEVICE) && link_add("bridge", SPOT_DEVICE))
        error = link_add_veth(SPOT_DEVICE, "d1");
    if (!error)
        error = link_up(SPOT_DEVICE);
    if (error)
        spot_die("the net namespace cannot be set up: %s", strerror(-error));
    write_file("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
    wait_for_address();
}

bool spot_has_protocol(enum protocol protocol)
{
    int fd = socket(AF_INET, protocols[protocol].type, protocols[protocol].protocol);

    if (fd < 0)
        return false;
    close(fd);
    return true;
}

uint16_t spot_family(const struct spot *spot)
{
    return places[spot->place].family;
}

uint16_t spot_type(enum protocol protocol)
{
    return (uint16_t)protocols[protocol].type;
}

uint16_t spot_protocol(const struct spot *spot)
{
    if (spot->protocol == PROTOCOL_PING && spot_family(spot) == AF_INET6)
        return IPPROTO_ICMPV6;
    return (uint16_t)protocols[spot->protocol].protocol;
}

int32_t spot_device_index(const struct spot *spot)
{
    return spot->device ? (int32_t)if_nametoindex(spot->device) : 0;
}

const char *spot_place_name(enum place place)
{
    return places[place].name;
}

const char *spot_protocol_name(enum protocol protocol)
{
    return protocols[protocol].name;
}

bool spot_is_possible(const struct spot *spot)
{
    bool mapped = spot->place == PLACE_MAPPED_ONE || spot->place == PLACE_MAPPED_ANY;

    /* ::1 is of lo, and ping sockets look at IPv4 addresses more closely. */
    if (spot->place == PLACE_6_ONE && spot->device && strcmp(spot->device, "lo") != 0)
        return false;
    return spot->protocol != PROTOCOL_PING || (!mapped && !spot->device);
}

int spot_set(int fd, int option, bool on)
{
    int value = on;

    return setsockopt(fd, SOL_SOCKET, option, &value, sizeof(value)) ? -errno : 0;
}

void spot_become(uint32_t uid)
{
    if (geteuid() == uid)
        return;
    if ((geteuid() && seteuid(0)) || (uid && seteuid(uid)))
        spot_die("seteuid: %s", strerror(errno));
}

/* What belongs to whom is decided when the socket is made. */
static int make_as(const struct spot *spot)
{
    int fd;

    spot_become(spot->uid);
    fd = socket(spot_family(spot), protocols[spot->protocol].type | SOCK_CLOEXEC,
                spot_protocol(spot));
    if (fd < 0)
        fd = -errno;
    spot_become(0);
    return fd;
}

int spot_socket(const struct spot *spot)
{
    int fd = make_as(spot);
    int only = spot->place == PLACE_6_ONLY;

    if (fd < 0)
        return fd;
    /* Ping sockets are made with SO_REUSEADDR. */
    if (spot_set(fd, SO_REUSEADDR, spot->options & PT_OPTION_REUSEADDR) ||
        spot_set(fd, SO_REUSEPORT, spot->options & PT_OPTION_REUSEPORT) ||
        (spot_family(spot) == AF_INET6 &&
         setsockopt(fd, SOL_IPV6, IPV6_V6ONLY, &only, sizeof(only))) ||
        (spot->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, spot->device,
                                    (socklen_t)strlen(spot->device) + 1)))
        spot_die("setsockopt: %s", strerror(errno));
    return fd;
}

socklen_t spot_address(enum place place, uint16_t port, struct sockaddr_storage *ret_address)
{
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)ret_address;
    struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ret_address;

    memset(ret_address, 0, sizeof(*ret_address));
    ret_address->ss_family = places[place].family;
    if (places[place].family == AF_INET) {
        in->sin_port = htons(port);
        inet_pton(AF_INET, places[place].address, &in->sin_addr);
        return sizeof(*in);
    }
    in6->sin6_port = htons(port);
    inet_pton(AF_INET6, places[place].address, &in6->sin6_addr);
    return sizeof(*in6);
}

int spot_bind(int fd, enum place place, uint16_t port)
{
    struct sockaddr_storage address;
    socklen_t size = spot_address(place, port, &address);

    return bind(fd, (struct sockaddr *)&address, size) ? errno : 0;
}
