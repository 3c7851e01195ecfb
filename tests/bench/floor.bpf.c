// SPDX-License-Identifier: GPL-2.0
/*
 * The floor of the restricted plan: programs that do nothing, with the names and at the places of
 * the real ones, so that the plan itself attaches them.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

/* Never used: the plan chooses its kind. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u64);
    __type(value, __u64);
} calls SEC(".maps");

#define NOTHING(name, section, result)                                                             \
    SEC(section) int name(void *ctx)                                                               \
    {                                                                                              \
        return result;                                                                             \
    }

NOTHING(cgroup_bind4, "?cgroup/bind4", 1)
NOTHING(cgroup_bind6, "?cgroup/bind6", 1)
NOTHING(cgroup_connect4, "?cgroup/connect4", 1)
NOTHING(cgroup_connect6, "?cgroup/connect6", 1)
NOTHING(cgroup_post_bind4, "?cgroup/post_bind4", 1)
NOTHING(cgroup_post_bind6, "?cgroup/post_bind6", 1)
NOTHING(cgroup_sendmsg4, "?cgroup/sendmsg4", 1)
NOTHING(cgroup_sendmsg6, "?cgroup/sendmsg6", 1)
NOTHING(cgroup_sock_release, "?cgroup/sock_release", 1)
NOTHING(tp_exit, "?tracepoint/syscalls/sys_exit_bind", 0)
NOTHING(tp_set_state, "?tp_btf/inet_sock_set_state", 0)
NOTHING(tp_io_complete7, "?tp_btf/io_uring_complete", 0)
NOTHING(tp_io_complete3, "?tp_btf/io_uring_complete", 0)

char LICENSE[] SEC("license") = "GPL";
