// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/kernel/feature.h"
#include "tests/kernel/mixture.h"

static void bind_new(struct scene *t, enum protocol protocol, int family, uint16_t port, int want)
{
    scene_bind(t, scene_socket_of(t, protocol, family), loopback(family, port), want);
}

static void renamed_child(struct scene *t, void *context)
{
    (void)context;
    scene_require(t, prctl(PR_SET_NAME, MIXTURE_CHILD_COMM) == 0);
    bind_new(t, PROTOCOL_TCP, AF_INET, 8081, 0);
    bind_new(t, PROTOCOL_TCP, AF_INET, 8080, EADDRINUSE);
    bind_new(t, PROTOCOL_UDP, AF_INET6, 8081, 0);
}

static void other_user(struct scene *t, void *context)
{
    (void)context;
    scene_become(t, MIXTURE_USER, MIXTURE_USER);
    bind_new(t, PROTOCOL_TCP, AF_INET, 80, EACCES);
    bind_new(t, PROTOCOL_TCP, AF_INET, 9001, 0);
}

static void grandchild(struct scene *t, void *context)
{
    (void)context;
    scene_run_child(t, renamed_child, NULL);
}

static void connect_and_send(struct scene *t, int listener)
{
    int client = scene_socket_of(t, PROTOCOL_TCP, AF_INET);
    int datagram = scene_socket_of(t, PROTOCOL_UDP, AF_INET);
    int sender = scene_socket_of(t, PROTOCOL_UDP, AF_INET6);

    scene_connect(t, client, v4("127.0.0.1", 8080), 0);
    scene_accept(t, listener);
    scene_connect(t, scene_socket_of(t, PROTOCOL_TCP, AF_INET6), v6("::1", 9007), ECONNREFUSED);
    scene_connect(t, datagram, v4("127.0.0.1", 8080), 0);
    scene_send(t, sender, v6("::1", 8081), 0);
}

static void listen_mptcp(struct scene *t)
{
    int listener = scene_socket_of(t, PROTOCOL_MPTCP, AF_INET);

    scene_bind(t, listener, v4("127.0.0.1", 9006), 0);
    scene_listen(t, listener, 8, 0);
    bind_new(t, PROTOCOL_MPTCP, AF_INET, 9006, EADDRINUSE);
}

static void mixture(struct scene *t)
{
    int listener;

    if (!feature_missing(FEATURE_CGROUP2))
        scene_enter_cgroup(t, t->scenario->name);
    scene_sysctl(t, "ipv4/ip_local_port_range", "40000 40999");
    scene_wait_for_go(t);
    listener = scene_socket_of(t, PROTOCOL_TCP, AF_INET);
    scene_bind(t, listener, v4("127.0.0.1", 8080), 0);
    scene_listen(t, listener, 8, 0);
    scene_listen(t, scene_socket_of(t, PROTOCOL_TCP, AF_INET6), 8, 0);
    bind_new(t, PROTOCOL_TCP, AF_INET, 8080, EADDRINUSE);
    bind_new(t, PROTOCOL_TCP, AF_INET6, 9005, 0);
    bind_new(t, PROTOCOL_UDP, AF_INET, 8080, 0);
    bind_new(t, PROTOCOL_PING, AF_INET, 8080, 0);
    scene_bind(t, scene_socket_of(t, PROTOCOL_TCP, AF_INET), v4("192.0.2.1", 8080), EADDRNOTAVAIL);
    if (!feature_missing(FEATURE_MPTCP))
        listen_mptcp(t);
    connect_and_send(t, listener);
    scene_run_child(t, renamed_child, NULL);
    scene_run_child(t, other_user, NULL);
    scene_run_child(t, grandchild, NULL);
}

const struct scenario mixtures[MIXTURES] = {
    {"mixture-first", mixture, TCP4},
    {"mixture-second", mixture, TCP4},
};
