/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_HOST_H
#define PORTTRACE_CLI_HOST_H

#include <linux/types.h>

#include "bpf/event.h"

/* The record that a trace on this host begins with. */
struct pt_start host_start_record(enum pt_plan plan);

#endif
