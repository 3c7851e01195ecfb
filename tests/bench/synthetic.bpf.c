// SPDX-License-Identifier: GPL-2.0
/*
 * porttrace's own object with one more program, which writes events of binds that nobody made:
 * through the same ring, wake-ups and counters, but past the hooks, which would be slower. The
 * porttrace that is built with it reads them as it reads all others.
 */
#include "bpf/porttrace.bpf.c" /* NOLINT(bugprone-suspicious-include) */

#include "tests/bench/synthetic.h"

#define SYNTHETIC_PORT 40078

/* As short as the events of most binds are. */
static __always_inline void write_synthetic(const struct pt_task *task)
{
    struct pt_short_call *call = emit_reserve(sizeof(*call), PT_LOSS_RING_FULL);

    if (!call)
        return;
    __builtin_memset(call, 0, sizeof(*call));
    emit_header(&call->header, PT_KIND_SHORT_CALL, sizeof(*call), bpf_ktime_get_boot_ns());
    call->task = *task;
    call->type = SOCK_STREAM;
    call->protocol = IPPROTO_TCP;
    call->requested_port = SYNTHETIC_PORT;
    call->local_port = SYNTHETIC_PORT;
    call->op = PT_OP_BIND;
    call->entry = PT_ENTRY_SYSCALL;
    call->plan = config.plan;
    call->address_source = PT_ADDRESS_KERNEL;
    call->stage = PT_STAGE_PROTOCOL;
    call->flags = PT_CALL_SOCKET_KNOWN | PT_SHORT_REQUESTED | PT_SHORT_LOCAL;
    emit_submit(call);
}

SEC("syscall") int synthetic_calls(struct synthetic_batch *batch)
{
    __u64 thread = bpf_get_current_pid_tgid();
    struct pt_task task = {.pid = thread >> 32, .tid = thread};
    unsigned int made;

    bpf_get_current_comm(task.comm, sizeof(task.comm));
    for (made = 0; made < batch->count && made < SYNTHETIC_BATCH_MAX; made++)
        write_synthetic(&task);
    return (int)made;
}
