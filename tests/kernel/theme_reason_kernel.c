// SPDX-License-Identifier: GPL-2.0
/* The kernel's own sockets that are in the way. */
#include <errno.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

static void vxlan_up(struct scene *t, uint16_t port)
{
    scene_require(t, link_add_vxlan("ptx0", port) == 0 && link_up("ptx0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", port), port, 0);
}

static void bind_4789(struct scene *t, void *context)
{
    (void)context;
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), 0);
}

static void kernel_vxlan(struct scene *t)
{
    vxlan_up(t, 4789);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), EADDRINUSE);
    scene_expect_holder(t, HOLDING_KERNEL, STATE_CLOSE, 0);
    scene_expect_reason(t, REASON_KERNEL_SOCKET);
    scene_no_advice(t, "kill");
    scene_advice(t, "ip -d link");
    scene_require(t, link_delete("ptx0") == 0);
    scene_run_child(t, bind_4789, NULL);
}

static void kernel_wireguard(struct scene *t)
{
    scene_one_ephemeral_port(t, 51820);
    scene_require(t, link_add("wireguard", "ptw0") == 0 && link_up("ptw0") == 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v4("0.0.0.0", 0), 51820, 0);
    scene_kernel_bind(t, PROTOCOL_UDP, v6("::", 51820), 51820, 0);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 51820), EADDRINUSE);
    scene_expect_holder(t, HOLDING_KERNEL, STATE_CLOSE, 0);
    scene_expect_reason(t, REASON_KERNEL_SOCKET);
}

/* A process that has the port of a tunnel is no tunnel. */
static void kernel_not(struct scene *t)
{
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), 0);
    scene_bind(t, scene_socket(t), wildcard(AF_INET, 4789), EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static const struct scenario scenarios[] = {
    {"reason-udp4-kernel-vxlan", kernel_vxlan, UDP4, .needs = FEATURE_VXLAN},
    {"reason-udp4-kernel-wireguard", kernel_wireguard, UDP4, .needs = FEATURE_WIREGUARD},
    {"reason-udp4-kernel-not", kernel_not, UDP4},
};
THEME(reason_kernel, scenarios);
