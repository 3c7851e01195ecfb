/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holders by their place, each made when it is looked at: a host may have so many that they are
 * kept smaller than that. Pure.
 */
#ifndef PORTTRACE_MODEL_HOLDER_LIST_H
#define PORTTRACE_MODEL_HOLDER_LIST_H

#include "user/model/holder.h"

struct holder_list {
    unsigned int count;
    struct holder (*make)(const void *source, unsigned int index);
    const void *source;
};

static inline struct holder holder_list_at(const struct holder_list *list, unsigned int index)
{
    return list->make(list->source, index);
}

/* Of an array, which stays where it is. */
struct holder_list holder_list_of(const struct holders *holders);

/* Where the holders of this port, or else of a greater one, begin. They must be sorted by port. */
unsigned int holder_list_first(const struct holder_list *list, uint16_t port);

/* How many there are of that port, from this place on. */
unsigned int holder_list_run(const struct holder_list *list, unsigned int first, uint16_t port);

#endif
