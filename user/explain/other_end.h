/* SPDX-License-Identifier: GPL-2.0 */
/* Connections that this side has closed and the other has not: who has the other end. Pure. */
#ifndef PORTTRACE_EXPLAIN_OTHER_END_H
#define PORTTRACE_EXPLAIN_OTHER_END_H

#include "user/model/holder_list.h"

/* True: of what is half closed on this port, this is the other end of the first that has one. */
bool other_end_find(const struct holder_list *all, uint16_t port, struct pt_holder *ret_other_end);

/* Whether both are ends of one connection. */
bool other_end_is_of(const struct pt_holder *one, const struct pt_holder *other);

#endif
