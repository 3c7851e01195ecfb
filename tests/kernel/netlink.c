// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"

struct request {
    struct nlmsghdr header;
    union {
        struct ifinfomsg link;
        struct ifaddrmsg address;
        struct rtmsg route;
        char room[1024];
    };
};

static void request_begin(struct request *request, unsigned short type, unsigned int flags,
                          size_t fixed)
{
    memset(request, 0, sizeof(*request));
    request->header.nlmsg_len = (uint32_t)NLMSG_LENGTH(fixed);
    request->header.nlmsg_type = type;
    request->header.nlmsg_flags = (unsigned short)(NLM_F_REQUEST | NLM_F_ACK | flags);
}

static struct rtattr *attribute(struct request *request, unsigned short type, const void *value,
                                size_t size)
{
    char *end = (char *)request + NLMSG_ALIGN(request->header.nlmsg_len);
    struct rtattr *at = (struct rtattr *)(void *)end;

    at->rta_type = type;
    at->rta_len = (unsigned short)RTA_LENGTH(size);
    if (size)
        memcpy(RTA_DATA(at), value, size);
    request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(at->rta_len);
    return at;
}

static void attribute_end(struct request *request, struct rtattr *outer)
{
    char *end = (char *)request + NLMSG_ALIGN(request->header.nlmsg_len);

    outer->rta_len = (unsigned short)(end - (char *)outer);
}

static int request_send(struct request *request)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int result = -EPROTO;
    char answer[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
    struct nlmsghdr *header = (struct nlmsghdr *)(void *)answer;
    ssize_t size;

    if (fd < 0)
        return -errno;
    if (send(fd, request, request->header.nlmsg_len, 0) < 0) {
        result = -errno;
    } else {
        size = recv(fd, answer, sizeof(answer), 0);
        if (size > 0 && NLMSG_OK(header, (size_t)size) && header->nlmsg_type == NLMSG_ERROR)
            result = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
    }
    close(fd);
    return result;
}

static struct rtattr *link_begin(struct request *request, const char *kind, const char *name,
                                 struct rtattr **ret_info)
{
    request_begin(request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
    attribute(request, IFLA_IFNAME, name, strlen(name) + 1);
    *ret_info = attribute(request, IFLA_LINKINFO, NULL, 0);
    attribute(request, IFLA_INFO_KIND, kind, strlen(kind));
    return attribute(request, IFLA_INFO_DATA, NULL, 0);
}

static int link_end(struct request *request, struct rtattr *info, struct rtattr *kind_data)
{
    attribute_end(request, kind_data);
    attribute_end(request, info);
    return request_send(request);
}

int link_add(const char *kind, const char *name)
{
    struct request request;
    struct rtattr *info, *kind_data;

    kind_data = link_begin(&request, kind, name, &info);
    return link_end(&request, info, kind_data);
}

int link_add_vrf(const char *name, uint32_t table)
{
    struct request request;
    struct rtattr *info, *kind_data;

    kind_data = link_begin(&request, "vrf", name, &info);
    attribute(&request, IFLA_VRF_TABLE, &table, sizeof(table));
    return link_end(&request, info, kind_data);
}

int link_add_vxlan(const char *name, uint16_t port)
{
    uint16_t port_be = htons(port);
    uint32_t id = 77;
    struct request request;
    struct rtattr *info, *kind_data;

    kind_data = link_begin(&request, "vxlan", name, &info);
    attribute(&request, IFLA_VXLAN_ID, &id, sizeof(id));
    attribute(&request, IFLA_VXLAN_PORT, &port_be, sizeof(port_be));
    return link_end(&request, info, kind_data);
}

int link_add_veth(const char *name, const char *peer)
{
    struct ifinfomsg link = {.ifi_family = AF_UNSPEC};
    struct request request;
    struct rtattr *info, *kind_data, *other;

    kind_data = link_begin(&request, "veth", name, &info);
    other = attribute(&request, VETH_INFO_PEER, &link, sizeof(link));
    attribute(&request, IFLA_IFNAME, peer, strlen(peer) + 1);
    attribute_end(&request, other);
    return link_end(&request, info, kind_data);
}

static int link_change(const char *name, unsigned int change, unsigned int flags,
                       const char *master)
{
    struct request request;
    uint32_t index;

    request_begin(&request, RTM_NEWLINK, 0, sizeof(struct ifinfomsg));
    request.link.ifi_index = (int)if_nametoindex(name);
    request.link.ifi_flags = flags;
    request.link.ifi_change = change;
    if (master) {
        index = if_nametoindex(master);
        attribute(&request, IFLA_MASTER, &index, sizeof(index));
    }
    return request_send(&request);
}

int link_up(const char *name)
{
    return link_change(name, IFF_UP, IFF_UP, NULL);
}

int link_down(const char *name)
{
    return link_change(name, IFF_UP, 0, NULL);
}

int link_enslave(const char *name, const char *master)
{
    return link_change(name, 0, 0, master);
}

int link_delete(const char *name)
{
    struct request request;

    request_begin(&request, RTM_DELLINK, 0, sizeof(struct ifinfomsg));
    request.link.ifi_index = (int)if_nametoindex(name);
    return request_send(&request);
}

static int add_address(const char *name, int family, const char *text, unsigned int prefix,
                       unsigned int flags)
{
    unsigned char address[16];
    size_t size = family == AF_INET6 ? 16 : 4;
    struct request request;

    if (inet_pton(family, text, address) != 1)
        return -EINVAL;
    request_begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifaddrmsg));
    request.address.ifa_family = (unsigned char)family;
    request.address.ifa_prefixlen = (unsigned char)prefix;
    request.address.ifa_flags = (unsigned char)flags;
    request.address.ifa_index = if_nametoindex(name);
    attribute(&request, IFA_LOCAL, address, size);
    attribute(&request, IFA_ADDRESS, address, size);
    return request_send(&request);
}

int address_add(const char *name, int family, const char *address, unsigned int prefix)
{
    return add_address(name, family, address, prefix, 0);
}

int address_add_nodad(const char *name, const char *address, unsigned int prefix)
{
    return add_address(name, AF_INET6, address, prefix, IFA_F_NODAD);
}

static bool has_host_route(const char *digits)
{
    FILE *routes = fopen("/proc/self/net/ipv6_route", "r");
    char line[256];
    bool found = false;

    while (routes && !found && fgets(line, sizeof(line), routes))
        found = !strncmp(line, digits, 32) && !strncmp(line + 32, " 80 ", 4);
    if (routes)
        fclose(routes);
    return found;
}

/* A worker of the kernel makes the route to an own address, some time after that can be bound to.
 */
int address_await_route(const char *address)
{
    unsigned char bytes[16];
    char digits[33];

    if (inet_pton(AF_INET6, address, bytes) != 1)
        return -EINVAL;
    for (int i = 0; i < 16; i++)
        snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    for (int left = 1000; left > 0; left--) {
        if (has_host_route(digits))
            return 0;
        usleep(2000);
    }
    return -ETIMEDOUT;
}

/* No device: what it leads to is told by the type alone. */
static int change_route(unsigned short change, unsigned int flags, unsigned char type,
                        const char *device, int family, const char *text, unsigned int prefix)
{
    unsigned char address[16];
    struct request request;
    uint32_t index;

    if (inet_pton(family, text, address) != 1)
        return -EINVAL;
    request_begin(&request, change, flags, sizeof(struct rtmsg));
    request.route = (struct rtmsg){.rtm_family = (unsigned char)family,
                                   .rtm_dst_len = (unsigned char)prefix,
                                   .rtm_table = RT_TABLE_MAIN,
                                   .rtm_protocol = RTPROT_STATIC,
                                   .rtm_type = type};
    request.route.rtm_scope = device ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    if (change == RTM_DELROUTE)
        request.route.rtm_scope = RT_SCOPE_NOWHERE; /* any */
    attribute(&request, RTA_DST, address, family == AF_INET6 ? 16 : 4);
    if (device) {
        index = if_nametoindex(device);
        attribute(&request, RTA_OIF, &index, sizeof(index));
    }
    return request_send(&request);
}

int route_add(const char *device, int family, const char *address, unsigned int prefix)
{
    return change_route(RTM_NEWROUTE, NLM_F_CREATE, RTN_UNICAST, device, family, address, prefix);
}

int route_prohibit(int family, const char *address, unsigned int prefix)
{
    return change_route(RTM_NEWROUTE, NLM_F_CREATE, RTN_PROHIBIT, NULL, family, address, prefix);
}

int route_blackhole(int family, const char *address, unsigned int prefix)
{
    return change_route(RTM_NEWROUTE, NLM_F_CREATE, RTN_BLACKHOLE, NULL, family, address, prefix);
}

int route_delete(int family, const char *address, unsigned int prefix)
{
    return change_route(RTM_DELROUTE, 0, RTN_UNSPEC, NULL, family, address, prefix);
}
