// SPDX-License-Identifier: GPL-2.0
#include "user/host/port_range.h"

#include <unistd.h>

#include "user/host/netns.h"
#include "user/host/sysctl.h"

static int read_range(void *context)
{
    struct port_range *range = context;
    struct sysctl_net net;
    int result = sysctl_read_net(&net);

    if (!result)
        *range = (struct port_range){.low = net.range_low, .high = net.range_high};
    return result;
}

struct port_range port_range_of(uint32_t netns, pid_t pid)
{
    struct port_range range = {0};
    int fd = netns ? netns_open(netns, pid) : -1;

    if (fd < 0)
        return range;
    (void)netns_run(fd, read_range, &range);
    close(fd);
    return range;
}
