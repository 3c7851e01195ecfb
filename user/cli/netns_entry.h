/* SPDX-License-Identifier: GPL-2.0 */
/* How a command gets from the reader's net namespace into that of a call. Does I/O. */
#ifndef PORTTRACE_CLI_NETNS_ENTRY_H
#define PORTTRACE_CLI_NETNS_ENTRY_H

#include "user/explain/facts.h"
#include "user/model/observation.h"

/* Where it is another one. A caller that is gone is stood in for only where search is true. */
void netns_entry_find(const struct observation *seen, bool search, struct facts *facts);

#endif
