// SPDX-License-Identifier: GPL-2.0
#include "user/cli/ready.h"

#include <errno.h>

int ready_wait(int fd, short events)
{
    struct pollfd polled = {.fd = fd, .events = events};

    return poll(&polled, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}
