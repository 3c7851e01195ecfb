/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What users, services, cgroups and net namespaces are called, as numbers that the kernel knows
 * them by. Asks the system. Each returns 0, or -EINVAL with the reason added to error.
 */
#ifndef PORTTRACE_CLI_LOOKUPS_H
#define PORTTRACE_CLI_LOOKUPS_H

#include <stdint.h>

#include "user/cli/question.h"
#include "user/cli/trace_options.h"

#define NETNS_INODE_LEAST 0xf0000000u /* namespaces are numbered from there, processes never */

int lookup_user(const char *name, uint32_t *ret_uid, struct strbuf *error);
int lookup_netns(const char *name, uint32_t *ret_inode, struct strbuf *error);
int lookup_netns_open(const char *name, int *ret_fd, struct strbuf *error);
int lookup_cgroup(const char *path, uint64_t *ret_id, struct strbuf *error);

/* Protocol NULL: any. 0: there is no such service. */
uint16_t lookup_service(const char *name, const char *protocol);

/* Puts the port of its service into the question. */
int lookup_question(struct question *question, struct strbuf *error);

/* Fills the filter from the lists of names. Processes and all that is named must exist. */
int lookup_live_filter(struct trace_options *options, struct strbuf *error);

/* Takes this host's cgroup2 mount off the paths of cgroups that were typed with it. */
void lookup_cgroup_paths(struct trace_options *options);

/*
 * As above for a file, which may be of another host: net namespaces by inode only; cgroups keep
 * their paths, which lose what this host's cgroup2 mount is called.
 */
int lookup_file_filter(struct trace_options *options, struct strbuf *error);

#endif
