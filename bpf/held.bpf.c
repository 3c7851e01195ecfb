// SPDX-License-Identifier: GPL-2.0
/* The iterators over sockets alone, for a loader that asks the kernel to resolve their fields. */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#define PT_MAPS_ONLY_DECLARED
#define HELD_SEC(name) SEC(name)

#include "bpf/event.h"
#include "bpf/held.h"

char LICENSE[] SEC("license") = "GPL";
