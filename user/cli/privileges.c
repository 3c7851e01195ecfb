// SPDX-License-Identifier: GPL-2.0
#include "user/cli/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EFFECTIVE "\nCapEff:"

const struct capability privileges_used[CAPABILITIES] = {
    {CAP_BPF, "CAP_BPF", "loads the programs"},
    {CAP_PERFMON, "CAP_PERFMON", "lets them read the kernel, attaches them"},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN", "attaches to the cgroup (plan restricted)"},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "finds tracepoints (plan restricted)"},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "instead of the first three; mounts tracefs"},
    {CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", "raises the memlock limit before Linux 5.11"},
};

int privileges_parse(const char *status, uint64_t *ret_effective)
{
    const char *at = strstr(status, EFFECTIVE);
    uint64_t effective;
    char *end;

    if (!at)
        return -EBADMSG;
    at += strlen(EFFECTIVE);
    effective = strtoull(at, &end, 16);
    if (end == at || *end != '\n')
        return -EBADMSG;
    *ret_effective = effective;
    return 0;
}

int privileges_here(uint64_t *ret_effective)
{
    char status[8192];
    FILE *file = fopen("/proc/self/status", "re");
    size_t size;

    if (!file)
        return -errno;
    size = fread(status, 1, sizeof(status) - 1, file);
    fclose(file);
    status[size] = '\0';
    return privileges_parse(status, ret_effective);
}
