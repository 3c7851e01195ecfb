/* SPDX-License-Identifier: GPL-2.0 */
/* Which call is to fail, and which there are; see interpose.c. */
#ifndef TESTS_FAULTS_SITES_H
#define TESTS_FAULTS_SITES_H

#include <stdbool.h>
#include <stdint.h>

/* Called by a function of that name, and of no other: its callers are what tells sites apart. errno
 * is set where it returns true, else left alone. */
bool site_fails(const char *kind, const char *name);
int site_errno(void);

/* What the function would be if it were not interposed. */
void sites_find_next(void *ret_function, const char *name);

#endif
