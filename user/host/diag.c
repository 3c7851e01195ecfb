// SPDX-License-Identifier: GPL-2.0
#include "user/host/diag.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "user/host/rtnetlink.h"

#define REPLY_BYTES         65536
#define NS_PER_MS           1000000ull
#define STATE_FIN_WAIT2     5
#define STATE_TIME_WAIT     6
#define STATE_CLOSE         7
#define STATE_BOUND         13 /* only in sock_diag, since 6.8 */
#define STATES_ALL          0xffeu
#define TIMER_TIME_WAIT     3
#define NO_COOKIE           (~0u)
#define SOCKOPT_FREEBIND    (1 << 2) /* bits of the first byte of struct inet_diag_sockopt */
#define SOCKOPT_TRANSPARENT (1 << 5)
#define SOCKOPT_NO_PORT     (1 << 0) /* and of the second */

struct dump {
    int fd;
    struct diag_request request;
    char *reply; /* REPLY_BYTES */
};

static int send_request(const struct dump *dump, uint8_t family, uint32_t states)
{
    struct {
        struct nlmsghdr header;
        struct inet_diag_req_v2 request;
    } message = {
        .header = {.nlmsg_len = sizeof(message),
                   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .request = {.sdiag_family = family,
                    .sdiag_protocol = dump->request.protocol,
                    .idiag_states = states,
                    .id = {.idiag_sport = htons(dump->request.port),
                           .idiag_cookie = {NO_COOKIE, NO_COOKIE}}},
    };
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

    if (sendto(dump->fd, &message, sizeof(message), 0, (struct sockaddr *)&kernel, sizeof(kernel)) <
        0)
        return -errno;
    return 0;
}

static void fill_endpoint(struct pt_endpoint *to, uint8_t family, const __be32 *address,
                          __be16 port, uint32_t device)
{
    to->family = family;
    to->port = ntohs(port);
    memcpy(to->address, address, family == AF_INET ? 4 : 16);
    if (family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)to->address))
        to->scope_id = device;
}

static void fill_attribute(struct pt_socket *socket, const struct rtattr *attribute)
{
    const uint8_t *at = rtnetlink_value(attribute);
    size_t size = RTA_PAYLOAD(attribute);

    if (attribute->rta_type == INET_DIAG_SKV6ONLY && size >= 1 && at[0])
        socket->options |= PT_OPTION_V6ONLY;
    if (attribute->rta_type != INET_DIAG_SOCKOPT || size < 2)
        return;
    if (at[0] & SOCKOPT_FREEBIND)
        socket->options |= PT_OPTION_FREEBIND;
    if (at[0] & SOCKOPT_TRANSPARENT)
        socket->options |= PT_OPTION_TRANSPARENT;
    if (at[1] & SOCKOPT_NO_PORT)
        socket->options |= PT_OPTION_BIND_ADDRESS_NO_PORT;
}

static void fill_socket(struct pt_socket *socket, const struct inet_diag_msg *from,
                        uint8_t protocol)
{
    socket->cookie = (uint64_t)from->id.idiag_cookie[1] << 32 | from->id.idiag_cookie[0];
    socket->inode = from->idiag_inode;
    socket->family = from->idiag_family;
    socket->type = protocol == IPPROTO_TCP ? SOCK_STREAM : SOCK_DGRAM;
    socket->protocol = protocol;
    socket->state = from->idiag_state == STATE_BOUND ? STATE_CLOSE : from->idiag_state;
    socket->device_ifindex = (int)from->id.idiag_if;
    _Static_assert(sizeof(socket->device) >= IF_NAMESIZE, "holds the name of any device");
    if (from->id.idiag_if && !if_indextoname(from->id.idiag_if, socket->device))
        socket->device[0] = '\0';
}

static int take_message(const struct diag_request *request, const struct nlmsghdr *header)
{
    const struct inet_diag_msg *from = rtnetlink_fixed(header);
    struct pt_held held = {
        .header = {.version = PT_EVENT_VERSION, .kind = PT_KIND_HELD, .size = sizeof(held)}};
    struct pt_holder *holder = &held.holder;
    const struct rtattr *attribute;
    int left;

    if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*from)) ||
        (from->idiag_family != AF_INET && from->idiag_family != AF_INET6) ||
        !from->id.idiag_sport || (request->port && ntohs(from->id.idiag_sport) != request->port))
        return 0;
    holder->fd = -1;
    holder->source = PT_HOLDER_LOOKUP;
    holder->task.netns = request->netns;
    fill_socket(&holder->socket, from, request->protocol);
    fill_endpoint(&holder->local, from->idiag_family, from->id.idiag_src, from->id.idiag_sport,
                  from->id.idiag_if);
    if (from->id.idiag_dport && holder->socket.state != STATE_CLOSE)
        fill_endpoint(&holder->peer, from->idiag_family, from->id.idiag_dst, from->id.idiag_dport,
                      from->id.idiag_if);
    attribute = (const struct rtattr *)(from + 1);
    left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*from)));
    while (RTA_OK(attribute, left)) {
        int step = (int)RTA_ALIGN(attribute->rta_len);

        fill_attribute(&holder->socket, attribute);
        attribute = (const void *)((const char *)attribute + step);
        left -= step;
    }
    holder->flags |= PT_HOLDER_OPTIONS_UNSEEN;
    if (!from->idiag_inode)
        holder->flags |= PT_HOLDER_ORPHAN;
    /* Told as FIN_WAIT2 where the other side has not closed yet: nothing else is left of it, too.
     */
    if (request->protocol == IPPROTO_TCP && from->idiag_timer == TIMER_TIME_WAIT) {
        if (from->idiag_state == STATE_FIN_WAIT2)
            holder->flags |= PT_HOLDER_HALF_CLOSED;
        holder->socket.state = STATE_TIME_WAIT;
        holder->expires_ns = from->idiag_expires * NS_PER_MS;
    } else {
        holder->uid = from->idiag_uid;
        holder->flags |= PT_HOLDER_UID_KNOWN;
    }
    return request->on_held(request->context, &held);
}

static int refusal_in(const struct nlmsghdr *header)
{
    const struct nlmsgerr *refusal = rtnetlink_fixed(header);

    if (header->nlmsg_len < NLMSG_LENGTH(sizeof(*refusal)) || refusal->error > 0)
        return -EBADMSG;
    return refusal->error;
}

int diag_take_reply(const struct diag_request *request, const void *reply, size_t size)
{
    const char *at = reply;
    int result = 0;

    while (!result && size >= NLMSG_HDRLEN) {
        const struct nlmsghdr *header = (const void *)at;
        size_t step;

        if (header->nlmsg_len < NLMSG_HDRLEN || header->nlmsg_len > size)
            return -EBADMSG;
        if (header->nlmsg_type == NLMSG_DONE)
            return 1;
        if (header->nlmsg_type == NLMSG_ERROR)
            return refusal_in(header);
        if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY)
            result = take_message(request, header);
        step = NLMSG_ALIGN(header->nlmsg_len);
        if (step >= size)
            break;
        at += step;
        size -= step;
    }
    return result;
}

static int dump_family(const struct dump *dump, uint8_t family, uint32_t states)
{
    int result = send_request(dump, family, states);
    ssize_t got;

    while (!result) {
        got = recv(dump->fd, dump->reply, REPLY_BYTES, MSG_TRUNC);
        if (got < 0)
            result = errno == EINTR ? 0 : -errno;
        else
            result = got > REPLY_BYTES ? -EMSGSIZE
                                       : diag_take_reply(&dump->request, dump->reply, (size_t)got);
    }
    return result == 1 || result == -ENOENT || result == -EINVAL ? 0 : result;
}

int diag_dump(enum diag_what what, uint32_t netns, uint16_t port, diag_held_fn *on_held,
              void *context)
{
    static const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDPLITE};
    struct dump dump = {
        .request = {.netns = netns, .port = port, .on_held = on_held, .context = context}};
    size_t count = what == DIAG_ALL ? sizeof(protocols) : 1;
    uint32_t states = what == DIAG_ALL ? STATES_ALL | 1u << STATE_BOUND : 1u << STATE_BOUND;
    int error = 0;

    dump.fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    if (dump.fd < 0)
        return -errno;
    dump.reply = malloc(REPLY_BYTES);
    if (!dump.reply)
        error = -ENOMEM;
    for (size_t i = 0; !error && i < count; i++) {
        dump.request.protocol = protocols[i];
        error = dump_family(&dump, AF_INET, states);
        if (!error)
            error = dump_family(&dump, AF_INET6, states);
    }
    free(dump.reply);
    close(dump.fd);
    return error;
}

bool diag_tells_of_bound(void)
{
    unsigned int major, minor;
    struct utsname kernel;

    return !uname(&kernel) && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
           (major > 6 || (major == 6 && minor >= 8));
}
