/* SPDX-License-Identifier: GPL-2.0 */
/* Which ports could be bound, and why others could not or had better not. Pure. */
#ifndef PORTTRACE_CLI_FREE_PORTS_H
#define PORTTRACE_CLI_FREE_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "user/explain/facts.h"
#include "user/explain/rules.h"
#include "user/model/holder_list.h"
#include "user/render/render.h"

#define FREE_ASKERS_MAX 4

enum free_state {
    FREE_YES = 0,
    FREE_HELD,
    FREE_PRIVILEGED,
    FREE_EPHEMERAL, /* the kernel may give it to a connection at any time */
    FREE_RESERVED,  /* somebody keeps it out of that for a server of his own */
    FREE_SERVICE,   /* known by a name */
};

struct free_search {
    struct rules_asker askers[FREE_ASKERS_MAX]; /* each must get the port; theirs does not count */
    unsigned int asker_count;
    const struct holder_list *holders; /* of all ports, sorted by port */
    const struct facts *facts;
    bool capable; /* of ports below ip_unprivileged_port_start */
    struct render_names names;
    uint16_t asked; /* for itself: its having a name is no reason against it; 0 none */
};

struct free_answer {
    enum free_state state;
    struct holder holder; /* FREE_HELD */
    const char *service;  /* FREE_SERVICE */
};

struct free_answer free_judge(const struct free_search *search, uint16_t port);

/*
 * Up to count ports from this one upwards, and where there are none any more from it downwards.
 * Returns how many.
 */
unsigned int free_find(const struct free_search *search, uint16_t from, unsigned int count,
                       uint16_t *ret_ports);

#endif
