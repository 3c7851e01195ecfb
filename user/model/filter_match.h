/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The filter of the kernel for events that were recorded without it. Pure. Children of a process
 * are found by the parents that events name: one whose line of parents passes through a process
 * without any event is missed.
 */
#ifndef PORTTRACE_MODEL_FILTER_MATCH_H
#define PORTTRACE_MODEL_FILTER_MATCH_H

#include "user/model/filter.h"
#include "user/model/observation.h"

struct filter_match;

/*
 * A cgroup is meant by its path here, and with all below it: an id says nothing on another host or
 * boot, so .cgroup_ids are not looked at. The paths are borrowed. NULL: no memory.
 */
struct filter_match *filter_match_new(const struct filter *filter, const char *const *cgroups,
                                      unsigned int cgroup_count);
void filter_match_free(struct filter_match *match);

/*
 * Learns of a process, which may be the parent of a later one; also of each one that an observation
 * names, before that is matched. -ENOMEM, or 0.
 */
int filter_match_process(struct filter_match *match, const struct pt_task *task);

bool filter_match(const struct filter_match *match, const struct observation *seen);

/* The path of a cgroup, and one that was typed, with or without slashes at its ends. */
bool filter_is_at_or_below(const struct bytes *path, const char *cgroup);

/* The enum filter_protocol that this is, 0 none of them. */
uint32_t filter_protocol_bit(const struct pt_socket *socket);

#endif
