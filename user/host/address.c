// SPDX-License-Identifier: GPL-2.0
#include "user/host/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "user/host/local_routes.h"
#include "user/host/rtnetlink.h"

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

static bool is_mapped(const struct pt_endpoint *wanted)
{
    return wanted->family == AF_INET6 &&
           !memcmp(wanted->address, mapped_prefix, sizeof(mapped_prefix));
}

/* Of an address that is IPv4, mapped or not. */
static struct in_addr ipv4_of(const struct pt_endpoint *wanted)
{
    struct in_addr address;

    memcpy(&address, wanted->address + (is_mapped(wanted) ? sizeof(mapped_prefix) : 0),
           sizeof(address));
    return address;
}

static bool needs_scope(const struct pt_endpoint *wanted)
{
    const uint8_t *at = wanted->address;

    if (wanted->family != AF_INET6)
        return false;
    /* Link-local; multicast of an interface or a link. */
    return (at[0] == 0xfe && (at[1] & 0xc0) == 0x80) ||
           (at[0] == 0xff && ((at[1] & 0x0f) == 1 || (at[1] & 0x0f) == 2));
}

int32_t address_device(const struct address_question *question)
{
    if (needs_scope(&question->wanted) && question->wanted.scope_id)
        return (int32_t)question->wanted.scope_id;
    return question->device_ifindex;
}

enum address_state address_of_itself(const struct pt_endpoint *wanted)
{
    static const uint8_t any[16];

    if (wanted->family == AF_INET || is_mapped(wanted)) {
        uint32_t address = ntohl(ipv4_of(wanted).s_addr);

        if (address == INADDR_ANY)
            return ADDRESS_WILDCARD;
        if (IN_MULTICAST(address) || address == INADDR_BROADCAST)
            return ADDRESS_MULTICAST;
        return ADDRESS_UNKNOWN;
    }
    if (wanted->family != AF_INET6)
        return ADDRESS_UNKNOWN;
    if (!memcmp(wanted->address, any, sizeof(any)))
        return ADDRESS_WILDCARD;
    return wanted->address[0] == 0xff ? ADDRESS_MULTICAST : ADDRESS_UNKNOWN;
}

static int rank(enum address_state state)
{
    static const int ranks[] = {
        [ADDRESS_ABSENT] = 0,    [ADDRESS_OTHER_VRF] = 1, [ADDRESS_OTHER_DEVICE] = 2,
        [ADDRESS_DUPLICATE] = 3, [ADDRESS_TENTATIVE] = 4, [ADDRESS_LOCAL] = 5,
    };

    return ranks[state];
}

static void set_device(const struct host_link *link, struct address_answer *answer)
{
    snprintf(answer->device, sizeof(answer->device), "%s", link ? link->name : "");
}

/* As ipv6_chk_addr() of the kernel decides, which bans what is tentative unless it is optimistic.
 */
void address_weigh(const struct host_links *links, int32_t device_ifindex,
                   const struct address_found *found, struct address_answer *answer)
{
    const struct host_link *device = links_find(links, found->ifindex);
    const struct host_link *vrf = links_vrf_of(links, found->ifindex);
    enum address_state state = ADDRESS_LOCAL;

    if (vrf != links_vrf_of(links, device_ifindex)) {
        state = ADDRESS_OTHER_VRF;
        if (vrf)
            device = vrf;
    } else if (device_ifindex && found->on_link && device_ifindex != found->ifindex) {
        state = ADDRESS_OTHER_DEVICE;
    } else if (found->tentative && !found->optimistic) {
        state = found->duplicate ? ADDRESS_DUPLICATE : ADDRESS_TENTATIVE;
    }
    if (rank(state) > rank(answer->state)) {
        answer->state = state;
        set_device(device, answer);
    }
}

struct ipv6_search {
    const struct host_links *links;
    const uint8_t *wanted;
    int32_t device_ifindex;
    struct address_answer *answer;
};

static void restart_ipv6(void *context)
{
    struct ipv6_search *search = context;

    *search->answer = (struct address_answer){.state = ADDRESS_ABSENT};
}

static void take_ipv6(void *context, const struct nlmsghdr *message)
{
    struct ipv6_search *search = context;
    const struct rtattr *attributes[IFA_FLAGS + 1], *address;
    const struct ifaddrmsg *fixed = rtnetlink_fixed(message);
    struct address_found found;
    uint32_t flags;

    if (message->nlmsg_type != RTM_NEWADDR || message->nlmsg_len < NLMSG_LENGTH(sizeof(*fixed)) ||
        fixed->ifa_family != AF_INET6)
        return;
    rtnetlink_attributes(message, sizeof(*fixed), attributes, IFA_FLAGS + 1);
    address = attributes[IFA_LOCAL] ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    if (!address || RTA_PAYLOAD(address) < sizeof(struct in6_addr) ||
        memcmp(rtnetlink_value(address), search->wanted, sizeof(struct in6_addr)) != 0)
        return;
    flags = attributes[IFA_FLAGS] ? rtnetlink_u32(attributes[IFA_FLAGS]) : fixed->ifa_flags;
    found = (struct address_found){
        .ifindex = (int32_t)fixed->ifa_index,
        .on_link = fixed->ifa_scope == RT_SCOPE_LINK || fixed->ifa_scope == RT_SCOPE_HOST,
        .tentative = flags & IFA_F_TENTATIVE,
        .optimistic = flags & IFA_F_OPTIMISTIC,
        .duplicate = flags & IFA_F_DADFAILED,
    };
    address_weigh(search->links, search->device_ifindex, &found, search->answer);
}

static int look_up_ipv6(int fd, const struct host_links *links, const struct pt_endpoint *wanted,
                        int32_t device_ifindex, struct address_answer *answer)
{
    struct {
        struct nlmsghdr header;
        struct ifaddrmsg fixed;
    } request = {.header = {.nlmsg_type = RTM_GETADDR, .nlmsg_len = sizeof(request)},
                 .fixed = {.ifa_family = AF_INET6}};
    struct ipv6_search search = {
        .links = links,
        .wanted = wanted->address,
        .device_ifindex = device_ifindex,
        .answer = answer,
    };

    return rtnetlink_dump(fd, &request.header, take_ipv6, restart_ipv6, &search);
}

/* The local addresses of a VRF are in the table of the VRF, all others in the table local. */
static int seek_in_other_vrfs(int fd, const struct host_links *links, struct in_addr wanted,
                              uint32_t own_table, struct address_answer *answer)
{
    struct local_route route;
    int result = 0;

    if (own_table != RT_TABLE_LOCAL) {
        result = local_routes_find(fd, RT_TABLE_LOCAL, wanted, &route);
        if (!result && route.type == RTN_LOCAL) {
            answer->state = ADDRESS_OTHER_VRF;
            set_device(links_find(links, route.ifindex), answer);
        }
    }
    for (unsigned int i = 0; i < links->count && answer->state == ADDRESS_ABSENT; i++) {
        const struct host_link *vrf = &links->at[i];

        if (!vrf->vrf_table || vrf->vrf_table == own_table)
            continue;
        result = local_routes_find(fd, vrf->vrf_table, wanted, &route);
        if (!result && route.type == RTN_LOCAL) {
            answer->state = ADDRESS_OTHER_VRF;
            set_device(vrf, answer);
        }
    }
    return result == -ENOENT ? 0 : result;
}

static int look_up_ipv4(int fd, const struct host_links *links, struct in_addr wanted,
                        int32_t device_ifindex, struct address_answer *answer)
{
    const struct host_link *vrf = links_vrf_of(links, device_ifindex);
    uint32_t table = vrf ? vrf->vrf_table : RT_TABLE_LOCAL;
    struct local_route route;
    int result = local_routes_find(fd, table, wanted, &route);

    *answer = (struct address_answer){.state = ADDRESS_ABSENT};
    /* As long as nothing has made the table, the kernel takes every address for a broadcast. */
    if (result == -ENOENT) {
        answer->state = ADDRESS_MULTICAST;
        return 0;
    }
    if (result)
        return result;
    if (route.type == RTN_LOCAL)
        answer->state = ADDRESS_LOCAL;
    else if (route.type == RTN_BROADCAST || route.type == RTN_MULTICAST)
        answer->state = ADDRESS_MULTICAST;
    else
        return seek_in_other_vrfs(fd, links, wanted, table, answer);
    set_device(links_find(links, route.ifindex), answer);
    return 0;
}

static int look_up_among(int fd, const struct host_links *links,
                         const struct address_question *question, struct address_answer *answer)
{
    const struct pt_endpoint *wanted = &question->wanted;
    int32_t device = address_device(question);

    if (device && !links_find(links, device))
        return -ENODEV;
    answer->state = address_of_itself(wanted);
    if (answer->state != ADDRESS_UNKNOWN)
        return 0;
    if (wanted->family == AF_INET || is_mapped(wanted))
        return look_up_ipv4(fd, links, ipv4_of(wanted), question->device_ifindex, answer);
    if (wanted->family == AF_INET6)
        return look_up_ipv6(fd, links, wanted, device, answer);
    return 0;
}

int address_look_up(const struct address_question *question, struct address_answer *ret_answer)
{
    struct host_links links;
    int fd = rtnetlink_open();
    int result;

    *ret_answer = (struct address_answer){0};
    if (fd < 0)
        return fd;
    result = links_read(fd, &links);
    if (!result) {
        result = look_up_among(fd, &links, question, ret_answer);
        links_free(&links);
    }
    if (result)
        *ret_answer = (struct address_answer){0};
    close(fd);
    return result;
}
