/* SPDX-License-Identifier: GPL-2.0 */
/* Events of the running kernel, as lines or into a file. */
#ifndef PORTTRACE_CLI_TRACE_LIVE_H
#define PORTTRACE_CLI_TRACE_LIVE_H

#include "user/cli/trace_options.h"

/* The names in the filter have been looked up. Returns the exit status. */
int trace_live(const struct trace_options *options);

#endif
