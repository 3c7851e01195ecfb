// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kernel/bpf.h"
#include "tests/kernel/compat32.h"
#include "tests/kernel/feature.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/uring.h"

#define LANDLOCK_ABI_NET        4
#define LANDLOCK_ASK_VERSION    1
#define OPTION_LOCAL_PORT_RANGE 51
#define PROTOCOL_NUMBER_MPTCP   262

/* All of these run in a child with a net namespace of its own: 0 there, else positive errno. */
static int ask_socket(int family, int type, int protocol)
{
    return socket(family, type, protocol) < 0 ? errno : 0;
}

static int ask_ipv6(void)
{
    struct address address = loopback(AF_INET6, 0);
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    return fd < 0 || bind(fd, (struct sockaddr *)&address.storage, address.size) ? errno : 0;
}

static int ask_udplite(void)
{
    return ask_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
}

static int ask_mptcp(void)
{
    return ask_socket(AF_INET, SOCK_STREAM, PROTOCOL_NUMBER_MPTCP);
}

static int ask_sctp(void)
{
    return ask_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
}

static int ask_io_uring(void)
{
    return -uring_probe(URING_OP_CONNECT);
}

static int ask_io_uring_bind(void)
{
    return -uring_probe(URING_OP_BIND);
}

static int ask_landlock_net(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_ASK_VERSION);

    if (abi < 0)
        return errno;
    return abi < LANDLOCK_ABI_NET ? EOPNOTSUPP : 0;
}

static int ask_vrf(void)
{
    return -link_add_vrf("v0", 100);
}

static int ask_veth(void)
{
    return -link_add_veth("v0", "v1");
}

static int ask_wireguard(void)
{
    return -link_add("wireguard", "w0");
}

static int ask_vxlan(void)
{
    return -link_add_vxlan("x0", 4789);
}

static int ask_port_range(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    uint32_t range = 40001u << 16 | 40000u;

    return setsockopt(fd, SOL_IP, OPTION_LOCAL_PORT_RANGE, &range, sizeof(range)) ? errno : 0;
}

static int ask_cgroup2(void)
{
    return scene_cgroup_root() ? 0 : ENOENT;
}

static int ask_seccomp(void)
{
    return prctl(PR_GET_SECCOMP) < 0 ? errno : 0;
}

static int ask_bpf_lsm(void)
{
    struct address address = loopback(AF_INET, 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0), module = bpf_deny_by_lsm((uint32_t)getpid(), EACCES);

    if (module < 0)
        return -module;
    return bind(fd, (struct sockaddr *)&address.storage, address.size) ? 0 : EOPNOTSUPP;
}

static const struct {
    enum feature feature;
    const char *name;
    int (*ask)(void);
} features[] = {
    {FEATURE_IPV6, "IPv6", ask_ipv6},
    {FEATURE_UDPLITE, "UDP-Lite", ask_udplite},
    {FEATURE_MPTCP, "MPTCP", ask_mptcp},
    {FEATURE_SCTP, "SCTP", ask_sctp},
    {FEATURE_IO_URING, "io_uring connect", ask_io_uring},
    {FEATURE_IO_URING_BIND, "io_uring bind and listen", ask_io_uring_bind},
    {FEATURE_LANDLOCK_NET, "Landlock network rules", ask_landlock_net},
    {FEATURE_VRF, "vrf devices", ask_vrf},
    {FEATURE_VETH, "veth devices", ask_veth},
    {FEATURE_WIREGUARD, "WireGuard", ask_wireguard},
    {FEATURE_VXLAN, "vxlan devices", ask_vxlan},
    {FEATURE_PORT_RANGE, "IP_LOCAL_PORT_RANGE", ask_port_range},
    {FEATURE_CGROUP2, "a cgroup2 mount", ask_cgroup2},
    {FEATURE_SECCOMP, "seccomp", ask_seccomp},
    {FEATURE_BPF_LSM, "the BPF security module", ask_bpf_lsm},
    {FEATURE_32_BIT, "32-bit system calls", compat32_probe},
};

#define FEATURE_COUNT (sizeof(features) / sizeof(features[0]))

static int ask_in_child(int (*ask)(void))
{
    int status, pid = fork();

    if (pid == 0)
        _exit(scene_network_up() ? ask() : errno);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return ECHILD;
    return WEXITSTATUS(status);
}

const char *feature_missing(unsigned int needs)
{
    static int answers[FEATURE_COUNT];
    static bool asked;
    static char why[256];
    size_t i;

    for (i = 0; !asked && i < FEATURE_COUNT; i++)
        answers[i] = ask_in_child(features[i].ask);
    asked = true;
    for (i = 0; i < FEATURE_COUNT; i++) {
        if (!(needs & features[i].feature) || !answers[i])
            continue;
        snprintf(why, sizeof(why), "%s: %s", features[i].name, strerror(answers[i]));
        return why;
    }
    return NULL;
}

bool feature_emulated(void)
{
    return getenv("VM_KERNEL") != NULL;
}
