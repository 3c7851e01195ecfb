/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Libbpf makes the maps and relocates the programs; this loads them, on all processors at once,
 * since the verifier takes most of the time of a start.
 */
#ifndef PORTTRACE_CAPTURE_LOADER_H
#define PORTTRACE_CAPTURE_LOADER_H

#include <stddef.h>

#include "user/capture/kernel.h"

struct porttrace;

/* Once, before an object is opened that is to be loaded so. */
int loader_register(void);

/*
 * What the kernel calls the target that a program of this section is attached to, and of what kind
 * that is. False: its type has no target.
 */
bool loader_target(const char *section, char *ret_name, size_t size, uint32_t *ret_kind);

/* 0, or negative errno, about which the log says more. */
int loader_load(const struct kernel *kernel, struct porttrace *skeleton);

#endif
