/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The descriptions of processes that the kernel sent, put together from their pieces and kept for
 * the events that follow. Pure: bytes in, facts out. Bounded: the process unused longest goes
 * first, and those that hold a port, of which a release will tell, last.
 */
#ifndef PORTTRACE_ENRICH_PROCESS_H
#define PORTTRACE_ENRICH_PROCESS_H

#include <stddef.h>

#include "user/model/observation.h"

struct process_cache;

struct process_cache *process_cache_new(size_t capacity);
void process_cache_free(struct process_cache *cache);

/* Records come from decode, whole and with their lengths checked. -ENOMEM, or 0. */
int process_cache_describe(struct process_cache *cache, const struct pt_process *record);
int process_cache_text(struct process_cache *cache, const struct pt_text *record);

/*
 * Fills in what is known of the process that made this call; .described is false where nothing is.
 * The strings hold until the next call of any function here.
 */
void process_cache_lookup(struct process_cache *cache, const struct pt_task *task,
                          struct process_facts *ret_facts);

/* The process takes a port, or gives one back. Of one that is not known nothing is kept. */
void process_cache_hold(struct process_cache *cache, const struct pt_task *task, bool takes);

/* Called with the pid of each process that is forgotten. */
typedef void process_forgotten_fn(void *context, uint32_t pid);
void process_cache_watch(struct process_cache *cache, process_forgotten_fn *on_forgotten,
                         void *context);

#endif
