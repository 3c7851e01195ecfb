/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of users and services, looked up once each. Does I/O (passwd and services files). Bounded:
 * of users the one looked up first goes first, so a name holds for the next NAMES_USERS_MAX - 1
 * others that are new. Unknown ones are remembered too; a name service in the network must not be
 * asked for each event.
 */
#ifndef PORTTRACE_ENRICH_NAMES_H
#define PORTTRACE_ENRICH_NAMES_H

#include "user/render/render.h"

#define NAMES_USERS_MAX    512
#define NAMES_SERVICES_MAX 16384

struct name_tables;

struct name_tables *name_tables_new(void); /* NULL: no memory */
void name_tables_free(struct name_tables *tables);
struct render_names name_tables_render(struct name_tables *tables);

#endif
