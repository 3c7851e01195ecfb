/* SPDX-License-Identifier: GPL-2.0 */
/* From which range each net namespace chooses ports. Does I/O, once for each between two forgets.
 */
#ifndef PORTTRACE_CLI_LIST_RANGE_H
#define PORTTRACE_CLI_LIST_RANGE_H

#include "bpf/event.h"
#include "user/model/ports.h"

struct list_ranges;

struct list_ranges *list_ranges_new(void); /* NULL: no memory */
void list_ranges_free(struct list_ranges *ranges);
void list_ranges_forget(struct list_ranges *ranges);

/* Of that of the socket, as port_range_of() tells. The context is a list_ranges. */
struct port_range list_range_of(void *context, const struct pt_holder *seen);

#endif
