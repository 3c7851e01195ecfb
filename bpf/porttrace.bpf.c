// SPDX-License-Identifier: GPL-2.0
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "bpf/event.h"
#include "bpf/hooks_holders.h" /* first: beginnings are attached last */
#include "bpf/hooks_fexit.h"
#include "bpf/hooks_kprobe.h"
#include "bpf/hooks_restricted.h"
#include "bpf/follow.h"
#include "bpf/held.h"

char LICENSE[] SEC("license") = "GPL";
