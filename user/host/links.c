// SPDX-License-Identifier: GPL-2.0
#include "user/host/links.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/host/rtnetlink.h"

#define LOOPBACK_IFINDEX 1 /* in each net namespace */

struct reading {
    struct host_links *links;
    unsigned int capacity;
    bool failed;
};

static void restart(void *context)
{
    struct reading *reading = context;

    reading->links->count = 0;
}

static uint32_t vrf_table(const struct rtattr *link_info)
{
    const struct rtattr *info[IFLA_INFO_DATA + 1], *vrf[IFLA_VRF_TABLE + 1];
    const struct rtattr *kind;

    rtnetlink_nested(link_info, info, IFLA_INFO_DATA + 1);
    kind = info[IFLA_INFO_KIND];
    if (!kind || RTA_PAYLOAD(kind) < 3 || memcmp(rtnetlink_value(kind), "vrf", 3) ||
        (RTA_PAYLOAD(kind) > 3 && ((const char *)rtnetlink_value(kind))[3]))
        return 0;
    rtnetlink_nested(info[IFLA_INFO_DATA], vrf, IFLA_VRF_TABLE + 1);
    return rtnetlink_u32(vrf[IFLA_VRF_TABLE]);
}

static struct host_link *add(struct reading *reading)
{
    struct host_links *links = reading->links;

    if (links->count == reading->capacity) {
        unsigned int more = reading->capacity ? reading->capacity * 2 : 16;
        struct host_link *grown = realloc(links->at, more * sizeof(*grown));

        if (!grown) {
            reading->failed = true;
            return NULL;
        }
        links->at = grown;
        reading->capacity = more;
    }
    return &links->at[links->count++];
}

static void take(void *context, const struct nlmsghdr *message)
{
    const struct rtattr *attributes[IFLA_LINKINFO + 1];
    const struct ifinfomsg *fixed = rtnetlink_fixed(message);
    const struct rtattr *name;
    struct host_link *link;
    size_t length;

    if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof(*fixed)))
        return;
    link = add(context);
    if (!link)
        return;
    rtnetlink_attributes(message, sizeof(*fixed), attributes, IFLA_LINKINFO + 1);
    *link = (struct host_link){
        .ifindex = fixed->ifi_index,
        .master = (int32_t)rtnetlink_u32(attributes[IFLA_MASTER]),
        .vrf_table = vrf_table(attributes[IFLA_LINKINFO]),
        .down = !(fixed->ifi_flags & IFF_UP),
        /* At once, not as IFF_RUNNING, which follows a moment later. */
        .no_carrier = fixed->ifi_flags & IFF_UP && !(fixed->ifi_flags & IFF_LOWER_UP),
    };
    name = attributes[IFLA_IFNAME];
    length = name ? RTA_PAYLOAD(name) : 0;
    if (length >= sizeof(link->name))
        length = sizeof(link->name) - 1;
    if (length)
        memcpy(link->name, rtnetlink_value(name), length);
}

int links_read(int fd, struct host_links *ret_links)
{
    struct {
        struct nlmsghdr header;
        struct ifinfomsg fixed;
    } request = {.header = {.nlmsg_type = RTM_GETLINK, .nlmsg_len = sizeof(request)}};
    struct reading reading = {.links = ret_links};
    int result;

    *ret_links = (struct host_links){0};
    result = rtnetlink_dump(fd, &request.header, take, restart, &reading);
    if (!result && reading.failed)
        result = -ENOMEM;
    if (result)
        links_free(ret_links);
    return result;
}

int links_read_here(struct host_links *ret_links)
{
    int fd = rtnetlink_open();
    int result;

    *ret_links = (struct host_links){0};
    if (fd < 0)
        return fd;
    result = links_read(fd, ret_links);
    close(fd);
    return result;
}

void links_free(struct host_links *links)
{
    free(links->at);
    *links = (struct host_links){0};
}

const struct host_link *links_find(const struct host_links *links, int32_t ifindex)
{
    for (unsigned int i = 0; ifindex && i < links->count; i++)
        if (links->at[i].ifindex == ifindex)
            return &links->at[i];
    return NULL;
}

const struct host_link *links_named(const struct host_links *links, const char *name)
{
    for (unsigned int i = 0; i < links->count; i++)
        if (!strcmp(links->at[i].name, name))
            return &links->at[i];
    return NULL;
}

bool links_loopback_down(const struct host_links *links)
{
    const struct host_link *loopback = links_find(links, LOOPBACK_IFINDEX);

    return loopback && loopback->down;
}

const struct host_link *links_vrf_of(const struct host_links *links, int32_t ifindex)
{
    const struct host_link *link = links_find(links, ifindex);

    if (link && !link->vrf_table)
        link = links_find(links, link->master);
    return link && link->vrf_table ? link : NULL;
}
