/* SPDX-License-Identifier: GPL-2.0 */
/* Times and lengths of time as text, without libc's time zones. */
#ifndef PORTTRACE_RENDER_MOMENT_H
#define PORTTRACE_RENDER_MOMENT_H

#include <stdint.h>

#include "user/model/strbuf.h"

/* RFC 3339 in UTC: "2026-11-21T03:47:08.000000001Z" */
void moment_add_utc(struct strbuf *out, uint64_t wall_ns);

/* Local time of day: "03:47:08.000" */
void moment_add_clock(struct strbuf *out, uint64_t wall_ns, int64_t utc_offset_s);

/* Short, for people: "850ns", "12.3us", "1.50s", "2m05s", "3h07m", "12d04h" */
void moment_add_length(struct strbuf *out, uint64_t length_ns);

#endif
