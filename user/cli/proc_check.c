// SPDX-License-Identifier: GPL-2.0
#include "user/cli/proc_check.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include "user/cli/cmd.h"
#include "user/cli/complain.h"

bool proc_is_mounted(void)
{
    struct statfs system;

    return !statfs("/proc", &system) && system.f_type == PROC_SUPER_MAGIC;
}

int proc_check(void)
{
    if (proc_is_mounted())
        return STATUS_DONE;
    complain(PROC_MISSING);
    return STATUS_KERNEL;
}
