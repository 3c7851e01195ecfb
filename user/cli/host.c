// SPDX-License-Identifier: GPL-2.0
#include "user/cli/host.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "user/cli/clock.h"

static void read_boot_id(char *ret_id, size_t size)
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    if (!file)
        return;
    if (fgets(ret_id, (int)size, file))
        ret_id[strcspn(ret_id, "\n")] = '\0';
    fclose(file);
}

struct pt_start host_start_record(enum pt_plan plan)
{
    struct pt_start start = {
        .header = {.version = PT_EVENT_VERSION,
                   .kind = PT_KIND_START,
                   .size = sizeof(start),
                   .time_ns = clock_boot_ns()},
        .wall_offset_ns = clock_wall_offset_ns(),
        .plan = plan,
    };
    struct utsname names;

    if (!uname(&names)) {
        snprintf(start.host, sizeof(start.host), "%.63s", names.nodename);
        snprintf(start.kernel, sizeof(start.kernel), "%.63s", names.release);
    }
    read_boot_id(start.boot_id, sizeof(start.boot_id));
    return start;
}
