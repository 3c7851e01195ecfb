/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the options that filter do to a struct trace_options. Pure, but for names of services, which
 * the system's file has.
 */
#ifndef PORTTRACE_CLI_TRACE_FILTERS_H
#define PORTTRACE_CLI_TRACE_FILTERS_H

#include "user/cli/options.h"

option_take_fn trace_take_pid;
option_take_fn trace_take_comm;
option_take_fn trace_take_port;
option_take_fn trace_take_protocol;
option_take_fn trace_take_user;
option_take_fn trace_take_cgroup;
option_take_fn trace_take_netns;
option_take_fn trace_take_op;
option_take_fn trace_take_errno;

#endif
