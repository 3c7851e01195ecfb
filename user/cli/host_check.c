// SPDX-License-Identifier: GPL-2.0
#include "user/cli/host_check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"
#include "user/host/process.h"
#include "user/model/errors.h"

#define DESCRIPTORS_LEAST 32 /* a survey with its programs and maps has less than 20 open */

bool host_has_proc(void)
{
    struct statfs system;

    return !statfs("/proc", &system) && system.f_type == PROC_SUPER_MAGIC;
}

/* Where they run out on the way, there are processes and sockets that nobody knows of. */
static int try_descriptors(void)
{
    int fds[DESCRIPTORS_LEAST], count = 0, error = 0;

    while (!error && count < DESCRIPTORS_LEAST) {
        fds[count] = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
        if (fds[count] < 0)
            error = -errno;
        else
            count++;
    }
    while (count)
        close(fds[--count]);
    return error;
}

int host_check(void)
{
    int error = try_descriptors();

    if (error) {
        complain("cannot look through the sockets: %s; it takes %d more than are open: raise "
                 "ulimit -n",
                 error_message(-error), DESCRIPTORS_LEAST);
        return STATUS_BAD_NEWS;
    }
    if (host_has_proc())
        return STATUS_DONE;
    complain(PROC_MISSING);
    return STATUS_KERNEL;
}

int host_check_numbers(void)
{
    if (process_numbers_are_ours("/proc"))
        return STATUS_DONE;
    complain("/proc is of another pid namespace: by its numbers a signal would hit other "
             "processes\n(start porttrace in that pid namespace, or with the /proc of this one:\n"
             "unshare --mount-proc porttrace ...)");
    return STATUS_KERNEL;
}
