/* SPDX-License-Identifier: GPL-2.0 */
/* What systemd and container runtimes are asked to do. Does I/O. */
#ifndef PORTTRACE_HOST_SERVICE_MANAGER_H
#define PORTTRACE_HOST_SERVICE_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/model/ending.h"

/* Whether systemd runs on this host. */
bool service_manager_runs(void);

/* The main process of the service, 0: there is none. 0, or negative errno of run_program(). */
int service_manager_main_pid(const struct ending *service, uint32_t *ret_pid);

/*
 * Ends it. The status that the program ended with which was asked to, or negative errno of
 * run_program(). What it said is in ret_said, to be freed, unless negative.
 */
int service_manager_stop(const struct ending *ending, char **ret_said);

/* The value of a property in what systemctl show prints; its length in ret_size. Pure. */
const char *service_manager_property(const char *text, const char *name, size_t *ret_size);

#endif
