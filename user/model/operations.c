// SPDX-License-Identifier: GPL-2.0
#include "user/model/operations.h"

enum outcome operation_outcome(const struct observation *seen)
{
    if (!seen->error)
        return OUTCOME_SUCCESS;
    return pt_call_failed(seen->op, (__u32)seen->error) ? OUTCOME_FAILURE : OUTCOME_UNKNOWN;
}

bool operation_is_disconnect(const struct observation *seen)
{
    return seen->op == PT_OP_CONNECT && !seen->error && !seen->requested.family &&
           seen->address_source != PT_ADDRESS_NONE;
}

const struct pt_endpoint *operation_wanted(const struct observation *seen)
{
    return seen->requested.family ? &seen->requested : &seen->local;
}

const char *operation_name(enum pt_op op)
{
    switch (op) {
    case PT_OP_BIND:
        return "bind";
    case PT_OP_LISTEN:
        return "listen";
    case PT_OP_CONNECT:
        return "connect";
    case PT_OP_AUTOBIND:
        return "autobind";
    case PT_OP_RELEASE:
        return "release";
    }
    return "unknown";
}

const char *operation_entry_name(enum pt_entry entry)
{
    switch (entry) {
    case PT_ENTRY_UNKNOWN:
        return "unknown";
    case PT_ENTRY_SYSCALL:
        return "syscall";
    case PT_ENTRY_IO_URING:
        return "io_uring";
    case PT_ENTRY_KERNEL:
        return "kernel";
    case PT_ENTRY_SEND:
        return "send";
    }
    return "unknown";
}

const char *operation_plan_name(enum pt_plan plan)
{
    switch (plan) {
    case PT_PLAN_FEXIT:
        return "fexit";
    case PT_PLAN_KPROBE:
        return "kprobe";
    case PT_PLAN_RESTRICTED:
        return "restricted";
    }
    return "unknown";
}

const char *operation_stage_name(enum pt_stage stage)
{
    switch (stage) {
    case PT_STAGE_UNKNOWN:
        return "unknown";
    case PT_STAGE_ENTRY:
        return "entry";
    case PT_STAGE_SECURITY:
        return "security";
    case PT_STAGE_PROTOCOL:
        return "protocol";
    }
    return "unknown";
}

const char *operation_source_name(enum pt_address_source source)
{
    switch (source) {
    case PT_ADDRESS_NONE:
        return "none";
    case PT_ADDRESS_KERNEL:
        return "kernel";
    case PT_ADDRESS_USER:
        return "user";
    }
    return "none";
}

const char *operation_outcome_name(enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_SUCCESS:
        return "success";
    case OUTCOME_FAILURE:
        return "failure";
    case OUTCOME_UNKNOWN:
        return "unknown";
    }
    return "unknown";
}
