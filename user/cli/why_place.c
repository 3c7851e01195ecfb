// SPDX-License-Identifier: GPL-2.0
#include "user/cli/why_place.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/cli/lookups.h"
#include "user/cli/privileges.h"
#include "user/cli/values.h"
#include "user/host/netns.h"
#include "user/host/text_file.h"
#include "user/model/errors.h"

static int open_own_netns(struct strbuf *error)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        strbuf_printf(error, "the own net namespace cannot be opened: %s", error_message(errno));
    return fd;
}

/*
 * Privileges count in the user namespace that the net namespace belongs to. The kernel shows that
 * one only to those who are in it or in one above it.
 */
static bool has_power_over(int netns_fd)
{
    int fd = ioctl(netns_fd, NS_GET_USERNS);

    if (fd < 0)
        return errno != EPERM;
    close(fd);
    return true;
}

static bool is_capable(const struct why_place *place, bool as_user)
{
    uint64_t effective;

    if (!has_power_over(place->netns_fd))
        return false;
    if (as_user)
        return place->uid == 0;
    return !privileges_here(&effective) && effective >> CAP_NET_BIND_SERVICE & 1;
}

static int read_v6only(void *context)
{
    char *text;

    if (!text_file_read("/proc/sys/net/ipv6/bindv6only", 16, &text, NULL)) {
        *(bool *)context = text[0] == '1';
        free(text);
    }
    return 0;
}

int why_place_open(struct why_place *ret_place, const char *netns, const char *user,
                   struct strbuf *error)
{
    struct why_place place = {.netns_fd = -1, .uid = geteuid(), .as_user = user != NULL};
    struct stat status;

    if (user && lookup_user(user, &place.uid, error))
        return -EINVAL;
    if (netns && lookup_netns_open(netns, &place.netns_fd, error))
        return -EINVAL;
    if (!netns)
        place.netns_fd = open_own_netns(error);
    if (place.netns_fd < 0 || fstat(place.netns_fd, &status))
        return -EINVAL;
    place.netns = (uint32_t)status.st_ino;
    place.capable = is_capable(&place, place.as_user);
    place.ipv6 = !access("/proc/self/net/if_inet6", F_OK);
    netns_run(place.netns_fd, read_v6only, &place.v6only);
    *ret_place = place;
    return 0;
}

void why_place_close(struct why_place *place)
{
    close(place->netns_fd);
}

struct device {
    const char *name;
    uint32_t ifindex;
    char found[IF_NAMESIZE];
};

static int find_device(void *context)
{
    struct device *device = context;

    if (device->name)
        device->ifindex = if_nametoindex(device->name);
    return device->ifindex && if_indextoname(device->ifindex, device->found) ? 0 : -ENODEV;
}

int why_place_scope(const struct why_place *place, const char *name, uint32_t *ret_ifindex,
                    struct strbuf *error)
{
    char found[IF_NAMESIZE];
    uint64_t number;

    if (!isdigit((unsigned char)name[0]))
        return why_place_device(place, name, ret_ifindex, found, error);
    if (value_number(name, "a device", 1, INT_MAX, &number, error))
        return -EINVAL;
    *ret_ifindex = (uint32_t)number;
    return 0;
}

int why_place_device(const struct why_place *place, const char *name, uint32_t *ret_ifindex,
                     char ret_name[IF_NAMESIZE], struct strbuf *error)
{
    struct device device = {.name = name};
    uint64_t number;
    int result;

    if (isdigit((unsigned char)name[0])) {
        if (value_number(name, "a device", 1, INT_MAX, &number, error))
            return -EINVAL;
        device = (struct device){.ifindex = (uint32_t)number};
    }
    result = netns_run(place->netns_fd, find_device, &device);
    if (!result) {
        *ret_ifindex = device.ifindex;
        memcpy(ret_name, device.found, sizeof(device.found));
        return 0;
    }
    value_quote(error, name);
    if (result == -ENODEV)
        strbuf_puts(error, " is not a device of that net namespace");
    else
        strbuf_printf(error, " cannot be looked up in that net namespace: %s",
                      error_message(-result));
    return -EINVAL;
}
