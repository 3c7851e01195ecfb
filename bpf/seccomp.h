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
    struct call_arguments args;

    if (result != -1 || in_32bit_call() ||
        (number != NR_BIND && number != NR_LISTEN && number != NR_CONNECT))
        return;
    if (config.holders)
        refuser_note(PT_CHECK_SECCOMP);
    call_arguments_read(&args);
    call_close_by_number(number, &args, args.result);
}

#endif
