/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records whose numbers are any and whose kinds are known: what decode would refuse is brought
 * into its range, so that nearly every input gets as far as the renderers.
 */
#ifndef PORTTRACE_TESTS_FUZZ_RECORDS_H
#define PORTTRACE_TESTS_FUZZ_RECORDS_H

#include <sys/socket.h>

#include "bpf/event.h"
#include "tests/fuzz/input.h"

static inline void tidy_endpoint(struct pt_endpoint *endpoint)
{
    static const uint16_t families[] = {0, AF_INET, AF_INET6, AF_INET};

    endpoint->family = families[endpoint->family % 4];
}

/* Few processes, so that descriptions find theirs. */
static inline void tidy_task(struct pt_task *task)
{
    task->pid %= 4;
    task->start_ns %= 2;
    task->exec_id %= 2;
    task->cgroup_id %= 2;
}

static inline void tidy_call(struct pt_call *call)
{
    tidy_task(&call->task);
    tidy_endpoint(&call->requested);
    tidy_endpoint(&call->local);
    call->error = (int32_t)((uint32_t)call->error % 134);
    call->op = 1 + call->op % PT_OP_AUTOBIND;
    call->entry %= PT_ENTRY_SEND + 1;
    call->plan = 1 + call->plan % PT_PLAN_RESTRICTED;
    call->address_source %= PT_ADDRESS_USER + 1;
    call->stage %= PT_STAGE_PROTOCOL + 1;
}

static inline void tidy_holder(struct pt_holder *holder)
{
    tidy_task(&holder->task);
    tidy_endpoint(&holder->local);
    tidy_endpoint(&holder->peer);
    holder->taken_by %= PT_OP_AUTOBIND + 1;
    holder->source %= PT_HOLDER_LOOKUP + 1;
}

static inline void tidy_refusal(struct pt_refusal *refusal)
{
    refusal->check %= PT_CHECKS;
    tidy_holder(&refusal->holder);
}

#endif
