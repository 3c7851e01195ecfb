// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "tests/kernel/compare_reason.h"
#include "tests/kernel/expect.h"
#include "tests/kernel/limits_reason.h"
#include "tests/kernel/seen_reason.h"

static const char *state_name(uint8_t state)
{
    static const char *const names[] = {
        "any",       "established", "syn_sent",   "syn_recv", "fin_wait1", "fin_wait2",
        "time_wait", "close",       "close_wait", "last_ack", "listen",
    };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "?";
}

/* From 6.12 on sock_diag has a name of its own for a socket that is only bound. */
static bool is_state(const char *seen, uint8_t state)
{
    if (!state)
        return true;
    return seen && (strcmp(seen, state_name(state)) == 0 ||
                    (state == STATE_CLOSE && strcmp(seen, "bound_inactive") == 0));
}

static void compare_strangers(const struct seen *seen, const struct expected *expected,
                              struct wrong *wrong)
{
    unsigned int i, k;

    for (i = 0; i < seen_holder_count(seen); i++) {
        struct seen_holder holder = seen_holder(seen, i);

        for (k = 0; k < expected->stranger_count; k++)
            if (seen_holder_has(&holder, expected->strangers[k]))
                wrong_add(wrong, "process %u is said to be in the way and is not",
                          expected->strangers[k]);
    }
}

struct code {
    char text[8];
};

/* As the documentation has it; the program's own table is not asked. */
static struct code code_of(enum reason reason)
{
    struct code code;

    snprintf(code.text, sizeof(code.text), "P%03u", (unsigned int)reason % 1000);
    return code;
}

static bool is_code(const char *seen, enum reason reason)
{
    return seen && strcmp(seen, code_of(reason).text) == 0;
}

static bool is_same_holder(const struct seen_holder *seen, const struct expected_holder *expected)
{
    unsigned int i;

    if (seen->kernel != (expected->holding == HOLDING_KERNEL))
        return false;
    if (expected->holding == HOLDING_FORMER && seen->held && !seen->gone)
        return false;
    for (i = 0; i < expected->pid_count; i++)
        if (!seen_holder_has(seen, expected->pids[i]))
            return false;
    return is_state(seen->state, expected->state);
}

static const char *holding_words(enum holding holding)
{
    switch (holding) {
    case HOLDING_FORMER:
        return ", which no process has any more";
    case HOLDING_KERNEL:
        return " (the kernel)";
    case HOLDING_NOW:
        break;
    }
    return "";
}

static void compare_holder(const struct seen *seen, const struct expected_holder *expected,
                           const struct reason_limit *limit, struct wrong *wrong)
{
    unsigned int i, count = seen_holder_count(seen);

    struct expected_holder ownerless = *expected;

    ownerless.pid_count = 0;
    for (i = 0; limit && expected->pid_count && i < count; i++) {
        struct seen_holder holder = seen_holder(seen, i);

        if (is_same_holder(&holder, expected))
            wrong_add(wrong, "its owner is named, which is documented as impossible: %s",
                      limit->why);
    }
    if (limit)
        expected = &ownerless;
    for (i = 0; i < count; i++) {
        struct seen_holder holder = seen_holder(seen, i);

        if (is_same_holder(&holder, expected))
            return;
    }
    wrong_add(wrong, "none of %u holders is %s with pid %u%s", count, state_name(expected->state),
              expected->pid_count ? expected->pids[0] : 0, holding_words(expected->holding));
}

static void compare_words(const struct seen_reason *seen, struct wrong *wrong)
{
    if (!seen->name || !seen->name[0])
        wrong_add(wrong, "porttrace.reason.name is missing");
    if (!seen->message || !seen->message[0])
        wrong_add(wrong, "porttrace.reason.message is missing");
}

static void compare_also(const struct seen_reason *seen, const char *plan, const struct call *call,
                         struct wrong *wrong)
{
    const struct reason_limit *limit = limits_reason_of(REASON_LIMIT_ALSO, plan, call);
    enum reason want = limit ? limit->told : call->expected.also;

    if (want ? !is_code(seen->also, want) : seen->also != NULL)
        wrong_add(wrong, "also is %s, not %s", seen->also ? seen->also : "missing",
                  want ? code_of(want).text : "missing");
}

void compare_reason(const struct seen *seen, const char *plan, const struct call *call,
                    struct wrong *wrong)
{
    const struct reason_limit *limit = limits_reason_of(REASON_LIMIT_REASON, plan, call);
    const struct reason_limit *unheld = limits_reason_of(REASON_LIMIT_OWNER, plan, call);
    enum reason want = limit ? limit->told : call->expected.reason;
    struct seen_reason said = seen_reason(seen);
    unsigned int i;

    if (!call->expected.known) {
        wrong_add(wrong, "the scenario does not say why this is refused");
        return;
    }
    if (limit && limit->depends && is_code(said.code, call->expected.reason))
        limit = NULL;
    else if (!is_code(said.code, want))
        wrong_add(wrong, "the reason is %s (%s), not %s%s%s", said.code ? said.code : "missing",
                  said.name ? said.name : "", code_of(want).text,
                  limit ? ", which is documented: " : "", limit ? limit->why : "");
    compare_words(&said, wrong);
    if (limit)
        return;
    compare_also(&said, plan, call, wrong);
    compare_strangers(seen, &call->expected, wrong);
    for (i = 0; i < call->expected.holder_count; i++)
        compare_holder(seen, &call->expected.holders[i], unheld, wrong);
}
