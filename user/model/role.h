/* SPDX-License-Identifier: GPL-2.0 */
/* What a socket does with the port that it has, in the words of who wants to use the port. Pure. */
#ifndef PORTTRACE_MODEL_ROLE_H
#define PORTTRACE_MODEL_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/holder_list.h"
#include "user/model/strbuf.h"

enum role {
    ROLE_LISTENER,
    ROLE_BOUND,      /* has the port and does nothing with it yet */
    ROLE_DATAGRAM,   /* receives from anybody */
    ROLE_SERVED,     /* a connection that a listener has accepted, or will */
    ROLE_CLIENT,     /* a connection of somebody who connected from this port */
    ROLE_CONNECTION, /* which of the two is not known */
    ROLE_CLOSING,    /* nobody has it any more: FIN_WAIT and such */
    ROLE_TIME_WAIT,
    ROLE_RULE, /* no socket: a rule of the host sends on what comes */
};

/* What is besides the socket itself. */
struct role_context {
    uint16_t range_low; /* ip_local_port_range, 0 0 not known */
    uint16_t range_high;
    bool listened; /* there is a listener of this port, protocol and net namespace */
};

enum role role_of(const struct pt_holder *seen, const struct role_context *context);

/*
 * Whether one of them listens on the port, protocol and net namespace of the one at index. They
 * must be sorted by port.
 */
bool role_is_listened(const struct holder_list *list, unsigned int index);

/* Of the sockets of one port, which stand together, the answer is looked for once. */
struct role_listened {
    uint16_t port;
    uint16_t protocol;
    uint32_t netns;
    bool known;
    bool listened;
};

/* The same for each from first to last, with the last answer; {0} at first. */
bool role_is_listened_next(struct role_listened *last, const struct holder_list *list,
                           unsigned int index);

/* A listener, a bound socket, a receiver of datagrams: what holds a port on purpose. */
bool role_is_server(enum role role);

/* A port that the kernel may have chosen: nobody asked for it, as far as is known. */
bool role_is_chosen(const struct pt_holder *seen, const struct role_context *context);

/*
 * Whether the processes that have it are those to end by whoever wants the port: never a client.
 * Those of accepted connections are only where no listener is in front of them.
 */
bool role_is_holder(const struct pt_holder *seen, const struct role_context *context);

/* "listen", "time-wait 23s", "kernel", "connected client", ... */
void role_add_state(struct strbuf *out, const struct pt_holder *seen,
                    const struct role_context *context);

#endif
