/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that a seccomp filter refused never reach the kernel's own functions. The numbers of 32-bit
 * calls mean others: 49 is bind() here and geteuid() there.
 */
#ifndef PORTTRACE_BPF_SECCOMP_H
#define PORTTRACE_BPF_SECCOMP_H

#include "bpf/registers.h"

static __always_inline void seccomp_result(int number, int result)
{
    __u8 op = operation_of(number);
    struct task_struct *current = (void *)bpf_get_current_task();
    struct call_arguments args;

    if (result != -1 || !op || in_32bit_call(current))
        return;
    if (config.holders)
        refuser_note(PT_CHECK_SECCOMP);
    call_arguments_read(&args, current);
    if (op == PT_OP_LISTEN)
        call_close(op, args.first, 0, 0, args.second, call_result_read(current));
    else
        call_close(op, args.first, args.second, args.third, 0, call_result_read(current));
}

#endif
