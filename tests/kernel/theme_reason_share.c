// SPDX-License-Identifier: GPL-2.0
/* Ports that could be shared: whose side lacks what, and what helps when it is done. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "tests/kernel/expect.h"
#include "tests/kernel/keeper.h"
#include "tests/kernel/netlink.h"
#include "tests/kernel/scenarios.h"

/* A socket to be, and the address to bind it to. */
struct plan_of_socket {
    int family;
    int option;
    int v6only; /* -1: as the host has it */
    bool listens;
    struct address address;
};

static int make(struct scene *t, const struct plan_of_socket *plan, int want)
{
    int fd = scene_socket_of(t, t->scenario->protocol, plan->family);

    if (plan->option)
        scene_option(t, fd, SOL_SOCKET, plan->option, 1);
    if (plan->family == AF_INET6 && plan->v6only >= 0)
        scene_option(t, fd, SOL_IPV6, IPV6_V6ONLY, plan->v6only);
    scene_bind(t, fd, plan->address, want);
    if (plan->listens)
        scene_listen(t, fd, 8, 0);
    return fd;
}

static void keep(struct scene *t, void *context)
{
    make(t, context, 0);
}

static struct plan_of_socket plain(const struct scene *t, uint16_t port, int option)
{
    struct plan_of_socket plan = {.family = t->scenario->family,
                                  .option = option,
                                  .v6only = -1,
                                  .address = loopback(t->scenario->family, port)};

    return plan;
}

static void reuse_missing_here(struct scene *t, int option, enum reason reason, const char *advice)
{
    struct plan_of_socket holds = plain(t, 8230, option), asks = plain(t, 8230, 0);
    struct keeper keeper;

    keeper_start(t, &keeper, keep, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, reason, STATE_CLOSE, keeper.pid);
    scene_advice(t, advice);
    asks.option = option;
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

static void reuse_missing_there(struct scene *t, int option, enum reason reason, const char *advice)
{
    struct plan_of_socket holds = plain(t, 8231, 0), asks = plain(t, 8231, option);
    struct keeper keeper;

    keeper_start(t, &keeper, keep, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, reason, STATE_CLOSE, keeper.pid);
    scene_no_advice(t, advice);
    keeper_kill_as_advised(t, &keeper);
    holds.option = option;
    keeper_start(t, &keeper, keep, &holds);
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

static void reuseaddr_here(struct scene *t)
{
    reuse_missing_here(t, SO_REUSEADDR, REASON_REUSEADDR, "SO_REUSEADDR on your socket");
}

static void reuseaddr_there(struct scene *t)
{
    reuse_missing_there(t, SO_REUSEADDR, REASON_REUSEADDR, "SO_REUSEADDR on your socket");
}

static void reuseport_here(struct scene *t)
{
    reuse_missing_here(t, SO_REUSEPORT, REASON_REUSEPORT, "SO_REUSEPORT on your socket");
}

static void reuseport_there(struct scene *t)
{
    reuse_missing_there(t, SO_REUSEPORT, REASON_REUSEPORT, "SO_REUSEPORT on your socket");
}

static void reuseport_listener(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8232, SO_REUSEPORT), asks = plain(t, 8232, 0);
    struct keeper keeper;

    holds.listens = true;
    keeper_start(t, &keeper, keep, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEPORT, STATE_LISTEN, keeper.pid);
    scene_advice(t, "SO_REUSEPORT on your socket");
    asks.option = SO_REUSEPORT;
    asks.listens = true;
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

static void keep_shut_down(struct scene *t, void *context)
{
    scene_require(t, shutdown(make(t, context, 0), SHUT_RDWR) == 0);
}

/* It listens no more, and has its port still. */
static void reuseaddr_shut_down(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8239, SO_REUSEADDR), asks = plain(t, 8239, 0);
    struct keeper keeper;

    holds.listens = true;
    keeper_start(t, &keeper, keep_shut_down, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEADDR, STATE_CLOSE, keeper.pid);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEADDR, STATE_CLOSE, keeper.pid);
    scene_advice(t, "SO_REUSEADDR on your socket");
    asks.option = SO_REUSEADDR;
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

static void keep_changed(struct scene *t, void *context)
{
    scene_option(t, make(t, context, 0), SOL_SOCKET, SO_REUSEADDR, 1);
}

/* It has the option, though it was without when it took the port. */
static void reuseaddr_late(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8240, 0), asks = plain(t, 8240, 0);
    struct keeper keeper;

    keeper_start(t, &keeper, keep_changed, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEADDR, STATE_CLOSE, keeper.pid);
    scene_advice(t, "SO_REUSEADDR on your socket");
    asks.option = SO_REUSEADDR;
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

/* Both have it, and it does not help while somebody listens. */
static void reuseaddr_listener(struct scene *t, bool here, bool there)
{
    struct plan_of_socket holds = plain(t, 8233, there ? SO_REUSEADDR : 0);
    struct plan_of_socket asks = plain(t, 8233, here ? SO_REUSEADDR : 0);
    struct keeper keeper;

    holds.listens = true;
    keeper_start(t, &keeper, keep, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_LISTENER, STATE_LISTEN, keeper.pid);
    scene_no_advice(t, "SO_REUSEADDR");
    keeper_kill_as_advised(t, &keeper);
    make(t, &asks, 0);
}

static void reuseaddr_listener_both(struct scene *t)
{
    reuseaddr_listener(t, true, true);
}

static void reuseaddr_listener_here(struct scene *t)
{
    reuseaddr_listener(t, true, false);
}

static void reuseaddr_listener_there(struct scene *t)
{
    reuseaddr_listener(t, false, true);
}

struct strangers {
    struct keeper holder, asker;
};

static void ask_as_stranger(struct scene *t, void *context)
{
    struct strangers *strangers = context;
    struct plan_of_socket asks = plain(t, 8234, SO_REUSEPORT);

    scene_become(t, 65534, 65534);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEPORT_USER, STATE_CLOSE, strangers->holder.pid);
    scene_no_advice(t, "SO_REUSEPORT");
    keeper_wait(t, &strangers->asker);
    make(t, &asks, 0);
}

/* Near miss: the same bind, of the same user as the one that has the port. */
static void reuseport_of_other_user(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8234, SO_REUSEPORT);
    struct strangers strangers;
    int own;

    keeper_start(t, &strangers.holder, keep, &holds);
    keeper_start(t, &strangers.asker, ask_as_stranger, &strangers);
    own = make(t, &holds, 0);
    scene_close(t, own);
    keeper_kill_as_advised(t, &strangers.holder);
    keeper_step(t, &strangers.asker);
    keeper_end(t, &strangers.asker);
}

static void keep_made_by_root(struct scene *t, void *context)
{
    make(t, context, 0);
    scene_become(t, 65534, 65534);
}

static void ask_as_its_user(struct scene *t, void *context)
{
    const struct keeper *keeper = context;
    struct plan_of_socket asks = plain(t, 8241, SO_REUSEPORT);

    scene_become(t, 65534, 65534);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, REASON_REUSEPORT_USER, STATE_CLOSE, keeper->pid);
    scene_note(t, "the one in the way of user root; a socket keeps the user that made it");
}

/* The user of its process is the asker's own now; the socket's is not. */
static void reuseport_of_former_user(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8241, SO_REUSEPORT);
    struct keeper keeper;

    keeper_start(t, &keeper, keep_made_by_root, &holds);
    scene_run_child(t, ask_as_its_user, &keeper);
    keeper_end(t, &keeper);
}

static void listens_already(struct scene *t)
{
    struct plan_of_socket plan = plain(t, 8235, SO_REUSEADDR);
    struct keeper keeper;
    int fd = make(t, &plan, 0);

    plan.listens = true;
    keeper_start(t, &keeper, keep, &plan);
    scene_listen(t, fd, 5, EADDRINUSE);
    scene_expect_held(t, REASON_LISTENS_ALREADY, STATE_LISTEN, keeper.pid);
    keeper_kill_as_advised(t, &keeper);
    scene_listen(t, fd, 5, 0);
}

/* Whoever listens beside it, on another address, is in nobody's way. */
static void listens_elsewhere(struct scene *t)
{
    struct plan_of_socket plan = plain(t, 8236, SO_REUSEADDR), beside = plan;
    struct keeper keeper, stranger;
    int fd = make(t, &plan, 0);

    plan.listens = beside.listens = true;
    beside.address = v4("127.0.0.2", 8236);
    keeper_start(t, &keeper, keep, &plan);
    keeper_start(t, &stranger, keep, &beside);
    scene_listen(t, fd, 5, EADDRINUSE);
    scene_expect_stranger(t, stranger.pid);
    scene_expect_held(t, REASON_LISTENS_ALREADY, STATE_LISTEN, keeper.pid);
    keeper_kill_as_advised(t, &keeper);
    scene_listen(t, fd, 5, 0);
    keeper_end(t, &stranger);
}

/* What one asks for while another one has it, and that only one process is in the way of it. */
static void refuse(struct scene *t, struct plan_of_socket holds, struct plan_of_socket asks,
                   enum reason reason, struct keeper *keeper)
{
    uint8_t state = holds.listens ? STATE_LISTEN : STATE_CLOSE;

    keeper_start(t, keeper, keep, &holds);
    make(t, &asks, EADDRINUSE);
    scene_expect_held(t, reason, state, keeper->pid);
}

#define DUAL(text)                                                                                 \
    {                                                                                              \
        .family = AF_INET6, .address = v6(text, 8236)                                              \
    }
#define V6ONLY(text)                                                                               \
    {                                                                                              \
        .family = AF_INET6, .v6only = 1, .address = v6(text, 8236)                                 \
    }
#define V4(text)                                                                                   \
    {                                                                                              \
        .family = AF_INET, .address = v4(text, 8236)                                               \
    }

static void end_by_kill(struct scene *t, struct keeper *keeper, struct plan_of_socket asks)
{
    keeper_kill_as_advised(t, keeper);
    make(t, &asks, 0);
}

static void dual_has_wildcard(struct scene *t)
{
    struct plan_of_socket holds = DUAL("::"), asks = V4("0.0.0.0");
    struct keeper keeper;

    holds.listens = t->scenario->protocol == PROTOCOL_TCP;
    refuse(t, holds, asks, REASON_DUAL_STACK, &keeper);
    scene_no_advice(t, "IPV6_V6ONLY on your socket");
    end_by_kill(t, &keeper, asks);
}

static void dual_has_specific(struct scene *t)
{
    struct plan_of_socket holds = DUAL("::"), asks = V4("127.0.0.1");
    struct keeper keeper;

    refuse(t, holds, asks, REASON_DUAL_STACK, &keeper);
    end_by_kill(t, &keeper, asks);
}

static void dual_has_v6only(struct scene *t)
{
    struct plan_of_socket holds = V6ONLY("::"), asks = V4("0.0.0.0");

    make(t, &holds, 0);
    make(t, &asks, 0);
}

static void dual_asks(struct scene *t, struct plan_of_socket holds)
{
    struct plan_of_socket asks = DUAL("::");
    struct keeper keeper;

    refuse(t, holds, asks, REASON_DUAL_STACK, &keeper);
    scene_advice(t, "IPV6_V6ONLY on your socket");
    asks.v6only = 1;
    make(t, &asks, 0);
    keeper_end(t, &keeper);
}

static void dual_asks_wildcard(struct scene *t)
{
    struct plan_of_socket holds = V4("0.0.0.0");

    holds.listens = t->scenario->protocol == PROTOCOL_TCP;
    dual_asks(t, holds);
}

static void dual_asks_specific(struct scene *t)
{
    struct plan_of_socket holds = V4("127.0.0.1");

    dual_asks(t, holds);
}

/* An IPv6 socket of an IPv4 address is in the way of IPv4 only. */
static void mapped_has(struct scene *t)
{
    struct plan_of_socket holds = DUAL("::ffff:127.0.0.1"), asks = V4("127.0.0.1");
    struct plan_of_socket other = V4("127.0.0.2"), own = DUAL("::1");
    struct keeper keeper;

    refuse(t, holds, asks, REASON_BOUND, &keeper);
    make(t, &other, 0);
    make(t, &own, 0);
    end_by_kill(t, &keeper, asks);
}

static void mapped_asks(struct scene *t)
{
    struct plan_of_socket holds = V4("0.0.0.0"), asks = DUAL("::ffff:127.0.0.1");
    struct keeper keeper;

    refuse(t, holds, asks, REASON_WILDCARD, &keeper);
    end_by_kill(t, &keeper, asks);
}

static void mapped_against_ipv6(struct scene *t)
{
    struct plan_of_socket holds = V6ONLY("::"), asks = DUAL("::ffff:127.0.0.1");

    make(t, &holds, 0);
    make(t, &asks, 0);
}

static void wildcard_has(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8236, 0), asks = plain(t, 8236, 0);
    struct keeper keeper;

    holds.address = wildcard(t->scenario->family, 8236);
    refuse(t, holds, asks, REASON_WILDCARD, &keeper);
    end_by_kill(t, &keeper, asks);
}

static void wildcard_listens(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8236, 0), asks = plain(t, 8236, 0);
    struct keeper keeper;

    holds.address = wildcard(t->scenario->family, 8236);
    holds.listens = true;
    refuse(t, holds, asks, REASON_WILDCARD, &keeper);
    end_by_kill(t, &keeper, asks);
}

static void wildcard_asks(struct scene *t)
{
    struct plan_of_socket holds = plain(t, 8236, 0), asks = plain(t, 8236, 0);
    struct keeper keeper;

    asks.address = wildcard(t->scenario->family, 8236);
    refuse(t, holds, asks, REASON_WILDCARD, &keeper);
    end_by_kill(t, &keeper, asks);
}

static void specific_both(struct scene *t)
{
    struct plan_of_socket holds = V4("127.0.0.1"), asks = V4("127.0.0.2");

    make(t, &holds, 0);
    make(t, &asks, 0);
}

static void make_on(struct scene *t, const char *device, uint16_t port, int want)
{
    int fd = scene_socket(t);

    if (device)
        scene_require(
            t, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) == 0);
    scene_bind(t, fd, wildcard(t->scenario->family, port), want);
}

/* A socket of one device, and one of any: they meet. Two of different devices do not. */
static void device_against_any(struct scene *t)
{
    scene_require(t, link_add_veth("pt0", "pt1") == 0);
    make_on(t, "lo", 8237, 0);
    make_on(t, "pt0", 8237, 0);
    make_on(t, NULL, 8237, EADDRINUSE);
    scene_expect_held(t, REASON_BOUND, STATE_CLOSE, scene_pid(t));
}

static const struct scenario scenarios[] = {
    {"reason-tcp4-reuseaddr-here", reuseaddr_here, TCP4},
    {"reason-tcp6-reuseaddr-here", reuseaddr_here, TCP6},
    {"reason-udp4-reuseaddr-here", reuseaddr_here, UDP4},
    {"reason-tcp4-reuseaddr-there", reuseaddr_there, TCP4},
    {"reason-udp6-reuseaddr-there", reuseaddr_there, UDP6},
    {"reason-tcp4-reuseport-here", reuseport_here, TCP4},
    {"reason-udp4-reuseport-here", reuseport_here, UDP4},
    {"reason-tcp6-reuseport-there", reuseport_there, TCP6},
    {"reason-udp4-reuseport-there", reuseport_there, UDP4},
    {"reason-tcp4-reuseport-listener", reuseport_listener, TCP4},
    {"reason-tcp4-reuseaddr-shut-down", reuseaddr_shut_down, TCP4},
    {"reason-tcp6-reuseaddr-shut-down", reuseaddr_shut_down, TCP6},
    {"reason-tcp4-reuseaddr-late", reuseaddr_late, TCP4},
    {"reason-udp4-reuseaddr-late", reuseaddr_late, UDP4},
    {"reason-tcp4-reuseaddr-listener-both", reuseaddr_listener_both, TCP4},
    {"reason-tcp6-reuseaddr-listener-both", reuseaddr_listener_both, TCP6},
    {"reason-tcp4-reuseaddr-listener-here", reuseaddr_listener_here, TCP4},
    {"reason-tcp4-reuseaddr-listener-there", reuseaddr_listener_there, TCP4},
    {"reason-tcp4-reuseport-of-other-user", reuseport_of_other_user, TCP4},
    {"reason-tcp4-reuseport-of-former-user", reuseport_of_former_user, TCP4},
    {"reason-udp4-reuseport-of-other-user", reuseport_of_other_user, UDP4},
    {"reason-tcp4-listens-already", listens_already, TCP4},
    {"reason-tcp6-listens-already", listens_already, TCP6},
    {"reason-mptcp4-listens-already", listens_already, MPTCP4},
    {"reason-tcp4-listens-elsewhere", listens_elsewhere, TCP4},
    {"reason-mptcp4-listens-elsewhere", listens_elsewhere, MPTCP4},
    {"reason-tcp-dual-has-wildcard", dual_has_wildcard, TCP6},
    {"reason-udp-dual-has-wildcard", dual_has_wildcard, UDP6},
    {"reason-tcp-dual-has-specific", dual_has_specific, TCP6},
    {"reason-udp-dual-has-specific", dual_has_specific, UDP6},
    {"reason-tcp-dual-has-v6only", dual_has_v6only, TCP6},
    {"reason-udp-dual-has-v6only", dual_has_v6only, UDP6},
    {"reason-tcp-dual-asks-wildcard", dual_asks_wildcard, TCP6},
    {"reason-udp-dual-asks-wildcard", dual_asks_wildcard, UDP6},
    {"reason-tcp-dual-asks-specific", dual_asks_specific, TCP6},
    {"reason-udp-dual-asks-specific", dual_asks_specific, UDP6},
    {"reason-tcp-mapped-has", mapped_has, TCP6},
    {"reason-udp-mapped-has", mapped_has, UDP6},
    {"reason-tcp-mapped-asks", mapped_asks, TCP6},
    {"reason-udp-mapped-asks", mapped_asks, UDP6},
    {"reason-tcp-mapped-against-ipv6", mapped_against_ipv6, TCP6},
    {"reason-tcp4-wildcard-has", wildcard_has, TCP4},
    {"reason-tcp6-wildcard-has", wildcard_has, TCP6},
    {"reason-udp4-wildcard-has", wildcard_has, UDP4},
    {"reason-tcp4-wildcard-listens", wildcard_listens, TCP4},
    {"reason-tcp4-wildcard-asks", wildcard_asks, TCP4},
    {"reason-tcp6-wildcard-asks", wildcard_asks, TCP6},
    {"reason-udp6-wildcard-asks", wildcard_asks, UDP6},
    {"reason-tcp4-specific-both", specific_both, TCP4},
    {"reason-tcp4-device-against-any", device_against_any, TCP4, .needs = FEATURE_VETH},
    {"reason-udp4-device-against-any", device_against_any, UDP4, .needs = FEATURE_VETH},
};
THEME(reason_share, scenarios);
