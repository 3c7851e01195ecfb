/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this host knows that matters for a call: the rules of the caller's net namespace, what its
 * address is there, what security modules and cgroups hold it to, who holds the port. Does I/O.
 */
#ifndef PORTTRACE_CLI_FACTS_HERE_H
#define PORTTRACE_CLI_FACTS_HERE_H

#include "user/cli/survey.h"
#include "user/explain/facts.h"
#include "user/model/observation.h"

struct facts_gatherer;

/* Without a surveyor nobody looks for holders and free ports. NULL: no memory. */
struct facts_gatherer *facts_gatherer_new(struct surveyor *surveyor);
void facts_gatherer_free(struct facts_gatherer *gatherer);

/* What facts depend on: calls for which it is the same, byte by byte, have the same facts. */
struct facts_question {
    struct pt_endpoint wanted;
    uint32_t netns;
    uint32_t pid;
    uint32_t uid;
    int32_t error;
    int32_t device_ifindex;
    uint32_t options;
    uint16_t op;
    uint16_t family;
    uint16_t type;
    uint16_t protocol;
    uint32_t capable;
};

struct facts_question facts_question_of(const struct observation *seen);

/*
 * netns_fd: the net namespace of the call, which stays open; -1: the one that the caller was in is
 * looked for, also when the caller is gone. What cannot be had is unknown in the facts, which hold
 * until the next call with the same gatherer and no longer than a survey of its surveyor. 0,
 * -ENODEV where the device of the socket or of the scope does not exist: the facts are filled in
 * all the same; or other negative errno.
 */
int facts_gather(struct facts_gatherer *gatherer, const struct observation *seen, int netns_fd,
                 struct facts *ret_facts);

/* The address of another call in the same net namespace, into facts that are gathered already. */
int facts_gather_address(struct facts_gatherer *gatherer, const struct observation *seen,
                         int netns_fd, struct facts *facts);

/* Rules that send what comes for the port elsewhere: they are no holders, and hold as the facts do.
 */
struct holders facts_rules(const struct facts_gatherer *gatherer);

/* All TCP and UDP sockets at the port were seen, even if not who has them and with which options.
 */
bool facts_saw_sockets(const struct facts_gatherer *gatherer);

/* What a look for holders could not reach, for people; NULL: nothing, or nobody looked. */
const char *facts_missing(const struct facts_gatherer *gatherer);

#endif
