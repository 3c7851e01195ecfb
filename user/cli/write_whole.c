// SPDX-License-Identifier: GPL-2.0
#include "user/cli/write_whole.h"

#include <errno.h>
#include <unistd.h>

#include "user/cli/ready.h"

int write_whole(int fd, const char *at, size_t size)
{
    while (size) {
        ssize_t written = write(fd, at, size);
        int result = 0;

        if (written < 0 && errno == EAGAIN)
            result = ready_wait(fd, POLLOUT);
        else if (written < 0 && errno != EINTR)
            result = -errno;
        if (result)
            return result;
        if (written > 0) {
            at += written;
            size -= (size_t)written;
        }
    }
    return 0;
}
