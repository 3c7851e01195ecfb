// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernel/compare.h"
#include "tests/kernel/limits.h"

void wrong_add(struct wrong *wrong, const char *format, ...)
{
    va_list args;
    int added;

    if (wrong->length + 4 >= wrong->size)
        return;
    if (wrong->length)
        wrong->length += (size_t)sprintf(wrong->text + wrong->length, "; ");
    va_start(args, format);
    added = vsnprintf(wrong->text + wrong->length, wrong->size - wrong->length, format, args);
    va_end(args);
    wrong->length = strlen(wrong->text);
    (void)added;
}

static void compare_text(const char *what, const char *seen, const char *want, struct wrong *wrong)
{
    if (!seen || strcmp(seen, want) != 0)
        wrong_add(wrong, "%s is %s, not %s", what, seen ? seen : "missing", want);
}

static void compare_bytes(const char *what, const char *seen, const char *want, struct wrong *wrong)
{
    char *text = seen_text_of(want, strlen(want));

    if (text)
        compare_text(what, seen, text, wrong);
    free(text);
}

static void compare_number(const char *what, int64_t seen, int64_t want, struct wrong *wrong)
{
    if (seen != want)
        wrong_add(wrong, "%s is %" PRId64 ", not %" PRId64, what, seen, want);
}

static void compare_endpoint(const char *what, struct seen_endpoint seen, struct endpoint want,
                             struct wrong *wrong)
{
    if (!seen.address || seen.port != want.port || strcmp(seen.address, want.address) != 0)
        wrong_add(wrong, "%s is [%s]:%d, not [%s]:%u", what, seen.address ? seen.address : "",
                  seen.port, want.address, want.port);
}

static void compare_caller(const struct seen *seen, const struct caller *caller,
                           const struct process *process, struct wrong *wrong)
{
    char id[16];

    if (caller->tid)
        compare_number("process.thread.id", seen->tid, caller->tid, wrong);
    compare_number("process.parent.pid", seen->parent_pid, caller->parent_pid, wrong);
    compare_number("porttrace.netns", seen->netns, (int64_t)caller->netns, wrong);
    snprintf(id, sizeof(id), "%u", caller->uid);
    compare_text("user.id", seen->uid, id, wrong);
    snprintf(id, sizeof(id), "%u", caller->gid);
    compare_text("group.id", seen->gid, id, wrong);
    compare_bytes("process.name", seen->comm, caller->comm, wrong);
    compare_bytes("process.executable", seen->exe, process->exe, wrong);
    if (caller->cgroup[0])
        compare_bytes("porttrace.cgroup.path", seen->cgroup, caller->cgroup, wrong);
    if (!seen_args_equal(seen, process->args, process->args_size))
        wrong_add(wrong, "process.args are not those of the process");
}

static void compare_socket(const struct seen *seen, const struct call *call, struct wrong *wrong)
{
    const char *transport = protocol_name(call->protocol);

    if (call->protocol == PROTOCOL_NONE)
        return;
    if (call->protocol == PROTOCOL_SCTP_MANY)
        transport = "sctp";
    compare_text("network.transport", seen->transport, transport, wrong);
    compare_text("network.type", seen->network_type, call->family == AF_INET6 ? "ipv6" : "ipv4",
                 wrong);
    if (call->op == PT_OP_RELEASE || call->entry == PT_ENTRY_KERNEL)
        return;
    if (seen->options != call->options)
        wrong_add(wrong, "socket options are %#x, not %#x", seen->options, call->options);
    if (strcmp(seen->device ? seen->device : "", call->device) != 0)
        wrong_add(wrong, "device is %s, not %s", seen->device, call->device);
    if (call->range_low || seen->range_low > 0) {
        compare_number("local_port_range.low", seen->range_low, call->range_low, wrong);
        compare_number("local_port_range.high", seen->range_high, call->range_high, wrong);
    }
}

/* True: the field is compared. A field that the plan cannot know must be missing. */
static bool is_known(enum limit_of of, const char *plan, const struct call *call, bool missing,
                     struct wrong *wrong)
{
    const char *limit = limits_reason(of, plan, call);

    if (limit && !missing)
        wrong_add(wrong, "a field is there that is documented as impossible: %s", limit);
    return !limit;
}

static void compare_requested(const struct seen *seen, const char *plan, const struct call *call,
                              struct wrong *wrong)
{
    if (call->op == PT_OP_CONNECT && !call->error && !call->requested.family &&
        (seen->requested.address || seen->destination.address))
        wrong_add(wrong, "a connect that only takes a connection back has a destination");
    if (!call->requested.family ||
        !is_known(LIMIT_REQUESTED, plan, call, !seen->requested.address, wrong))
        return;
    compare_endpoint("porttrace.requested", seen->requested, call->requested, wrong);
    if (call->op == PT_OP_CONNECT)
        compare_endpoint("destination", seen->destination, call->requested, wrong);
}

static void compare_local(const struct seen *seen, const struct call *call, struct wrong *wrong)
{
    bool keeps = call_outcome(call) != CALL_FAILED || call->op == PT_OP_LISTEN ||
                 (call->op == PT_OP_CONNECT && !call->implies_autobind);

    if (call->op == PT_OP_RELEASE && call->rebound)
        compare_number("network.local.port", seen->local.port, call->local.port, wrong);
    else if (keeps && call->local.port && call->protocol != PROTOCOL_RAW)
        compare_endpoint("network.local", seen->local, call->local, wrong);
}

static void compare_outcome(const struct seen *seen, const struct call *call, struct wrong *wrong)
{
    static const char *const outcomes[] = {
        [CALL_DONE] = "success", [CALL_GOES_ON] = "unknown", [CALL_FAILED] = "failure"};

    compare_text("event.outcome", seen->outcome, outcomes[call_outcome(call)], wrong);
}

static void compare_call_facts(const struct seen *seen, const char *plan, const struct call *call,
                               struct wrong *wrong)
{
    bool implies = call->implies_autobind && call->local.port && call->op != PT_OP_AUTOBIND;

    compare_text("porttrace.entry", seen->entry, entry_name(call->entry), wrong);
    if (call->entry == PT_ENTRY_SYSCALL && call->op != PT_OP_AUTOBIND)
        compare_number("porttrace.fd", seen->fd, call->fd, wrong);
    if (implies && is_known(LIMIT_IMPLIES_AUTOBIND, plan, call, !seen->implies_autobind, wrong) &&
        !seen->implies_autobind)
        wrong_add(wrong, "porttrace.implies_autobind is not true");
    if (call->op == PT_OP_LISTEN && is_known(LIMIT_BACKLOG, plan, call, seen->backlog <= 0, wrong))
        compare_number("porttrace.backlog", seen->backlog, call->backlog, wrong);
    if (call->op == PT_OP_BIND && call->entry != PT_ENTRY_KERNEL &&
        is_known(LIMIT_ADDRESS_SIZE, plan, call, seen->address_size <= 0, wrong))
        compare_number("porttrace.address_size", seen->address_size, (int32_t)call->address_size,
                       wrong);
}

void compare_call(const struct seen *seen, const char *plan, const struct call *call,
                  const struct process *process, struct wrong *wrong)
{
    compare_text("porttrace.plan", seen->plan, plan, wrong);
    compare_outcome(seen, call, wrong);
    if (call->op != PT_OP_RELEASE) {
        compare_call_facts(seen, plan, call, wrong);
        compare_requested(seen, plan, call, wrong);
    }
    compare_local(seen, call, wrong);
    compare_socket(seen, call, wrong);
    compare_caller(seen, &call->caller, process, wrong);
}
