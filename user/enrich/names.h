/* SPDX-License-Identifier: GPL-2.0 */
/* Names of users and services, looked up once each. Does I/O (passwd and services files). */
#ifndef PORTTRACE_ENRICH_NAMES_H
#define PORTTRACE_ENRICH_NAMES_H

#include "user/render/render.h"

struct name_tables;

struct name_tables *name_tables_new(void); /* NULL: no memory */
void name_tables_free(struct name_tables *tables);
struct render_names name_tables_render(struct name_tables *tables);

#endif
