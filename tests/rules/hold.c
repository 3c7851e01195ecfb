// SPDX-License-Identifier: GPL-2.0
#include "tests/rules/hold.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define SMALL_BUFFER 4096

static const char *const names[HOLD_STATES] = {
    [HOLD_BOUND] = "bound",         [HOLD_LISTENING] = "listening",
    [HOLD_CHILD] = "child",         [HOLD_WITH_CHILD] = "listening with child",
    [HOLD_TIME_WAIT] = "time_wait", [HOLD_ORPHAN] = "orphan",
    [HOLD_OUTGOING] = "outgoing",   [HOLD_OUTGOING_BOUND] = "outgoing from its port",
};

const char *hold_state_name(enum hold_state state)
{
    return names[state];
}

static bool is_ipv4_only(enum place place)
{
    return place == PLACE_4_ANY || place == PLACE_4_ONE || place == PLACE_4_TWO ||
           place == PLACE_MAPPED_ONE || place == PLACE_MAPPED_ANY;
}

bool hold_is_possible(const struct spot *spot, enum hold_state state, bool via_ipv6)
{
    if (!spot_is_possible(spot))
        return false;
    if (state == HOLD_BOUND)
        return !via_ipv6;
    if (state == HOLD_LISTENING)
        return !via_ipv6 && (spot->protocol == PROTOCOL_TCP || spot->protocol == PROTOCOL_MPTCP);
    if (spot->device && strcmp(spot->device, "lo") != 0)
        return false;
    if (via_ipv6 == is_ipv4_only(spot->place) ||
        (!via_ipv6 && spot->place != PLACE_6_ANY && !is_ipv4_only(spot->place)))
        return false;
    if (spot->protocol == PROTOCOL_UDP)
        return state == HOLD_OUTGOING || state == HOLD_OUTGOING_BOUND;
    return spot->protocol == PROTOCOL_TCP;
}

static void check(int result, const char *what)
{
    if (result < 0)
        spot_die("%s: %s", what, strerror(errno));
}

static void keep(struct hold *hold, int fd)
{
    hold->fds[hold->fd_count++] = fd;
}

static uint16_t read_endpoint(int fd, bool of_peer, struct pt_endpoint *ret_endpoint)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } address = {.in6 = {0}};
    socklen_t size = sizeof(address);
    int result =
        of_peer ? getpeername(fd, &address.any, &size) : getsockname(fd, &address.any, &size);

    *ret_endpoint = (struct pt_endpoint){0};
    if (result)
        return 0;
    ret_endpoint->family = address.any.sa_family;
    if (address.any.sa_family == AF_INET) {
        memcpy(ret_endpoint->address, &address.in.sin_addr, 4);
        ret_endpoint->port = ntohs(address.in.sin_port);
    } else {
        memcpy(ret_endpoint->address, &address.in6.sin6_addr, 16);
        ret_endpoint->port = ntohs(address.in6.sin6_port);
    }
    return ret_endpoint->port;
}

static int option(int fd, int level, int name)
{
    socklen_t size = sizeof(int);
    int value = 0;

    return getsockopt(fd, level, name, &value, &size) ? 0 : value;
}

void hold_describe(int fd, const struct spot *spot, uint8_t state, struct pt_holder *ret_seen)
{
    struct pt_socket *socket = &ret_seen->socket;
    struct stat file;

    *ret_seen = (struct pt_holder){.uid = spot->uid, .flags = PT_HOLDER_UID_KNOWN, .fd = fd};
    socket->family = (uint16_t)option(fd, SOL_SOCKET, SO_DOMAIN);
    socket->type = (uint16_t)option(fd, SOL_SOCKET, SO_TYPE);
    socket->protocol = (uint16_t)option(fd, SOL_SOCKET, SO_PROTOCOL);
    socket->state = state;
    if (option(fd, SOL_SOCKET, SO_REUSEADDR))
        socket->options |= PT_OPTION_REUSEADDR;
    if (option(fd, SOL_SOCKET, SO_REUSEPORT))
        socket->options |= PT_OPTION_REUSEPORT;
    if (socket->family == AF_INET6 && option(fd, SOL_IPV6, IPV6_V6ONLY))
        socket->options |= PT_OPTION_V6ONLY;
    socket->device_ifindex = spot_device_index(spot);
    if (!fstat(fd, &file))
        socket->inode = file.st_ino;
    read_endpoint(fd, false, &ret_seen->local);
    read_endpoint(fd, true, &ret_seen->peer);
}

static void add_seen(struct hold *hold, int fd, const struct spot *spot, uint8_t state)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof(info);

    hold_describe(fd, spot, state, &hold->seen[hold->count++]);
    if (spot->protocol == PROTOCOL_TCP &&
        (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &size) || info.tcpi_state != state))
        spot_die("state %u instead of %u", info.tcpi_state, state);
}

static int make_bound(const struct spot *spot, uint16_t port)
{
    int fd = spot_socket(spot);
    int error;

    if (fd < 0)
        spot_die("socket: %s", strerror(-fd));
    error = spot_bind(fd, spot->place, port);
    if (error)
        spot_die("bind %s port %u: %s", spot_place_name(spot->place), port, strerror(error));
    return fd;
}

/* Where something that came in over this family reaches the place. */
static enum place place_to_reach(const struct spot *spot, bool via_ipv6)
{
    if (via_ipv6)
        return spot->place == PLACE_6_TWO ? PLACE_6_TWO : PLACE_6_ONE;
    return spot->place == PLACE_4_TWO ? PLACE_4_TWO : PLACE_4_ONE;
}

static int connect_to(int fd, enum place place, uint16_t port)
{
    struct sockaddr_storage address;
    socklen_t size = spot_address(place, port, &address);

    return connect(fd, (struct sockaddr *)&address, size);
}

static int make_client(enum place place, uint16_t port)
{
    struct spot spot = {.place = place};
    int buffer = SMALL_BUFFER;
    int fd = spot_socket(&spot);

    check(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)), "SO_RCVBUF");
    check(connect_to(fd, place, port), "connect");
    return fd;
}

static int accept_as(int listener, const struct spot *spot)
{
    int fd;

    spot_become(spot->uid);
    fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    spot_become(0);
    check(fd, "accept");
    return fd;
}

void hold_kernel(unsigned int *ret_major, unsigned int *ret_minor)
{
    struct utsname name;

    uname(&name);
    if (sscanf(name.release, "%u.%u", ret_major, ret_minor) != 2)
        spot_die("what is kernel %s", name.release);
}

bool hold_kernel_is(unsigned int least_major, unsigned int least_minor)
{
    unsigned int major, minor;

    hold_kernel(&major, &minor);
    return major > least_major || (major == least_major && minor >= least_minor);
}

static void make_orphan(struct hold *hold, int child, const struct spot *spot)
{
    static const char block[SMALL_BUFFER];

    check(fcntl(child, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
    while (send(child, block, sizeof(block), MSG_NOSIGNAL) > 0)
        ;
    add_seen(hold, child, spot, TCP_ESTABLISHED);
    hold->seen[0].socket.state = TCP_FIN_WAIT1;
    hold->seen[0].socket.inode = 0;
    hold->seen[0].flags |= PT_HOLDER_ORPHAN;
    /* sock_i_uid() asked the inode, which an orphan has not; sk_uid() remembers. */
    if (!hold_kernel_is(6, 17))
        hold->seen[0].uid = 0;
    close(child);
}

static void make_time_wait(struct hold *hold, int child, int client, const struct spot *spot)
{
    char byte;

    add_seen(hold, child, spot, TCP_ESTABLISHED);
    hold->seen[0].socket.state = TCP_TIME_WAIT;
    hold->seen[0].socket.inode = 0;
    close(child);
    if (recv(client, &byte, 1, 0) != 0)
        spot_die("no end of the connection: %s", strerror(errno));
    close(client);
}

static void take_server(struct hold *hold, const struct spot *spot, enum hold_state state,
                        bool via_ipv6)
{
    int listener = make_bound(spot, hold->port);
    int client, child;

    check(listen(listener, 8), "listen");
    if (state == HOLD_LISTENING) {
        add_seen(hold, listener, spot, TCP_LISTEN);
        keep(hold, listener);
        return;
    }
    client = make_client(place_to_reach(spot, via_ipv6), hold->port);
    child = accept_as(listener, spot);
    if (state == HOLD_WITH_CHILD) {
        add_seen(hold, listener, spot, TCP_LISTEN);
        keep(hold, listener);
    } else {
        close(listener);
    }
    if (state == HOLD_TIME_WAIT) {
        make_time_wait(hold, child, client, spot);
        return;
    }
    keep(hold, client);
    if (state == HOLD_ORPHAN) {
        make_orphan(hold, child, spot);
        return;
    }
    add_seen(hold, child, spot, TCP_ESTABLISHED);
    keep(hold, child);
}

static enum place place_of_peer(const struct spot *spot, bool via_ipv6)
{
    if (via_ipv6)
        return PLACE_6_ONE;
    return spot_family(spot) == AF_INET6 ? PLACE_MAPPED_ONE : PLACE_4_ONE;
}

static void take_client(struct hold *hold, const struct spot *spot, enum hold_state state,
                        bool via_ipv6)
{
    struct spot server = {.protocol = spot->protocol,
                          .place = via_ipv6 ? PLACE_6_ONE : PLACE_4_ONE};
    int listener = make_bound(&server, 0);
    struct pt_endpoint peer, local;
    int fd;

    if (spot->protocol == PROTOCOL_TCP)
        check(listen(listener, 8), "listen");
    read_endpoint(listener, false, &peer);
    fd = state == HOLD_OUTGOING ? spot_socket(spot) : make_bound(spot, hold->port);
    if (connect_to(fd, place_of_peer(spot, via_ipv6), peer.port))
        spot_die("connect from %s: %s", spot_place_name(spot->place), strerror(errno));
    hold->port = read_endpoint(fd, false, &local);
    add_seen(hold, fd, spot, TCP_ESTABLISHED);
    keep(hold, fd);
    if (spot->protocol == PROTOCOL_TCP)
        keep(hold, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
    close(listener);
}

void hold_take(const struct spot *spot, enum hold_state state, bool via_ipv6, uint16_t port,
               struct hold *ret_hold)
{
    *ret_hold = (struct hold){.port = port};
    if (state == HOLD_BOUND) {
        int fd = make_bound(spot, port);

        hold_describe(fd, spot, TCP_CLOSE, &ret_hold->seen[ret_hold->count++]);
        keep(ret_hold, fd);
    } else if (state == HOLD_OUTGOING || state == HOLD_OUTGOING_BOUND) {
        take_client(ret_hold, spot, state, via_ipv6);
    } else {
        take_server(ret_hold, spot, state, via_ipv6);
    }
}

/* Connections are cut off, so that none stays in TIME_WAIT and holds a port of a later case. */
void hold_give_back(struct hold *hold)
{
    struct linger cut = {.l_onoff = 1};

    for (unsigned int i = 0; i < hold->fd_count; i++) {
        setsockopt(hold->fds[i], SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
        close(hold->fds[i]);
    }
    hold->fd_count = 0;
}
