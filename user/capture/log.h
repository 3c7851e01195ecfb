/* SPDX-License-Identifier: GPL-2.0 */
/* What libbpf says while a plan is tried is kept for the reason of a refusal, not printed. */
#ifndef PORTTRACE_CAPTURE_LOG_H
#define PORTTRACE_CAPTURE_LOG_H

void log_start(void);
const char *log_summary(void); /* what was said last, without the verifier's listing */

#endif
