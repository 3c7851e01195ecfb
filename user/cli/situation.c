// SPDX-License-Identifier: GPL-2.0
#include "user/cli/situation.h"

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "user/cli/privileges.h"

#define FIRST_USERNS  0xeffffffdu /* PROC_USER_INIT_INO */
#define PARANOID_MOST 2 /* upstream knows no more; Debian and others refuse everything above */

static bool is_before(const char *release, unsigned long wanted_major, unsigned long wanted_minor)
{
    char *end;
    unsigned long major = strtoul(release, &end, 10);
    unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;

    return major < wanted_major || (major == wanted_major && minor < wanted_minor);
}

static int read_paranoid(void)
{
    FILE *file = fopen("/proc/sys/kernel/perf_event_paranoid", "re");
    int value = PARANOID_MOST;

    if (!file)
        return value;
    if (fscanf(file, "%d", &value) != 1)
        value = PARANOID_MOST;
    fclose(file);
    return value;
}

/* Without /proc that cannot be told. */
static bool is_first_userns(void)
{
    struct stat status;

    return stat("/proc/self/ns/user", &status) || status.st_ino == FIRST_USERNS;
}

void situation_examine(struct situation *ret_situation)
{
    struct situation here = {.memlock_bytes = UINT64_MAX, .perf_event_paranoid = read_paranoid()};
    struct utsname names;
    struct rlimit limit;

    if (!uname(&names)) {
        snprintf(here.kernel, sizeof(here.kernel), "%s", names.release);
        here.too_old = is_before(here.kernel, 5, 10);
        /* From 5.11 on (97306be45fbe) BPF memory is charged to the cgroup. */
        here.memlock_counts = is_before(here.kernel, 5, 11);
    }
    if (!getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY)
        here.memlock_bytes = limit.rlim_cur;
    here.in_userns = !is_first_userns();
    if (here.in_userns || privileges_here(&here.capabilities))
        here.capabilities = 0;
    *ret_situation = here;
}

bool situation_has(const struct situation *situation, unsigned int capability)
{
    return situation->capabilities >> capability & 1;
}

bool situation_trusted(const struct situation *situation)
{
    return situation_has(situation, CAP_SYS_ADMIN) ||
           (situation_has(situation, CAP_BPF) && situation_has(situation, CAP_PERFMON));
}

bool situation_memlock_limits(const struct situation *situation)
{
    return situation->memlock_counts && situation->memlock_bytes != UINT64_MAX &&
           !situation_has(situation, CAP_SYS_RESOURCE);
}

bool situation_perf_refused(const struct situation *situation)
{
    return situation->perf_event_paranoid > PARANOID_MOST &&
           !situation_has(situation, CAP_SYS_ADMIN);
}

bool situation_privileged(const struct situation *situation)
{
    return situation_has(situation, CAP_SYS_ADMIN) &&
           (situation_has(situation, CAP_DAC_READ_SEARCH) ||
            situation_has(situation, CAP_DAC_OVERRIDE)) &&
           !situation_memlock_limits(situation);
}
