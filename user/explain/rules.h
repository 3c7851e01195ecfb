/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own rules for who may share a port, for one socket that asks and one that holds.
 * Pure. What advice says about an option is tried out here first: the same question with the option
 * set.
 */
#ifndef PORTTRACE_EXPLAIN_RULES_H
#define PORTTRACE_EXPLAIN_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "user/model/holder.h"

/* A socket that asks for a port. */
struct rules_asker {
    enum pt_op op;   /* bind or listen */
    uint16_t family; /* of the socket */
    uint16_t type;
    uint16_t protocol;
    struct pt_endpoint wanted; /* .port not 0 */
    uint32_t options;          /* enum pt_option */
    uint32_t uid;
    int32_t device_ifindex;                  /* 0: any */
    uint64_t inode;                          /* its own, which is never in its way; 0 not known */
    uint32_t netns;                          /* 0: that of the holders */
    unsigned int kernel_major, kernel_minor; /* 0: not known, taken for a new one */
};

/* True: this holder alone is enough for the kernel to refuse. */
bool rules_conflict(const struct rules_asker *asker, const struct pt_holder *holder);

/* Whether their addresses overlap, options of sharing left aside. */
bool rules_overlap(const struct rules_asker *asker, const struct pt_holder *holder);

/* The user that SO_REUSEPORT goes by. False: not known. */
bool rules_holder_uid(const struct pt_holder *holder, uint32_t *ret_uid);

#endif
