/* SPDX-License-Identifier: GPL-2.0 */
/* Which options of a trace exclude each other, and why. Pure. */
#ifndef PORTTRACE_CLI_TRACE_RULES_H
#define PORTTRACE_CLI_TRACE_RULES_H

#include "user/cli/trace_options.h"

/* 0, or -EINVAL with the reason added to error. */
int trace_rules_check(const struct trace_options *options, struct strbuf *error);

#endif
