/* SPDX-License-Identifier: GPL-2.0 */
/* What SIGTERM would do to a process, as /proc tells of its signals. */
#ifndef PORTTRACE_HOST_PROCESS_SIGNALS_H
#define PORTTRACE_HOST_PROCESS_SIGNALS_H

#include <stdint.h>

#include "user/model/observation.h"

/* Of the text of /proc/PID/status; TERM_ENDS where that is not known. */
enum term_effect process_signals_parse(const char *text);
enum term_effect process_signals_read(uint32_t pid);

#endif
