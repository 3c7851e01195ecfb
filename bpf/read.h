/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How kernel memory is read. From 6.2 on the verifier believes a pointer's type and lets it be read
 * like any other, which takes an instruction; before, each step along a chain takes a call that
 * copies. The programs are compiled once for each way; user/capture takes the object that fits.
 * BPF_CORE_READ and the second object can go when kernels before 6.2 do.
 */
#ifndef PORTTRACE_BPF_READ_H
#define PORTTRACE_BPF_READ_H

/* A pointer that the verifier follows, as the number that a helper has copied. */
static __always_inline __u64 number_of(const void *pointer)
{
    __u64 number = 0;

    bpf_probe_read_kernel(&number, sizeof(number), &pointer);
    return number;
}

/*
 * Verified once for itself, and not with each of its callers. Before 5.12 such functions take no
 * pointers.
 */
#ifdef PT_DIRECT_READS
#define VERIFIED_ONCE __noinline
#else
#define VERIFIED_ONCE static __always_inline
#endif

#ifdef PT_DIRECT_READS

/* In place of bpf_rdonly_cast() of the kernel, which user/capture/loader.c puts in. */
static void *(*rdonly_cast)(const void *pointer, __u32 type_id) = (void *)PT_RDONLY_CAST;

#define TYPED(pointer)                                                                             \
    ((typeof(pointer))rdonly_cast((pointer), bpf_core_type_id_kernel(typeof(*(pointer)))))
#define READ(pointer, ...) ___arrow(TYPED(pointer), __VA_ARGS__)
#define READ_INTO(to, pointer, ...)                                                                \
    __builtin_memcpy((to), &___arrow(TYPED(pointer), __VA_ARGS__), sizeof(*(to)))
#define READ_COMM(to, task) READ_INTO(to, task, comm)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "bits are counted from below");
/*
 * Of those read here none crosses a byte. BPF_CORE_READ_BITFIELD has a branch for each size that
 * there could be, of which all but one are dead.
 */
#define READ_BITFIELD(pointer, field)                                                              \
    ({                                                                                             \
        typeof(pointer) typed_pointer = TYPED(pointer);                                            \
        __u32 bits_above = __CORE_RELO(typed_pointer, field, LSHIFT_U64);                          \
        __u32 bits_beside = __CORE_RELO(typed_pointer, field, RSHIFT_U64);                         \
        __u32 bits_below = bits_beside - bits_above;                                               \
        const __u8 *byte = (const void *)typed_pointer +                                           \
                           __CORE_RELO(typed_pointer, field, BYTE_OFFSET) + bits_below / 8;        \
                                                                                                   \
        *byte >> bits_below % 8 & (~0ull >> bits_beside);                                          \
    })

#else

#define READ(pointer, ...)          BPF_CORE_READ(pointer, __VA_ARGS__)
#define READ_INTO(to, pointer, ...) BPF_CORE_READ_INTO(to, pointer, __VA_ARGS__)
/* Before 5.17 the end of a longer name stays behind the NUL of a shorter one. */
#define READ_COMM(to, task)                                                                        \
    do {                                                                                           \
        __builtin_memset((to), 0, sizeof(*(to)));                                                  \
        BPF_CORE_READ_STR_INTO(to, task, comm);                                                    \
    } while (0)
#define READ_BITFIELD(pointer, field) BPF_CORE_READ_BITFIELD_PROBED(pointer, field)

#endif

#endif
