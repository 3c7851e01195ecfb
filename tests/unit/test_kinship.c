// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/holder_sample.h"

static struct explanation out;

static uint32_t parents[4000]; /* of processes that are there */
static uint32_t command_parent;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static uint32_t parent_of(void *context, uint32_t pid)
{
    return ((const uint32_t *)context)[pid];
}

static void tell(const struct holder *holder)
{
    struct facts facts = sample_facts(holder, 1);
    struct observation seen = sample_bind("0.0.0.0", 0);

    seen.process.task.parent_pid = 2090;
    facts.command_parent = command_parent;
    facts.parent_of = parent_of;
    facts.parents = parents;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_int_equal(out.holder_count, 1);
}

static void the_caller_is_never_to_be_killed(void **state)
{
    struct holder_process own = process(2091, "node");
    struct holder holder = listening(&own, 1);

    (void)state;
    tell(&holder);
    assert_no_help(&out, "kill");
    assert_note(&out, "it is the calling process itself that has the port, as descriptor 3");
    assert_non_null(strstr(out.sentence.text, "it listens there already, with another socket"));
    assert_help(&out, "the process takes the port twice");
}

/* Its next start is refused as this one was, whether it has ended or not. */
static void a_caller_that_gave_its_port_back_need_not_try_again(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.gone_ns = SAMPLE_NOW_NS - SAMPLE_SECOND;
    tell(&holder);
    assert_note(&out, "the holder has given the port back since: try again");
    assert_no_help(&out, "twice");
    holder.seen.task.pid = 2091;
    tell(&holder);
    assert_note(&out, "the calling process took the port before");
    assert_no_note(&out, "try again");
    assert_help(&out, "the process takes the port twice");
    holder.seen.socket.state = TCP_CLOSE;
    holder.seen.socket.options = PT_OPTION_REUSEADDR;
    tell(&holder);
    assert_reason(&out, REASON_REUSEADDR);
    assert_no_note(&out, "try again");
    assert_help(&out, "the process takes the port twice");
}

static void an_ancestor_is_never_to_be_killed(void **state)
{
    struct holder_process parent = process(2090, "node");
    struct holder holder = listening(&parent, 1);

    (void)state;
    tell(&holder);
    assert_non_null(strstr(out.sentence.text, ": its own parent listens there"));
    assert_note(&out, "pid 2090 is the parent of the calling process, which may have inherited");
    assert_no_help(&out, "kill");
    assert_help(&out, "let only one of the two processes open the port");
    facts_of(&parent)->task.pid = 1500;
    tell(&holder);
    assert_help(&out, "kill 1500");
    parents[2090] = 1600; /* the caller itself has ended */
    parents[1600] = 1500;
    tell(&holder);
    assert_non_null(strstr(out.sentence.text, ": its own ancestor listens there"));
    assert_note(&out, "pid 1500 is an ancestor of the calling process");
    assert_no_help(&out, "kill");
    facts_of(&parent)->task.start_ns = SAMPLE_SECOND; /* later than the caller */
    tell(&holder);
    assert_help(&out, "kill 1500");
    parents[2090] = parents[1600] = 0;
}

static void a_manager_is_no_family(void **state)
{
    struct holder_process parent = process(2090, "systemd");
    struct holder holder = listening(&parent, 1);

    (void)state;
    tell(&holder);
    assert_note(&out, "pid 2090 is the parent");
    facts_of(&parent)->cgroup_facts.unit = BYTES("init.scope");
    tell(&holder);
    assert_no_note(&out, "pid 2090 is the parent");
}

static void an_ancestor_that_is_known_as_the_owner_alone_is_told(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.task.pid = 2090;
    tell(&holder);
    assert_note(&out, "pid 2090 is the parent");
    holder.seen.flags |= PT_HOLDER_ORPHAN; /* it has closed the socket */
    tell(&holder);
    assert_no_note(&out, "pid 2090 is the parent");
}

static void a_service_that_the_caller_comes_from_can_be_stopped(void **state)
{
    struct holder_process parent = process(2090, "sshd");
    struct holder holder = listening(&parent, 1);

    (void)state;
    facts_of(&parent)->cgroup = BYTES("/system.slice/ssh.service");
    facts_of(&parent)->cgroup_facts.unit = BYTES("ssh.service");
    facts_of(&parent)->unit_is_own = true;
    tell(&holder);
    assert_no_help(&out, "systemctl stop ssh.service"); /* the caller is in there too */
    facts_of(&parent)->task.cgroup_id = 7;
    tell(&holder);
    assert_help(&out, "systemctl stop ssh.service");
}

static void what_the_command_itself_has_is_not_to_be_killed(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.task.parent_pid = 1900;
    parents[1900] = 1800;
    tell(&holder);
    assert_help(&out, "kill 1188");
    command_parent = 1800;
    tell(&holder);
    assert_note(&out, "pid 1188 is of the command itself");
    assert_no_help(&out, "kill");
    assert_help(&out, "the command takes the port twice");
    holder.seen.gone_ns = SAMPLE_NOW_NS;
    tell(&holder);
    assert_no_note(&out, "try again");
    parents[1900] = 0; /* who started it has ended: that it was of the command is not known */
    tell(&holder);
    assert_note(&out, "try again");
    holder.seen.gone_ns = 0;
    parents[1188] = 1800; /* but it has gone over to who runs the command */
    tell(&holder);
    assert_no_help(&out, "kill");
    parents[1188] = 0;
    command_parent = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_caller_is_never_to_be_killed, end),
        cmocka_unit_test_teardown(a_caller_that_gave_its_port_back_need_not_try_again, end),
        cmocka_unit_test_teardown(an_ancestor_is_never_to_be_killed, end),
        cmocka_unit_test_teardown(a_manager_is_no_family, end),
        cmocka_unit_test_teardown(an_ancestor_that_is_known_as_the_owner_alone_is_told, end),
        cmocka_unit_test_teardown(a_service_that_the_caller_comes_from_can_be_stopped, end),
        cmocka_unit_test_teardown(what_the_command_itself_has_is_not_to_be_killed, end),
    };

    return cmocka_run_group_tests_name("kinship", tests, NULL, NULL);
}
