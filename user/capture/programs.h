/* SPDX-License-Identifier: GPL-2.0 */
/* The BPF programs, as they are compiled for the running kernel. */
#ifndef PORTTRACE_CAPTURE_PROGRAMS_H
#define PORTTRACE_CAPTURE_PROGRAMS_H

#include "user/capture/kernel.h"

/* The function that reads directly. */
#define PROGRAMS_CAST "bpf_rdonly_cast"

struct porttrace;

/* Whether the kernel takes the object that reads its memory directly: from 6.2 on. */
bool programs_direct_reads(const struct kernel *kernel);

/* Opened and not loaded, with the file of the types to relocate by; NULL with errno set. */
struct porttrace *programs_open(bool direct_reads, const char *btf);

/* Gives the memory back that the objects take in this process; they can still be opened. */
void programs_shed(void);

#endif
