/* SPDX-License-Identifier: GPL-2.0 */
/* The few bpf() requests that tests make themselves. All return 0 or more, or negative errno. */
#ifndef TESTS_KERNEL_BPF_H
#define TESTS_KERNEL_BPF_H

#include <stdbool.h>
#include <stdint.h>

/* Attaches a program that refuses everything to the cgroup ROOT/PREFIX.NAME. */
int bpf_attach_denying(const char *root, const char *prefix, const char *name,
                       uint32_t program_type, uint32_t attach_type);

/* The reverse: takes all programs of this kind off that cgroup. */
int bpf_detach_all(const char *root, const char *prefix, const char *name, uint32_t attach_type);

/* A security module that refuses binds of this process with this errno until it is closed. */
int bpf_deny_by_lsm(uint32_t pid, int error);

/* How many programs are attached to a cgroup in this way. */
int bpf_attached_count(const char *cgroup, uint32_t attach_type);

/* command: BPF_PROG_GET_FD_BY_ID, BPF_MAP_GET_FD_BY_ID or BPF_LINK_GET_FD_BY_ID. */
bool bpf_exists(int command, uint32_t id);

#endif
