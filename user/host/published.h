/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is behind a port: the container of a proxy, the service of a socket of systemd, a rule that
 * sends on what comes without any socket. Does I/O.
 */
#ifndef PORTTRACE_HOST_PUBLISHED_H
#define PORTTRACE_HOST_PUBLISHED_H

#include "user/model/holder.h"

struct published;

struct published *published_new(void); /* NULL: no memory */
void published_free(struct published *published);

/* Forgets what was found, what holders point to too, and what was read of the host. */
void published_reset(struct published *published);

/* Fills in .published of a holder whose processes are described. 0 or -ENOMEM. */
int published_describe(struct published *published, struct holder *holder);

/*
 * The ports that rules publish in the net namespace that the calling thread is in, as holders
 * without socket state, inode and process: they stand in nobody's way. netns is its inode; port 0:
 * nothing is looked for. At most PUBLISHED_RULES_MAX. They hold until the reset.
 */
#define PUBLISHED_RULES_MAX 16
void published_by_rules(struct published *published, uint32_t netns, uint16_t port,
                        const struct holder **ret_holders, unsigned int *ret_count);

/* True: a holder of the above kind, which stands for a rule and not for a socket. Pure. */
static inline bool published_is_rule(const struct holder *holder)
{
    return holder->published && !holder->seen.socket.state && !holder->seen.socket.inode;
}

#endif
