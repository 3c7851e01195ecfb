/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTTRACE_CLI_CLOCK_H
#define PORTTRACE_CLI_CLOCK_H

#include <stdint.h>

uint64_t clock_boot_ns(void);
uint64_t clock_wall_ns(void);
uint64_t clock_wall_offset_ns(void);          /* CLOCK_REALTIME minus CLOCK_BOOTTIME */
int64_t clock_utc_offset_s(uint64_t wall_ns); /* local time minus UTC at that time */

#endif
