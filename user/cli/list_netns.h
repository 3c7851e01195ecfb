/* SPDX-License-Identifier: GPL-2.0 */
/* The names that ip netns gave to net namespaces. Does I/O. */
#ifndef PORTTRACE_CLI_LIST_NETNS_H
#define PORTTRACE_CLI_LIST_NETNS_H

#include <stdint.h>

struct list_netns;

struct list_netns *list_netns_new(void); /* NULL: no memory */
void list_netns_free(struct list_netns *names);
void list_netns_read_again(struct list_netns *names);

/* "-" for the one that porttrace itself is in; NULL: has no name. The context is a list_netns. */
const char *list_netns_name(void *context, uint32_t netns);

#endif
