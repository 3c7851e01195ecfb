/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is known besides the refused call itself: the host's rules, as they are in the caller's net
 * namespace, and who holds ports. What is not known says so; nothing is guessed here.
 */
#ifndef PORTTRACE_EXPLAIN_FACTS_H
#define PORTTRACE_EXPLAIN_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/holder.h"

#define FACTS_FREE_PORTS      3
#define FACTS_NETNS_NAME_SIZE 64
#define FACTS_PORT_WORDS      1024 /* a bit for each port, as uint64_t */

/* What the requested address is on this host. */
enum address_state {
    ADDRESS_UNKNOWN = 0, /* not looked up, or could not be */
    ADDRESS_WILDCARD,
    ADDRESS_LOCAL,
    ADDRESS_MULTICAST,    /* and broadcast: can be bound too */
    ADDRESS_TENTATIVE,    /* IPv6, duplicate address detection still runs */
    ADDRESS_DUPLICATE,    /* IPv6, duplicate address detection has failed */
    ADDRESS_OTHER_VRF,    /* local, but in a VRF that the socket is not in, or the reverse */
    ADDRESS_OTHER_DEVICE, /* IPv6 link-local, on another device than the scope says */
    ADDRESS_ABSENT,
};

#define EPHEMERAL_USERS 3

struct ephemeral_user {
    struct holder holder; /* one of its sockets */
    unsigned int ports;
};

/* Ports of the ephemeral range that were in the way, one counted once. */
struct ephemeral_use {
    unsigned int ports;
    unsigned int time_wait;                      /* of these, connections that are over */
    struct ephemeral_user most[EPHEMERAL_USERS]; /* who has most of the others first; .ports 0 */
};

struct facts {
    /* Of the net namespace; .netns_known false: the rest of these is 0. */
    bool netns_known;
    uint16_t range_low, range_high; /* ip_local_port_range */
    uint32_t unprivileged_start;    /* ip_unprivileged_port_start */
    bool nonlocal4, nonlocal6;      /* ip_nonlocal_bind */
    bool disabled6, lo_disabled6;   /* disable_ipv6 of all devices, and of the loopback device */
    bool lo_down;                   /* the loopback device is down */
    unsigned int tcp_tw_reuse;      /* 0 none, 1 all connections, 2 those over loopback */
    const uint64_t *reserved;       /* ip_local_reserved_ports, NULL not known */

    /* Commands for it have to be run there: it is not the one of whoever reads the advice. */
    bool netns_elsewhere;
    char netns_name[FACTS_NETNS_NAME_SIZE]; /* that ip netns gave it, "" none */
    uint32_t netns_pid;                     /* a process that is in it, 0 none is known */

    enum address_state address;
    char address_device[PT_DEVICE_SIZE];                 /* that has it, or its VRF; "" not known */
    bool address_device_down, address_device_no_carrier; /* false: not known, too */

    const char *lsms;        /* "lockdown,capability,landlock,apparmor"; NULL not known */
    bool caller_unit_is_own; /* as .unit_is_own of a process */
    bool caller_in_userns;   /* its capabilities are of another user namespace */
    bool caller_confined; /* an AppArmor or SELinux confinement other than none is on the caller */
    struct bytes profile; /* its name, .at NULL not known */

    /* The cgroup, at or above the caller's, that has programs for this call. .at NULL not known. */
    struct bytes cgroup_program; /* path of that cgroup */

    struct holders holders; /* of the requested port in that net namespace; kernel's one first */
    bool holders_complete;  /* all sockets were looked through, with the privileges that takes */
    uint64_t looked_at_ns;  /* CLOCK_BOOTTIME, may be before the call; 0 nobody looked */
    /* Of one that is half closed, if it is there too; .source 0: nobody is known to have it. */
    struct pt_holder other_end;

    uint16_t free_ports[FACTS_FREE_PORTS]; /* near the requested one, 0 none */

    struct ephemeral_use used; /* .ports 0: not looked up, or none */

    unsigned int kernel_major, kernel_minor; /* the rules differ; 0 not known */
    uint64_t now_ns;                         /* CLOCK_BOOTTIME */
    int64_t wall_offset_ns;                  /* CLOCK_REALTIME minus CLOCK_BOOTTIME */
    int64_t utc_offset_s;                    /* for the times in sentences */

    uint32_t reader_uid; /* of whom the advice is for */
    bool pids_elsewhere; /* ids of processes are not those of the reader's pid namespace */

    uint32_t command_parent; /* of porttrace run, whose command comes from it; 0 not run */
    /* Of a process that is there now, or was a moment ago, 0 none; may be NULL. */
    uint32_t (*parent_of)(void *parents, uint32_t pid);
    void *parents;

    bool asked_for_user; /* of a call that nobody has made: it is about its .process.task.uid */

    /* As struct render_names; may be NULL. */
    const char *(*user_name)(void *context, uint32_t uid);
    void *names;
};

#endif
