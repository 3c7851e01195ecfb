/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets of one net namespace as sock_diag tells of them: to anybody, but without processes,
 * and not whether REUSEADDR or REUSEPORT is set. The kernel gives each socket that it tells of a
 * cookie.
 */
#ifndef PORTTRACE_HOST_DIAG_H
#define PORTTRACE_HOST_DIAG_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/event.h"

enum diag_what {
    DIAG_ALL,   /* TCP with TIME_WAIT, UDP, UDP-Lite */
    DIAG_BOUND, /* TCP that is bound and no more; tells of none before Linux 6.8 */
};

/* Return of the callback: 0 go on, else stop and return that. */
typedef int diag_held_fn(void *context, const struct pt_held *held);

/*
 * Of the net namespace of the calling thread, whose number is netns. port 0: all. A protocol that
 * the kernel cannot tell of is passed over. 0 or negative errno.
 */
int diag_dump(enum diag_what what, uint32_t netns, uint16_t port, diag_held_fn *on_held,
              void *context);

struct diag_request {
    uint32_t netns;
    uint8_t protocol;
    uint16_t port; /* 0: all. Of bound-only sockets the kernel tells all, whatever it is asked */
    diag_held_fn *on_held;
    void *context;
};

/*
 * A datagram of the answer, aligned as malloc() does. 0 the answer goes on, 1 that was the last
 * one, what on_held() stopped with, or negative errno: -EBADMSG where lengths contradict.
 */
int diag_take_reply(const struct diag_request *request, const void *reply, size_t size);

/* Whether this kernel can tell of TCP sockets that are bound and no more: Linux 6.8. */
bool diag_tells_of_bound(void);

#endif
