/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a trace knows of the sockets that it follows, for those of them that were looked up. Both
 * can be many thousands, so that not each is compared with each. Pure.
 */
#ifndef PORTTRACE_CLI_FOLLOWED_H
#define PORTTRACE_CLI_FOLLOWED_H

#include "user/model/holder.h"

struct followed;

/* What was looked up, which must outlive it and keep its sockets. NULL: no memory. */
struct followed *followed_new(struct holder *holders, unsigned int count);
void followed_free(struct followed *followed);

/* Of one that is followed: since when and how the same socket has its port, where not yet known. */
void followed_tell(const struct followed *followed, const struct pt_holder *seen);

#endif
