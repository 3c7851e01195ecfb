/* SPDX-License-Identifier: GPL-2.0 */
/* What systemd and container runtimes are asked to do. Does I/O. */
#ifndef PORTTRACE_HOST_SERVICE_MANAGER_H
#define PORTTRACE_HOST_SERVICE_MANAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "user/model/ending.h"

/* A unit, of the manager of the host or of a user. Names are checked by the caller. */
struct service_unit {
    const char *name;
    bool of_user;
    uint32_t uid;
};

/* Whether systemd runs on this host. */
bool service_manager_runs(void);

/* The main process of the unit, 0: there is none. 0, or negative errno of run_program(). */
int service_manager_main_pid(const struct service_unit *unit, uint32_t *ret_pid);

/*
 * Stops the unit and, with its sockets, also the socket units that would start it again. The status
 * that systemctl ended with, or negative errno of run_program(). What it said is in ret_said, to be
 * freed, unless negative.
 */
int service_manager_stop(const struct service_unit *unit, bool with_sockets, char **ret_said);

/* Returns as above. */
int service_manager_stop_container(struct ending_tool tool, const char *name, char **ret_said);

/* The value of a property in what systemctl show prints; its length in ret_size. Pure. */
const char *service_manager_property(const char *text, const char *name, size_t *ret_size);

#endif
