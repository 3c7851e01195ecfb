// SPDX-License-Identifier: GPL-2.0
#include "user/cli/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (1ull << (capability))

/*
 * SYS_ADMIN enters other net namespaces, opens the cgroup file system and knows programs by number;
 * SYS_PTRACE and DAC_READ_SEARCH read /proc/PID and descriptors of other users; BPF and PERFMON
 * load and run the iterators; NET_ADMIN asks which programs a cgroup has.
 */
#define FOR_LOOKUPS                                                                                \
    (BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_BPF) |          \
     BIT(CAP_PERFMON) | BIT(CAP_NET_ADMIN))

uint64_t confine_needed(bool lookups, bool signals)
{
    return (lookups ? FOR_LOOKUPS : 0) | (signals ? BIT(CAP_KILL) : 0);
}

/* Without CAP_SETPCAP nothing is dropped here; then no_new_privs alone bounds what is run. */
static void lower_bound(uint64_t capabilities)
{
    for (unsigned int number = 0; number < 64; number++)
        if (!(capabilities >> number & 1) && prctl(PR_CAPBSET_DROP, number, 0, 0, 0))
            return;
}

int confine_to(uint64_t capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

    memset(sets, 0, sizeof(sets));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_capget, &header, sets))
        return -errno;
    lower_bound(capabilities);
    for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t kept = (uint32_t)(capabilities >> 32 * i);

        sets[i].permitted &= kept;
        sets[i].effective &= kept;
        sets[i].inheritable = 0;
    }
    return syscall(SYS_capset, &header, sets) ? -errno : 0;
}
