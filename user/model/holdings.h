/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts together what several looks at the sockets of a host have found: one holder for each socket,
 * with every process that has it, however often and from wherever it was seen. Pure.
 */
#ifndef PORTTRACE_MODEL_HOLDINGS_H
#define PORTTRACE_MODEL_HOLDINGS_H

#include "user/model/holder_list.h"

struct holdings;

struct holdings *holdings_new(void); /* NULL: no memory */
void holdings_free(struct holdings *holdings);

/* Forgets everything, holders that were handed out included. */
void holdings_reset(struct holdings *holdings);

/*
 * A socket that has its port still; the same, by held_socket_same(), is put together by
 * held_socket_merge(). 0 or -ENOMEM.
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

/* All is there. Before anything else is added comes a reset. 0 or -ENOMEM. */
int holdings_finish(struct holdings *holdings);

/*
 * What is finished: sorted by port, protocol, address, netns; of the processes pid 1 last, the
 * oldest first. Holds until something is appended or forgotten.
 */
struct holder_list holdings_holders(const struct holdings *holdings);

/*
 * Of what is finished there is no list any more, as where it was very long and has been gone
 * through. What holders out of it point to still is.
 */
void holdings_drop_list(struct holdings *holdings);

/* To what is finished: what is behind the one at that place of the list. */
void holdings_publish(struct holdings *holdings, unsigned int index,
                      const struct holder_published *published);

/* To what is finished: behind all others one that no process has. 0 or -ENOMEM. */
int holdings_append(struct holdings *holdings, const struct holder *holder);

#endif
