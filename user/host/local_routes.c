// SPDX-License-Identifier: GPL-2.0
#include "user/host/local_routes.h"

#include <string.h>

#include "user/host/rtnetlink.h"

struct search {
    struct in_addr wanted;
    uint32_t table;
    struct local_route *best;
};

static void restart(void *context)
{
    struct search *search = context;

    *search->best = (struct local_route){.prefix = -1};
}

void local_routes_weigh(struct in_addr address, const struct in_addr *destination,
                        const struct local_route *route, struct local_route *best)
{
    uint32_t mask = route->prefix ? ~0u << (32 - route->prefix) : 0;
    uint32_t network = destination ? ntohl(destination->s_addr) : 0;

    if (route->prefix > best->prefix && !((ntohl(address.s_addr) ^ network) & mask))
        *best = *route;
}

static void take(void *context, const struct nlmsghdr *message)
{
    struct search *search = context;
    const struct rtattr *attributes[RTA_TABLE + 1], *destination;
    const struct rtmsg *fixed = rtnetlink_fixed(message);
    struct local_route route;
    struct in_addr network;
    uint32_t table;

    if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof(*fixed)) ||
        fixed->rtm_family != AF_INET || fixed->rtm_dst_len > 32 || fixed->rtm_tos ||
        fixed->rtm_flags & (RTNH_F_DEAD | RTM_F_CLONED))
        return;
    rtnetlink_attributes(message, sizeof(*fixed), attributes, RTA_TABLE + 1);
    table = attributes[RTA_TABLE] ? rtnetlink_u32(attributes[RTA_TABLE]) : fixed->rtm_table;
    destination = attributes[RTA_DST];
    if (table != search->table || (destination && RTA_PAYLOAD(destination) < sizeof(network)))
        return;
    if (destination)
        memcpy(&network, rtnetlink_value(destination), sizeof(network));
    route = (struct local_route){
        .prefix = fixed->rtm_dst_len,
        .type = fixed->rtm_type,
        .ifindex = (int32_t)rtnetlink_u32(attributes[RTA_OIF]),
    };
    local_routes_weigh(search->wanted, destination ? &network : NULL, &route, search->best);
}

int local_routes_find(int fd, uint32_t table, struct in_addr address, struct local_route *ret_route)
{
    struct {
        struct nlmsghdr header;
        struct rtmsg fixed;
        struct rtattr table_type;
        uint32_t table;
    } request = {
        .header = {.nlmsg_type = RTM_GETROUTE, .nlmsg_len = sizeof(request)},
        .fixed = {.rtm_family = AF_INET},
        .table_type = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_TABLE},
        .table = table,
    };
    struct search search = {.wanted = address, .table = table, .best = ret_route};

    return rtnetlink_dump(fd, &request.header, take, restart, &search);
}
