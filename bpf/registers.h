/* SPDX-License-Identifier: GPL-2.0 */
/* The arguments of the system call that the current thread is in, from its saved registers. */
#ifndef PORTTRACE_BPF_REGISTERS_H
#define PORTTRACE_BPF_REGISTERS_H

#include "bpf/call.h"

struct call_arguments {
    __u64 first;
    __u64 second;
    __u64 third;
};

#if defined(__TARGET_ARCH_x86)
#define NR_CONNECT          42
#define NR_BIND             49
#define NR_LISTEN           50
#define NR_32BIT_SOCKETCALL 102
#define STACK_BYTES         16384
#define REGISTER_FIRST      di
#define REGISTER_SECOND     si
#define REGISTER_THIRD      dx
#define REGISTER_RESULT     ax
#define REGISTER_NUMBER     orig_ax
#else
#define NR_BIND         200
#define NR_LISTEN       201
#define NR_CONNECT      203
#define STACK_BYTES     16384
#define REGISTER_FIRST  orig_x0
#define REGISTER_SECOND user_regs.regs[1]
#define REGISTER_THIRD  user_regs.regs[2]
#define REGISTER_RESULT user_regs.regs[0]
#define REGISTER_NUMBER user_regs.regs[8]
#endif

/*
 * bpf_task_pt_regs() came with 5.15. Before, the registers are at the end of the kernel stack;
 * after, kernels may leave a gap there (FRED, 6.9). The second way can go when kernels before 5.15
 * do.
 */
static __always_inline __u64 registers_at(__u64 stack)
{
    if (bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
        return number_of((void *)bpf_task_pt_regs(bpf_get_current_task_btf())) - stack;
    return STACK_BYTES - bpf_core_type_size(struct pt_regs);
}

/* Where they are in a stack is the same for all, and is asked for once. */
static __always_inline struct pt_regs *task_registers(struct task_struct *current)
{
    void *stack = READ(current, stack);

    if (!control.registers_at)
        control.registers_at = registers_at(number_of(stack));
    return stack + control.registers_at;
}

static __always_inline void call_arguments_read(struct call_arguments *args,
                                                struct task_struct *current)
{
    struct pt_regs *regs = task_registers(current);

    args->first = READ(regs, REGISTER_FIRST);
    args->second = READ(regs, REGISTER_SECOND);
    args->third = READ(regs, REGISTER_THIRD);
}

static __always_inline long call_result_read(struct task_struct *current)
{
    struct pt_regs *regs = task_registers(current);

    return READ(regs, REGISTER_RESULT);
}

static __always_inline long call_number_read(struct task_struct *current)
{
    struct pt_regs *regs = task_registers(current);

    return READ(regs, REGISTER_NUMBER);
}

/* The operation of a system call, 0 for others. */
static __always_inline __u8 operation_of(long number)
{
    switch (number) {
    case NR_BIND:
        return PT_OP_BIND;
    case NR_LISTEN:
        return PT_OP_LISTEN;
    case NR_CONNECT:
        return PT_OP_CONNECT;
    }
    return 0;
}

/* A 32-bit system call: the tracepoints of system calls pass these by. */
static __always_inline bool in_32bit_call(struct task_struct *current)
{
#if defined(__TARGET_ARCH_x86)
    return READ(current, thread_info.status) & 2; /* TS_COMPAT */
#else
    return READ(current, thread_info.flags) >> 22 & 1; /* TIF_32BIT */
#endif
}

/*
 * What a 32-bit bind or listen was called with: its own system call, or one for all of sockets that
 * has the arguments in memory.
 */
static __always_inline void call_note_32bit_arguments(struct call_state *call)
{
#if defined(__TARGET_ARCH_x86)
    struct pt_regs *regs = task_registers((void *)bpf_get_current_task());
    __u32 args[3] = {READ(regs, bx), READ(regs, cx), READ(regs, dx)};

    if (READ(regs, orig_ax) == NR_32BIT_SOCKETCALL)
        bpf_probe_read_user(args, sizeof(args), (void *)(__u64)args[1]);
    call->fd = args[0];
    if (call->op == PT_OP_LISTEN)
        call->backlog = args[1];
    else
        call->address_size = args[2];
#endif
}

#endif
