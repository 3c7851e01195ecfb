/* SPDX-License-Identifier: GPL-2.0 */
/* What a program that used BPF could have left behind in the kernel. */
#ifndef TESTS_KERNEL_LEFTOVERS_H
#define TESTS_KERNEL_LEFTOVERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEFTOVERS_IDS_MAX 512

/* BPF objects that a process holds, from /proc/PID/fdinfo. */
struct bpf_ids {
    struct {
        int command; /* BPF_PROG_GET_FD_BY_ID and its like */
        uint32_t id;
    } at[LEFTOVERS_IDS_MAX];
    size_t count;
};

/* The state that must be the same before, during and after a trace. */
struct surroundings {
    char mounts[65536];
    char probes[65536];  /* kprobe_events of tracefs */
    unsigned int pinned; /* files in /sys/fs/bpf */
};

void bpf_ids_of(int pid, struct bpf_ids *ret_ids);
/* Waits until none of them exists any more; false: one stays. */
bool bpf_ids_gone(const struct bpf_ids *ids);

void surroundings_look(struct surroundings *ret_now);
/* NULL: they are the same; else what differs. */
const char *surroundings_differ(const struct surroundings *before, const struct surroundings *now);

/* Programs attached to the root of cgroup2 for sockets and their addresses, -1: no cgroup2. */
int cgroup_attachments(void);

#endif
