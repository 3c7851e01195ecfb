/* SPDX-License-Identifier: GPL-2.0 */
/* A socket that has a port, as several looks at it have told: without what is of its processes.
 * Pure.
 */
#ifndef PORTTRACE_MODEL_HELD_SOCKET_H
#define PORTTRACE_MODEL_HELD_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/event.h"

/* The fields of a pt_holder, in whose place there may be 10,000s of these. */
struct held_socket {
    struct pt_socket socket;
    struct pt_endpoint local;
    struct pt_endpoint peer;
    uint64_t since_ns;
    uint64_t expires_ns;
    uint32_t netns;
    uint32_t uid;
    uint32_t flags;
    uint8_t taken_by;
    uint8_t source;
    int8_t fastreuse;
    int8_t fastreuseport;
};

struct held_socket held_socket_of(const struct pt_holder *seen);

/* Back again, of no process. */
struct pt_holder held_socket_seen(const struct held_socket *socket);

/*
 * The same socket is one with the same inode in the same net namespace; one without an inode is
 * told by protocol and both endpoints.
 */
bool held_socket_same(const struct held_socket *one, const struct held_socket *other);

/* The same without the inode. */
bool held_socket_same_ends(const struct held_socket *one, const struct held_socket *other);

/*
 * Puts into the known what was seen of the same socket: through a descriptor counts for more than
 * otherwise, the earlier for more than the later.
 */
void held_socket_merge(struct held_socket *known, const struct held_socket *seen);

/* By port, protocol, address, net namespace, peer; then those without an inode last. */
int held_socket_compare(const struct held_socket *a, const struct held_socket *b);

#endif
