/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The checksum of a PT_KIND_SEAL: tells what a disk or a copy has altered, not what somebody has
 * forged. Pure.
 */
#ifndef PORTTRACE_DECODE_SEAL_H
#define PORTTRACE_DECODE_SEAL_H

#include <stddef.h>
#include <stdint.h>

/* Of these bytes, which follow the seal whose sum is given; 0: they are the first. */
uint64_t seal_sum(uint64_t before, const void *at, size_t size);

#endif
