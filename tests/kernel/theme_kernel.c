// SPDX-License-Identifier: GPL-2.0
/* Sockets of the kernel itself: those of tunnels, made when their device comes up. */
#include <errno.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void vxlan(struct scene *t)
{
    scene_require(t, link_add_vxlan("ptx0", 4789) == 0);
    scene_require(t, link_up("ptx0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", 4789), 4789, 0);
}

static void vxlan_in_use(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), 0);
    scene_require(t, link_add_vxlan("ptx0", 4789) == 0);
    scene_require(t, link_up("ptx0") == -EADDRINUSE);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", 4789), 0, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

/* Its two sockets share a port that the kernel chooses for the first one. */
static void wireguard(struct scene *t)
{
    scene_one_ephemeral_port(t, 51820);
    scene_require(t, link_add("wireguard", "ptw0") == 0);
    scene_require(t, link_up("ptw0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", 0), 51820, 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v6("::", 51820), 51820, 0);
}

static const struct scenario scenarios[] = {
    {"vxlan-bind", vxlan, UDP4, .needs = FEATURE_VXLAN},
    {"vxlan-bind-in-use", vxlan_in_use, UDP4, .needs = FEATURE_VXLAN},
    {"wireguard-bind", wireguard, UDP6, .needs = FEATURE_WIREGUARD},
};
THEME(kernel, scenarios);
