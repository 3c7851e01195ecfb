/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel file systems that need not be mounted: each is opened on a mount of our own that is
 * attached nowhere and goes with its descriptor.
 */
#ifndef PORTTRACE_CAPTURE_MOUNTS_H
#define PORTTRACE_CAPTURE_MOUNTS_H

/* A directory descriptor, or negative errno. */
int mounts_open_detached(const char *type);
int mounts_open_cgroup2(void);

#endif
