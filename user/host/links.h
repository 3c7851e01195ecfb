/* SPDX-License-Identifier: GPL-2.0 */
/* The network devices of a net namespace, and which VRF each is in. */
#ifndef PORTTRACE_HOST_LINKS_H
#define PORTTRACE_HOST_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

struct host_link {
    int32_t ifindex;
    int32_t master;     /* 0: none */
    uint32_t vrf_table; /* of a VRF, else 0 */
    char name[PT_DEVICE_SIZE];
    bool down;
    bool no_carrier; /* up, but nothing is connected to it */
};

struct host_links {
    struct host_link *at;
    unsigned int count;
};

/* rtnetlink_open()'s. 0 or negative errno. Does I/O. */
int links_read(int fd, struct host_links *ret_links);
int links_read_here(struct host_links *ret_links); /* of the calling thread's net namespace */
void links_free(struct host_links *links);

/* NULL: there is none. Pure, as the rest. */
const struct host_link *links_find(const struct host_links *links, int32_t ifindex);

const struct host_link *links_named(const struct host_links *links, const char *name);

bool links_loopback_down(const struct host_links *links); /* false: not known, too */

/* The VRF that the device is, or is a slave of; NULL: none. */
const struct host_link *links_vrf_of(const struct host_links *links, int32_t ifindex);

#endif
