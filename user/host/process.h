/* SPDX-License-Identifier: GPL-2.0 */
/* A live process as /proc shows it. proc_root is "/proc", or a made-up one. */
#ifndef PORTTRACE_HOST_PROCESS_H
#define PORTTRACE_HOST_PROCESS_H

#include "user/model/arena.h"
#include "user/model/observation.h"

/*
 * Fills in .task but for .netns, .exec_id and .cgroup_id, which /proc does not tell. .start_ns is
 * as exact as a clock tick. 0 or negative errno: -ESRCH when it is gone.
 */
int process_read_task(const char *proc_root, uint32_t pid, struct pt_task *ret_task);

/* Whether the kernel shows all processes of the host here: the pid namespace is the initial one. */
bool process_all_visible(const char *proc_root);

/*
 * Whether the numbers there are those of the pid namespace that porttrace is in, which a signal is
 * sent by. /proc can be of one above, as where unshare has not mounted another, or of one below.
 */
bool process_numbers_are_ours(const char *proc_root);

/*
 * Describes the process that .task tells of: exe, command line, cgroup. -ESRCH when it is gone or
 * its number is another's now; then, and where nothing may be read, .described stays false.
 */
int process_describe(const char *proc_root, struct arena *arena, struct process_facts *facts);

#endif
