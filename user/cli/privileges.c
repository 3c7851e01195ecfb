// SPDX-License-Identifier: GPL-2.0
#include "user/cli/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

const struct capability privileges_used[CAPABILITIES] = {
    {CAP_BPF, "CAP_BPF", "loads the programs"},
    {CAP_PERFMON, "CAP_PERFMON", "lets them read the kernel, attaches them"},
    {CAP_NET_ADMIN, "CAP_NET_ADMIN", "attaches to the cgroup (plan restricted)"},
    {CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "finds tracepoints (plan restricted)"},
    {CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "instead of the first three; mounts tracefs"},
    {CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", "raises the memlock limit before Linux 5.11"},
};

int privileges_here(uint64_t *ret_effective)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

    if (syscall(SYS_capget, &header, sets))
        return -errno;
    *ret_effective = (uint64_t)sets[1].effective << 32 | sets[0].effective;
    return 0;
}
