// SPDX-License-Identifier: GPL-2.0
#include "user/cli/priority.h"

#include <errno.h>
#include <sys/resource.h>

#define NICE_OF_READER (-10)

void priority_raise(void)
{
    errno = 0;
    if (!getpriority(PRIO_PROCESS, 0) && !errno)
        (void)setpriority(PRIO_PROCESS, 0, NICE_OF_READER);
}
