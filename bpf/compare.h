/* SPDX-License-Identifier: GPL-2.0 */
/* Comparisons without a branch: the verifier would look at what follows once for each outcome. */
#ifndef PORTTRACE_BPF_COMPARE_H
#define PORTTRACE_BPF_COMPARE_H

#include <bpf/bpf_helpers.h>

#include "bpf/event.h"

/* 1 or 0. The compiler must not know that, or it branches by it. */
static __always_inline __u32 differ(__u64 one, __u64 other)
{
    __u32 result = pt_is_set((one ^ other) | (one ^ other) >> 32);

    barrier_var(result);
    return result;
}

static __always_inline bool words_differ(const void *one, const void *other, __u32 size)
{
    const __u64 *a = one, *b = other;
    __u64 difference = 0;

    for (__u32 i = 0; i < size / sizeof(*a); i++)
        difference |= a[i] ^ b[i];
    return difference;
}

#endif
