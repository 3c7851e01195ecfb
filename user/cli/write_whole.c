// SPDX-License-Identifier: GPL-2.0
#include "user/cli/write_whole.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "user/cli/ready.h"

size_t whole_lines(const char *at, size_t size)
{
    const char *newline = memrchr(at, '\n', size);

    return newline ? (size_t)(newline - at) + 1 : 0;
}

void write_take_back(int fd, off_t end, size_t size)
{
    struct stat status;
    off_t kept = end - (off_t)size;

    if (!size || kept < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode) ||
        status.st_size != end)
        return;
    if (!ftruncate(fd, kept))
        lseek(fd, kept, SEEK_SET);
}

int write_whole(int fd, const char *at, size_t size, whole_fn *whole)
{
    size_t done = 0;
    off_t end = -1;

    while (done < size) {
        ssize_t written = write(fd, at + done, size - done);
        int result = 0;

        if (written < 0 && errno == EAGAIN)
            result = ready_wait(fd, POLLOUT);
        else if (written < 0 && errno != EINTR)
            result = -errno;
        if (result) {
            write_take_back(fd, end, done - whole(at, done));
            return result;
        }
        if (written > 0)
            done += (size_t)written;
        if (written > 0 && done < size)
            end = lseek(fd, 0, SEEK_CUR);
    }
    return 0;
}
