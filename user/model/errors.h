/* SPDX-License-Identifier: GPL-2.0 */
/* Names and messages of errnos, from an own table: libc's depend on its version and on the locale.
 */
#ifndef PORTTRACE_MODEL_ERRORS_H
#define PORTTRACE_MODEL_ERRORS_H

#include "user/model/strbuf.h"

#define ERROR_MAX 4095 /* the greatest errno that a system call can return */

/* "EADDRINUSE"; "E???" where the number has no name. Never NULL. */
const char *error_name(int error);

/* "Address already in use"; "Unknown error" where the number has no name. Never NULL. */
const char *error_message(int error);

/* As error_name(), but a number without a name as "errno 599". */
void error_add_name(struct strbuf *out, int error);

/*
 * The positive errno of a name in any case, aliases (EWOULDBLOCK, ENOTSUP, EDEADLOCK) included, or
 * of a decimal number. -ENOENT where there is none.
 */
int error_number(const char *name);

#endif
