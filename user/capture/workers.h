/* SPDX-License-Identifier: GPL-2.0 */
/* Work for all processors, in threads that are gone when it is done. */
#ifndef PORTTRACE_CAPTURE_WORKERS_H
#define PORTTRACE_CAPTURE_WORKERS_H

#include <stddef.h>

typedef void workers_fn(void *context, size_t number);

/* Calls work for each number below count, the lower ones first. */
void workers_run(workers_fn *work, void *context, size_t count);

#endif
