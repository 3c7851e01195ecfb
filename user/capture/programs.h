/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs, as they are compiled for the running kernel. */
#ifndef PORTTRACE_CAPTURE_PROGRAMS_H
#define PORTTRACE_CAPTURE_PROGRAMS_H

#include "user/capture/kernel.h"

struct porttrace;

/* Whether the kernel takes the object that reads its memory directly: from 6.2 on. */
bool programs_direct_reads(const struct kernel *kernel);

/* Opened and not loaded; NULL with errno set. */
struct porttrace *programs_open(bool direct_reads);

#endif
