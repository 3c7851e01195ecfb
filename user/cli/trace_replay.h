/* SPDX-License-Identifier: GPL-2.0 */
/* Events of a file, as lines. Needs no privileges. */
#ifndef PORTTRACE_CLI_TRACE_REPLAY_H
#define PORTTRACE_CLI_TRACE_REPLAY_H

#include "user/cli/trace_options.h"

/* The names in the filter have been looked up. Returns the exit status. */
int trace_replay(const struct trace_options *options);

#endif
