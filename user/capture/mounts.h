/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kernel file systems that need not be mounted: where tracefs is not, it is opened on a mount of
 * our own that is attached nowhere and goes with its descriptor. cgroup2 is opened where it is
 * mounted, since mounting it sets its options, for the whole system.
 */
#ifndef PORTTRACE_CAPTURE_MOUNTS_H
#define PORTTRACE_CAPTURE_MOUNTS_H

/*
 * A directory descriptor, or negative errno: -EPERM it is not mounted and mounting is refused,
 * -EACCES the caller must not look into it, -ENODEV this kernel has none, -EBUSY it cannot be seen
 * here, and must not be mounted a second time.
 */
int mounts_open(const char *type);

#endif
