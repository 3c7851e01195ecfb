/* SPDX-License-Identifier: GPL-2.0 */
/* What a net namespace allows for ports and addresses, from /proc/sys/net. */
#ifndef PORTTRACE_HOST_SYSCTL_H
#define PORTTRACE_HOST_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSCTL_PORT_WORDS 1024 /* a bit for each port */

struct sysctl_net {
    uint16_t range_low, range_high; /* ip_local_port_range */
    uint32_t unprivileged_start;    /* ip_unprivileged_port_start */
    bool nonlocal4, nonlocal6;      /* ip_nonlocal_bind */
    bool disabled6, lo_disabled6;   /* disable_ipv6 of all devices, and of the loopback device */
    unsigned int tcp_tw_reuse;      /* 0 none, 1 all connections, 2 those over loopback */
    bool tcp_l3mdev_accept;         /* TCP ports of VRFs are not apart from the others */
    bool reserved_known;
    uint64_t reserved[SYSCTL_PORT_WORDS]; /* ip_local_reserved_ports */
};

/*
 * Of the net namespace that the calling thread is in. 0, or negative errno where the range or the
 * first unprivileged port could not be read: then nothing is known. Does I/O.
 */
int sysctl_read_net(struct sysctl_net *ret_net);

/* "80,8000-8100\n" as bits. 0, or -EBADMSG for what the kernel does not write. Pure. */
int sysctl_parse_ports(const char *text, uint64_t ret_ports[SYSCTL_PORT_WORDS]);

/* Two numbers with blanks between, as in ip_local_port_range. 0 or -EBADMSG. Pure. */
int sysctl_parse_range(const char *text, uint16_t *ret_low, uint16_t *ret_high);

static inline bool sysctl_has_port(const uint64_t ports[SYSCTL_PORT_WORDS], uint16_t port)
{
    return ports[port / 64] >> port % 64 & 1;
}

#endif
