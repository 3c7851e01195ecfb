/* SPDX-License-Identifier: GPL-2.0 */
/* What libbpf says while a plan is tried is kept for the reason of a refusal, not printed. */
#ifndef PORTTRACE_CAPTURE_LOG_H
#define PORTTRACE_CAPTURE_LOG_H

#include <stdbool.h>

void log_start(void);
void log_add(const char *format, ...) __attribute__((format(printf, 1, 2))); /* as libbpf would */
bool log_is_wanted(void);      /* in full, by the environment */
const char *log_summary(void); /* what was said last, without the verifier's listing */

#endif
