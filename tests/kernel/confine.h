/* SPDX-License-Identifier: GPL-2.0 */
/* What scenarios forbid themselves. None can be taken back but that of the cgroup. */
#ifndef TESTS_KERNEL_CONFINE_H
#define TESTS_KERNEL_CONFINE_H

#include "tests/kernel/scene.h"

/* <linux/landlock.h> of Debian 12 knows files only. */
#define LANDLOCK_BIND_TCP    (1u << 0)
#define LANDLOCK_CONNECT_TCP (1u << 1)

void confine_by_landlock(struct scene *t, uint64_t access);
void confine_by_landlock_but(struct scene *t, uint64_t access,
                             uint16_t port); /* which is allowed */

/* This system call then fails with this errno. */
void confine_by_seccomp(struct scene *t, unsigned int number, unsigned int error);

/* In a cgroup of the scenario's own. program, attach: as enum bpf_prog_type, bpf_attach_type. */
void confine_by_cgroup(struct scene *t, uint32_t program, uint32_t attach);
void confine_no_more_by_cgroup(struct scene *t, uint32_t attach);

#endif
