/* SPDX-License-Identifier: GPL-2.0 */
/* What an address is in a net namespace, as bind() goes by it. */
#ifndef PORTTRACE_HOST_ADDRESS_H
#define PORTTRACE_HOST_ADDRESS_H

#include <linux/types.h>
#include <stdbool.h>

#include "bpf/event.h"
#include "user/explain/facts.h"
#include "user/host/links.h"

struct address_question {
    struct pt_endpoint wanted; /* IPv4, or IPv6 where a mapped IPv4 address is one */
    int32_t device_ifindex;    /* that the socket is bound to, 0 none */
};

struct address_answer {
    enum address_state state;
    char device[PT_DEVICE_SIZE]; /* that has it, or its VRF; "" not known */
};

/*
 * In the net namespace that the calling thread is in. 0, -ENODEV: the socket's device or the scope
 * does not exist there, or other negative errno; then .state is ADDRESS_UNKNOWN. Does I/O.
 */
int address_look_up(const struct address_question *question, struct address_answer *ret_answer);

/* What an address is whatever the host has: wildcard, multicast, or else unknown. Pure. */
enum address_state address_of_itself(const struct pt_endpoint *wanted);

/* An address that a device of this host has. */
struct address_found {
    int32_t ifindex;
    bool on_link; /* good on its own device only: of link or host scope */
    bool tentative, optimistic, duplicate;
};

/*
 * Weighs one more place that has the address against the best so far, which begins as
 * ADDRESS_ABSENT. Pure.
 */
void address_weigh(const struct host_links *links, int32_t device_ifindex,
                   const struct address_found *found, struct address_answer *answer);

/* The device that counts for the question: that of the scope, else of the socket; 0 none. Pure. */
int32_t address_device(const struct address_question *question);

#endif
