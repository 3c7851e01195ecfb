/* SPDX-License-Identifier: GPL-2.0 */
/* Which security modules there are, and what they hold a process to. */
#ifndef PORTTRACE_HOST_SECURITY_H
#define PORTTRACE_HOST_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * "lockdown,capability,landlock,apparmor", to be freed. 0, -ENOENT where securityfs is not mounted,
 * or other negative errno. Does I/O.
 */
int security_read_modules(char **ret_modules);

/*
 * What /proc/PID/attr/current says, to be freed, and whether that restrains the process: a profile
 * of AppArmor that is enforced, or a type of SELinux other than the unconfined ones. 0 or negative
 * errno. Does I/O.
 */
int security_read_confinement(pid_t pid, char **ret_profile, bool *ret_confined);

/* It has its capabilities in another user namespace than this process. False also: not known. */
bool security_in_other_userns(pid_t pid);

/*
 * The name of the profile or the context is the first ret_length bytes. False: the process is free,
 * or nothing can be told. Pure.
 */
bool security_parse_confinement(const char *current, size_t *ret_length);

#endif
