// SPDX-License-Identifier: GPL-2.0
#include "tests/why/special.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/kernel/netlink.h"
#include "tests/rules/hold.h"

#define VRF_TABLE 100

static void set_sysctl(const char *name, const char *value)
{
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        spot_die("%s: %s", path, strerror(errno));
    close(fd);
}

static void ask(struct counts *counts, struct manner manner, const char *protocol,
                const char *address, uint16_t port, const char *what)
{
    struct batch batch = {.manner = manner};

    batch_add(&batch, protocol, address, port, what);
    batch_run(&batch, counts);
}

static void enter(void)
{
    if (unshare(CLONE_NEWNET))
        spot_die("no net namespace: %s", strerror(errno));
}

/* Every address asked about by both protocols. */
static void ask_addresses(struct counts *counts, struct manner manner,
                          const char *const addresses[], const char *what)
{
    struct batch batch = {.manner = manner};

    for (size_t i = 0; addresses[i]; i++) {
        batch_add(&batch, "tcp", addresses[i], 8080, what);
        batch_add(&batch, "udp", addresses[i], 8080, what);
    }
    batch_run(&batch, counts);
}

static void privileged(struct counts *counts)
{
    static const char *const places[] = {
        "0.0.0.0", "127.0.0.1", "::", "::1", "10.9.9.9", "2001:db8::9"};
    struct spot server = {.place = PLACE_4_ANY};
    struct hold hold;

    hold_take(&server, HOLD_LISTENING, false, 81, &hold);
    for (uint32_t uid = 0; uid <= SPOT_OTHER_USER; uid += SPOT_OTHER_USER) {
        struct batch batch = {.manner = {.uid = uid}};

        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
            batch_add(&batch, "tcp", places[i], 80, "privileged");
            batch_add(&batch, "tcp", places[i], 81, "privileged and taken");
            batch_add(&batch, "udp", places[i], 1023, "privileged");
            batch_add(&batch, "udp", places[i], 1024, "not privileged");
        }
        batch_run(&batch, counts);
    }
    hold_give_back(&hold);
    set_sysctl("ipv4/ip_unprivileged_port_start", "80");
    ask(counts, (struct manner){.uid = SPOT_OTHER_USER}, "tcp", "127.0.0.1", 80, "start 80");
    ask(counts, (struct manner){.uid = SPOT_OTHER_USER}, "tcp", "127.0.0.1", 79, "start 80");
    set_sysctl("ipv4/ip_unprivileged_port_start", "1024");
}

static void addresses(struct counts *counts)
{
    static const char *const all[] = {"127.0.0.1",        "127.255.255.254",
                                      "127.255.255.255",  "0.0.0.1",
                                      "10.9.9.9",         "224.0.0.1",
                                      "239.1.1.1",        "255.255.255.255",
                                      "240.0.0.1",        "::1",
                                      "fd00::2",          "2001:db8::9",
                                      "::ffff:127.0.0.1", "::ffff:10.9.9.9",
                                      "ff05::1",          "fe80::1",
                                      "fe80::1%lo",       "fe80::1%99",
                                      "ff02::1",          "ff02::1%lo",
                                      "ff02::1%99",       NULL};

    ask_addresses(counts, (struct manner){0}, all, "addresses");
    ask_addresses(counts, (struct manner){.options = PT_OPTION_FREEBIND}, all, "freebind");
    ask_addresses(counts, (struct manner){.device = "lo"}, all, "on lo");
    ask_addresses(counts, (struct manner){.device = SPOT_DEVICE}, all, "on another device");
    ask_addresses(counts, (struct manner){.options = PT_OPTION_V6ONLY}, all, "V6ONLY");
    ask_addresses(counts, (struct manner){.from_outside = true}, all, "from outside");
    ask_addresses(counts, (struct manner){.uid = SPOT_OTHER_USER, .unprivileged = true}, all,
                  "without privileges");
    set_sysctl("ipv4/ip_nonlocal_bind", "1");
    ask_addresses(counts, (struct manner){0}, all, "nonlocal IPv4");
    set_sysctl("ipv4/ip_nonlocal_bind", "0");
    set_sysctl("ipv6/ip_nonlocal_bind", "1");
    ask_addresses(counts, (struct manner){0}, all, "nonlocal IPv6");
    set_sysctl("ipv6/ip_nonlocal_bind", "0");
}

/* Without a carrier duplicate address detection waits, so an address stays tentative. */
static void tentative(struct counts *counts)
{
    static const char *const all[] = {"fd00:1::1", "fd00::2", NULL};

    if (address_add(SPOT_DEVICE, AF_INET6, "fd00:1::1", 64))
        spot_die("no address on " SPOT_DEVICE);
    ask_addresses(counts, (struct manner){0}, all, "fresh address");
    ask_addresses(counts, (struct manner){.device = SPOT_DEVICE}, all, "fresh, on its device");
}

static void reserved(struct counts *counts)
{
    set_sysctl("ipv4/ip_local_reserved_ports", "8080-8090,40000");
    ask(counts, (struct manner){0}, "tcp", "0.0.0.0", 8080, "reserved");
    ask(counts, (struct manner){0}, "udp", "::", 40000, "reserved");
    ask(counts, (struct manner){0}, "udp", "::", 40001, "ephemeral");
    set_sysctl("ipv4/ip_local_reserved_ports", "");
}

static void v6only_by_default(struct counts *counts)
{
    struct spot server = {.place = PLACE_4_ANY};
    struct hold hold;

    hold_take(&server, HOLD_LISTENING, false, 8085, &hold);
    ask(counts, (struct manner){0}, "tcp", "::", 8085, "dual-stack");
    ask(counts, (struct manner){.options = PT_OPTION_V6ONLY}, "tcp", "::", 8085, "V6ONLY");
    set_sysctl("ipv6/bindv6only", "1");
    ask(counts, (struct manner){0}, "tcp", "::", 8085, "bindv6only");
    ask(counts, (struct manner){.from_outside = true}, "tcp", "::", 8085, "bindv6only");
    set_sysctl("ipv6/bindv6only", "0");
    hold_give_back(&hold);
}

/* Nothing is up yet: there is not even a table of local addresses. */
static void empty(struct counts *counts)
{
    static const char *const all[] = {"127.0.0.1", "10.9.9.9", "0.0.0.0", "::1", "::", NULL};

    enter();
    ask_addresses(counts, (struct manner){0}, all, "empty net namespace");
    ask_addresses(counts, (struct manner){.from_outside = true}, all, "empty net namespace");
    link_up("lo");
    ask_addresses(counts, (struct manner){0}, all, "with lo");
}

/* A kernel without VRFs, or without the module: 0 questions. */
static void vrf(struct counts *counts)
{
    static const char *const all[] = {"10.7.0.1", "10.7.0.255", "10.8.0.1", "127.0.0.1", "0.0.0.0",
                                      "fd07::1",  "fd08::1",    "::1",      "::",        NULL};
    struct spot server = {.place = PLACE_4_ANY, .device = "blue"};
    struct hold hold;

    enter();
    if (link_up("lo") || link_add_vrf("blue", VRF_TABLE))
        return;
    if (link_add_veth("inside", "outside") || link_enslave("inside", "blue") || link_up("blue") ||
        link_up("inside") || link_up("outside") || address_add("inside", AF_INET, "10.7.0.1", 24) ||
        address_add("outside", AF_INET, "10.8.0.1", 24) ||
        address_add("inside", AF_INET6, "fd07::1", 64) ||
        address_add("outside", AF_INET6, "fd08::1", 64))
        spot_die("the VRF cannot be set up");
    sleep(3); /* duplicate address detection takes at most two seconds */
    ask_addresses(counts, (struct manner){0}, all, "outside of the VRF");
    ask_addresses(counts, (struct manner){.device = "blue"}, all, "in the VRF");
    ask_addresses(counts, (struct manner){.device = "inside"}, all, "on a device of the VRF");
    ask_addresses(counts, (struct manner){.device = "outside"}, all, "on a device beside it");
    hold_take(&server, HOLD_LISTENING, false, 8080, &hold);
    ask_addresses(counts, (struct manner){0}, all, "taken in the VRF");
    ask_addresses(counts, (struct manner){.device = "blue"}, all, "taken in this VRF");
    hold_give_back(&hold);
}

void special_run(struct counts *counts)
{
    privileged(counts);
    addresses(counts);
    tentative(counts);
    reserved(counts);
    v6only_by_default(counts);
    empty(counts);
    vrf(counts);
}
