/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts together what several looks at the sockets of a host have found: one holder for each socket,
 * with every process that has it, however often and from wherever it was seen. Pure.
 */
#ifndef PORTTRACE_MODEL_HOLDINGS_H
#define PORTTRACE_MODEL_HOLDINGS_H

#include "user/model/holder.h"

struct holdings;

struct holdings *holdings_new(void); /* NULL: no memory */
void holdings_free(struct holdings *holdings);

/* Forgets everything, holders that were handed out included. */
void holdings_reset(struct holdings *holdings);

/*
 * The same socket is one with the same inode in the same net namespace; one without an inode is
 * told by protocol and both endpoints. What was seen through a descriptor counts for more than what
 * was seen otherwise, and the earlier for more than the later. 0 or -ENOMEM.
 */
int holdings_add(struct holdings *holdings, const struct pt_holder *seen);

/*
 * A process that has the socket with this inode, wherever that is; nothing if none was added that
 * has it. 0 or -ENOMEM.
 */
int holdings_add_process(struct holdings *holdings, uint64_t inode, const struct pt_task *task,
                         int fd);

/* Each process once, to be described before the holders are asked for. Holds until the next add. */
struct process_facts *holdings_processes(struct holdings *holdings, unsigned int *ret_count);

/*
 * Sorted by port, protocol, address, netns; of the processes pid 1 last, the oldest first. Before
 * anything else is added comes a reset.
 */
int holdings_finish(struct holdings *holdings, struct holders *ret_holders);

/*
 * The holders that were handed out, to be completed, with room for so many more behind them; they
 * may have moved. NULL: no memory.
 */
struct holder *holdings_extend(struct holdings *holdings, unsigned int more);

#endif
