// SPDX-License-Identifier: GPL-2.0
/* Commands for another net namespace than that of whoever reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/explain_sample.h"

static struct explanation out;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static void tell(struct observation seen, struct facts facts)
{
    explanation_free(&out);
    explain(&seen, &facts, &out);
}

static struct observation absent(void)
{
    struct observation seen = sample_bind("192.0.2.1", 0);

    seen.error = EADDRNOTAVAIL;
    seen.process.task.netns = 4026532999u;
    return seen;
}

static struct facts elsewhere(const char *name, uint32_t pid)
{
    struct facts facts = sample_facts(NULL, 0);

    facts.address = ADDRESS_ABSENT;
    facts.netns_elsewhere = true;
    facts.netns_pid = pid;
    strcpy(facts.netns_name, name);
    return facts;
}

static bool advises(const char *command)
{
    for (unsigned int i = 0; i < out.help_count; i++)
        if (!strncmp(out.helps[i].text, command, strlen(command)))
            return true;
    return false;
}

static void commands_enter_by_name_or_by_a_process(void **state)
{
    (void)state;
    tell(absent(), elsewhere("blue", 1188));
    assert_true(advises("ip netns exec blue ip -4 addr ("));
    assert_true(advises("ip netns exec blue sysctl -w net.ipv4.ip_nonlocal_bind=1,"));
    assert_no_help(&out, "nsenter");
    tell(absent(), elsewhere("a b", 0));
    assert_true(advises("ip netns exec 'a b' ip -4 addr ("));
    tell(absent(), elsewhere("", 1188));
    assert_true(advises("nsenter -t 1188 -n ip -4 addr ("));
    assert_true(advises("nsenter -t 1188 -n sysctl -w net.ipv4.ip_nonlocal_bind=1,"));
    assert_no_note(&out, "net namespace");
}

static void where_there_is_no_way_in_that_is_said_once(void **state)
{
    struct facts facts = elsewhere("", 0);

    (void)state;
    tell(absent(), facts);
    assert_true(advises("ip -4 addr ("));
    assert_note(&out, "the net namespace of the call, 4026532999, is another than yours");
    assert_int_equal(out.note_count, 1);
    facts.netns_elsewhere = false;
    tell(absent(), facts);
    assert_true(advises("ip -4 addr ("));
    assert_int_equal(out.note_count, 0);
}

/* What the shell puts in the place of $( ) has to come from there, too. */
static void the_list_that_is_kept_is_that_of_the_namespace(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_ESTABLISHED, 0);
    struct facts facts = elsewhere("", 1188);

    (void)state;
    holder.seen.flags = PT_HOLDER_OWNER_KNOWN | PT_HOLDER_BUCKET_KNOWN;
    holder.seen.fastreuse = holder.seen.fastreuseport = -1;
    holder.seen.peer = sample_endpoint("192.0.2.9", 443);
    facts.holders = (struct holders){&holder, 1};
    tell(sample_bind("0.0.0.0", 0), facts);
    assert_reason(&out, REASON_OUTGOING);
    assert_true(advises("nsenter -t 1188 -n sysctl -w net.ipv4.ip_local_reserved_ports=\"8080,$("
                        "nsenter -t 1188 -n cat /proc/sys/net/ipv4/ip_local_reserved_ports)\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(commands_enter_by_name_or_by_a_process, end),
        cmocka_unit_test_teardown(where_there_is_no_way_in_that_is_said_once, end),
        cmocka_unit_test_teardown(the_list_that_is_kept_is_that_of_the_namespace, end),
    };

    return cmocka_run_group_tests_name("advice command", tests, NULL, NULL);
}
