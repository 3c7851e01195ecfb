/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that really hold a port, and the same as porttrace would know them. */
#ifndef TESTS_RULES_HOLD_H
#define TESTS_RULES_HOLD_H

#include "tests/rules/spot.h"
#include "user/model/holder.h"

#define HOLD_SOCKETS_MAX 2
#define HOLD_FDS_MAX     4

enum hold_state {
    HOLD_BOUND,
    HOLD_LISTENING,
    HOLD_CHILD,      /* of a listener that was closed */
    HOLD_WITH_CHILD, /* a listener and its child */
    HOLD_TIME_WAIT,
    HOLD_ORPHAN,         /* closed while it still had to send: FIN_WAIT1 */
    HOLD_OUTGOING,       /* connected from whatever port the kernel chose */
    HOLD_OUTGOING_BOUND, /* connected from a port that was asked for */
    HOLD_STATES,
};

struct hold {
    uint16_t port;
    struct pt_holder seen[HOLD_SOCKETS_MAX];
    unsigned int count;
    int fds[HOLD_FDS_MAX];
    unsigned int fd_count;
};

const char *hold_state_name(enum hold_state state);

/* Whether sockets of this kind get into that state. via_ipv6: who connects comes over IPv6. */
bool hold_is_possible(const struct spot *spot, enum hold_state state, bool via_ipv6);

/* Ends the program where the kernel does not do its part. */
void hold_take(const struct spot *spot, enum hold_state state, bool via_ipv6, uint16_t port,
               struct hold *ret_hold);
void hold_give_back(struct hold *hold);

/* As it is now, from what the kernel tells of the descriptor. */
void hold_describe(int fd, const struct spot *spot, uint8_t state, struct pt_holder *ret_seen);

void hold_kernel(unsigned int *ret_major, unsigned int *ret_minor);

/* The running kernel is this version or a later one. */
bool hold_kernel_is(unsigned int least_major, unsigned int least_minor);

#endif
