// SPDX-License-Identifier: GPL-2.0
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

static struct observation refused(int error, enum pt_check check, uint32_t flags)
{
    struct observation seen = sample_bind("0.0.0.0", 0);

    seen.error = error;
    seen.refusal_known = true;
    seen.refusal.check = (__u8)check;
    seen.refusal.flags = flags | PT_REFUSAL_NETNS_KNOWN;
    seen.refusal.unprivileged_start = 1024;
    return seen;
}

static void tell(struct observation seen, struct facts facts)
{
    explanation_free(&out);
    explain(&seen, &facts, &out);
}

static void the_kernels_check_is_certain(void **state)
{
    static const struct {
        enum pt_check check;
        int error;
        enum reason reason;
        const char *function;
    } cases[] = {
        {PT_CHECK_PRIVILEGED, EACCES, REASON_PRIVILEGED_PORT, "__inet_bind"},
        {PT_CHECK_SELINUX, EACCES, REASON_LSM, "selinux_socket_bind"},
        {PT_CHECK_APPARMOR, EACCES, REASON_LSM, "apparmor_socket_bind"},
        {PT_CHECK_TOMOYO, EPERM, REASON_LSM, "tomoyo_socket_bind"},
        {PT_CHECK_APPARMOR, EAFNOSUPPORT, REASON_LSM, "apparmor_socket_bind"},
        {PT_CHECK_SELINUX, EBADF, REASON_LSM, "selinux_socket_bind"},
        {PT_CHECK_BPF_LSM, EADDRINUSE, REASON_LSM, "bpf_lsm_socket_bind"},
        {PT_CHECK_BPF_LSM, EPERM, REASON_LSM, "bpf_lsm_socket_bind"},
        {PT_CHECK_SECURITY, EACCES, REASON_LSM, "security_socket_bind"},
        {PT_CHECK_LANDLOCK, EACCES, REASON_LANDLOCK, "hook_socket_bind"},
        {PT_CHECK_CGROUP, EPERM, REASON_CGROUP, "__cgroup_bpf_run_filter_sock_addr"},
        {PT_CHECK_SECCOMP, EPERM, REASON_SECCOMP, "__seccomp_filter"},
        {PT_CHECK_SECCOMP, EADDRINUSE, REASON_SECCOMP, "__seccomp_filter"},
        {PT_CHECK_SECCOMP, ENOSYS, REASON_SECCOMP, "__seccomp_filter"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tell(refused(cases[i].error, cases[i].check, 0), sample_facts(NULL, 0));
        assert_reason(&out, cases[i].reason);
        assert_int_equal(out.confidence, CONFIDENCE_CHECK);
        assert_string_equal(out.check, cases[i].function);
        if (cases[i].reason == REASON_SECCOMP)
            assert_help(&out, "let the filter allow bind(), or start the program without it");
    }
}

static void a_privileged_port_is_told_by_its_number(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_UNKNOWN, 0);

    (void)state;
    seen.requested.port = 1023;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_PRIVILEGED_PORT);
    assert_int_equal(out.confidence, CONFIDENCE_DEDUCED);
    assert_note(&out, "ports below 1024 need CAP_NET_BIND_SERVICE");
    assert_help(&out, "sysctl -w net.ipv4.ip_unprivileged_port_start=1023");
}

static void what_is_no_privileged_port(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_UNKNOWN, 0);

    (void)state;
    seen.requested.port = 1024;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_UNKNOWN);
    seen.requested.port = 80;
    seen.refusal.flags |= PT_REFUSAL_CAPABLE;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_UNKNOWN);
    seen.refusal.flags &= ~(__u32)PT_REFUSAL_CAPABLE;
    seen.stage = PT_STAGE_SECURITY;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_UNKNOWN);
    seen.stage = PT_STAGE_UNKNOWN;
    seen.refusal.unprivileged_start = 80;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_UNKNOWN);
    seen.refusal_known = false;
    seen.process.task.uid = 0; /* nobody looked for the capability, and root has it mostly */
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_UNKNOWN);
    seen.process.task.uid = 1000;
    tell(seen, sample_facts(NULL, 0));
    assert_reason(&out, REASON_PRIVILEGED_PORT);
}

static void helps_for_a_privileged_port_name_unit_and_program(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_PRIVILEGED, 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.requested.port = 80;
    seen.process.exe = BYTES("/opt/my app/web");
    seen.process.cgroup_facts.unit = BYTES("web.service");
    facts.caller_unit_is_own = true;
    tell(seen, facts);
    assert_help(&out, "setcap cap_net_bind_service=+ep '/opt/my app/web'");
    assert_help(&out, "systemctl edit web.service");
    assert_help(&out, "AmbientCapabilities=CAP_NET_BIND_SERVICE");
    tell(seen, sample_facts(NULL, 0)); /* who logged in by ssh is in ssh.service */
    assert_no_help(&out, "systemctl");
    seen.process.cgroup = BYTES("/user.slice/user-1000.slice/user@1000.service/web.service");
    tell(seen, facts);
    assert_no_help(&out, "systemctl");
    seen.process.cgroup = BYTES("/system.slice/web.service");
    seen.process.exe.truncated = true;
    tell(seen, sample_facts(NULL, 0));
    assert_no_help(&out, "setcap");
    seen.process.exe = BYTES("/usr/bin/python3.11");
    tell(seen, sample_facts(NULL, 0));
    assert_no_help(&out, "setcap");
    seen.process.exe = BYTES("node");
    tell(seen, sample_facts(NULL, 0));
    assert_no_help(&out, "setcap");
    seen.process.exe = BYTES("/usr/bin/node-exporter");
    tell(seen, sample_facts(NULL, 0));
    assert_help(&out, "setcap cap_net_bind_service=+ep /usr/bin/node-exporter");
    assert_no_help(&out, "setpriv");
}

static void no_capability_helps_in_a_user_namespace(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_PRIVILEGED, 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.requested.port = 80;
    seen.process.exe = BYTES("/opt/web");
    seen.process.cgroup_facts.unit = BYTES("web.service");
    facts.caller_unit_is_own = facts.caller_in_userns = true;
    tell(seen, facts);
    assert_reason(&out, REASON_PRIVILEGED_PORT);
    assert_string_equal(out.notes[0].text, "ports below 1024 need CAP_NET_BIND_SERVICE, which the "
                                           "process has in its own user namespace at most");
    assert_no_help(&out, "cap_net_bind_service");
    assert_no_help(&out, "AmbientCapabilities");
    assert_help(&out, "sysctl -w net.ipv4.ip_unprivileged_port_start=80");
}

static const char *everybody_is(void *context, uint32_t uid)
{
    (void)context;
    (void)uid;
    return "web";
}

/* What lets everybody have the port comes last. */
static void helps_for_a_privileged_port_are_in_order(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_PRIVILEGED, 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.requested.port = 80;
    seen.process.task.gid = 33;
    seen.process.exe = BYTES("/usr/bin/python3.11");
    tell(seen, facts);
    assert_int_equal(out.help_count, 3);
    assert_string_equal(out.helps[0].text,
                        "setpriv --reuid=1000 --regid=33 --clear-groups "
                        "--inh-caps=+net_bind_service --ambient-caps=+net_bind_service "
                        "COMMAND (as root)");
    assert_string_equal(out.helps[1].text, "or use a free port: 8081, 8082, 8090");
    assert_string_equal(out.helps[2].text, "sysctl -w net.ipv4.ip_unprivileged_port_start=80 (lets "
                                           "everybody have it)");
    facts.user_name = everybody_is;
    tell(seen, facts);
    assert_help(&out, "--init-groups");
    seen.process.cgroup_facts.runtime = RUNTIME_DOCKER;
    tell(seen, facts);
    assert_int_equal(out.help_count, 2);
    assert_string_equal(out.helps[0].text, "use a free port: 8081, 8082, 8090");
    seen.process.cgroup_facts.runtime = RUNTIME_NONE;
    facts.netns_elsewhere = true;
    facts.netns_pid = 2091;
    tell(seen, facts);
    assert_no_help(&out, "setpriv");
}

static const char *root_is(void *context, uint32_t uid)
{
    (void)context;
    return uid ? NULL : "root";
}

static void a_question_names_no_process(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_PRIVILEGED, 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    seen.plan = 0;
    seen.process_known = false;
    seen.requested = sample_endpoint("0.0.0.0", 80);
    facts.user_name = root_is;
    tell(seen, facts);
    assert_string_equal(out.sentence.text,
                        "0.0.0.0:80/tcp cannot be bound: the port is privileged");
    seen.op = PT_OP_LISTEN;
    tell(seen, facts);
    assert_non_null(strstr(out.sentence.text, "0.0.0.0:80/tcp cannot be listened on: "));
    seen.op = PT_OP_BIND;
    facts.asked_for_user = true;
    seen.process.task.uid = 0;
    tell(seen, facts);
    assert_string_equal(out.sentence.text,
                        "root cannot bind 0.0.0.0:80/tcp: the port is privileged");
    seen.process.task.uid = 7;
    tell(seen, facts);
    assert_string_equal(out.sentence.text,
                        "user 7 cannot bind 0.0.0.0:80/tcp: the port is privileged");
}

static void two_things_that_are_wrong_are_both_said(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    struct observation seen = refused(EACCES, PT_CHECK_PRIVILEGED, 0);
    struct facts facts = sample_facts(&holder, 1);

    (void)state;
    seen.requested.port = holder.seen.local.port = 80;
    tell(seen, facts);
    assert_reason(&out, REASON_PRIVILEGED_PORT);
    assert_int_equal(out.also, REASON_LISTENER);
    assert_int_equal(out.holder_count, 1);
    assert_note(&out, "two things are wrong: the port is taken as well, by node (pid 1188)");
    assert_help(&out, "sysctl -w net.ipv4.ip_unprivileged_port_start=80");
    assert_help(&out, "kill 1188");
    assert_help(&out, "or use a free port: 8081, 8082, 8090");
    holder.seen.local.port = 81;
    tell(seen, sample_facts(&holder, 1));
    assert_int_equal(out.also, 0);
    assert_no_note(&out, "two things");
}

static void the_only_module_that_could_is_named(void **state)
{
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.lsms = "lockdown,capability,landlock,yama";
    tell(refused(EACCES, PT_CHECK_SECURITY, 0), facts);
    assert_reason(&out, REASON_LANDLOCK);
    assert_int_equal(out.confidence, CONFIDENCE_DEDUCED);
    facts.lsms = "capability,selinux";
    tell(refused(EACCES, PT_CHECK_SECURITY, 0), facts);
    assert_reason(&out, REASON_LSM);
    assert_non_null(strstr(out.sentence.text, "SELinux does not allow it"));
    facts.lsms = "capability,selinux,landlock";
    tell(refused(EACCES, PT_CHECK_SECURITY, 0), facts);
    assert_reason(&out, REASON_LSM);
    assert_note(&out, "which module is not known; active are SELinux, Landlock");
    facts.lsms = "capability,landlock,apparmor";
    facts.profile = BYTES("unconfined");
    tell(refused(EACCES, PT_CHECK_SECURITY, 0), facts);
    assert_reason(&out, REASON_LANDLOCK);
    facts.profile = BYTES("web (enforce)");
    facts.caller_confined = true;
    tell(refused(EACCES, PT_CHECK_APPARMOR, 0), facts);
    assert_note(&out, "profile 'web (enforce)'");
}

static void landlock_knows_tcp_only(void **state)
{
    struct observation seen = refused(EACCES, PT_CHECK_SECURITY, 0);
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.lsms = "landlock";
    seen.socket.type = SOCK_DGRAM;
    seen.socket.protocol = IPPROTO_UDP;
    tell(seen, facts);
    assert_reason(&out, REASON_LSM);
}

/* No hook of plan restricted has seen it begin, which is before the kernel looks at the port. */
static void a_filter_may_say_that_the_port_is_taken(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);
    struct facts facts = sample_facts(&holder, 1);
    struct observation seen = refused(EADDRINUSE, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED);

    (void)state;
    facts.lsms = "capability";
    seen.plan = PT_PLAN_RESTRICTED;
    seen.stage = PT_STAGE_UNKNOWN;
    tell(seen, facts);
    assert_reason(&out, REASON_SECCOMP);
    assert_int_equal(out.also, REASON_LISTENER);
    assert_null(out.check);
    facts.lsms = NULL;
    tell(seen, facts);
    assert_reason(&out, REASON_UNKNOWN);
    assert_null(out.check);
    seen.entry = PT_ENTRY_IO_URING; /* of which no filter is asked */
    tell(seen, facts);
    assert_reason(&out, REASON_LISTENER);
    assert_string_equal(out.check, "inet_csk_get_port");
    seen.entry = PT_ENTRY_SYSCALL;
    seen.stage = PT_STAGE_PROTOCOL;
    tell(seen, facts);
    assert_reason(&out, REASON_LISTENER);
    assert_string_equal(out.check, "inet_csk_get_port");
}

static void a_filter_may_say_that_no_port_is_left(void **state)
{
    struct facts facts = sample_facts(NULL, 0);
    struct observation seen =
        refused(EADDRINUSE, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED | PT_REFUSAL_SOCKET_KNOWN);

    (void)state;
    facts.lsms = "capability,apparmor";
    seen.op = PT_OP_LISTEN;
    seen.requested = (struct pt_endpoint){0};
    seen.plan = PT_PLAN_RESTRICTED;
    seen.stage = PT_STAGE_UNKNOWN;
    tell(seen, facts);
    assert_reason(&out, REASON_UNKNOWN);
    assert_null(out.check);
    assert_note(&out, "the seccomp filter that the process has, or a security module (active: "
                      "AppArmor)");
    facts.lsms = "capability";
    tell(seen, facts);
    assert_reason(&out, REASON_SECCOMP);
    assert_int_equal(out.confidence, CONFIDENCE_DEDUCED);
    assert_help(&out, "let the filter allow listen()");
    seen.stage = PT_STAGE_PROTOCOL;
    seen.implies_autobind = true;
    seen.refusal.check = PT_CHECK_PORT;
    tell(seen, facts);
    assert_reason(&out, REASON_RANGE_EXHAUSTED);
    assert_string_equal(out.check, "inet_csk_get_port");
}

static void exclusion_needs_that_one_is_left(void **state)
{
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.lsms = "capability,yama";
    tell(refused(EPERM, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED), facts);
    assert_reason(&out, REASON_SECCOMP);
    tell(refused(EPERM, PT_CHECK_UNKNOWN, 0), facts);
    assert_reason(&out, REASON_UNKNOWN);
    facts.lsms = "capability,selinux";
    tell(refused(EACCES, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED), facts);
    assert_reason(&out, REASON_UNKNOWN);
    assert_int_equal(out.confidence, CONFIDENCE_NONE);
    assert_note(&out, "the seccomp filter that the process has, or a security module (active: "
                      "SELinux)");
    tell(refused(EACCES, PT_CHECK_UNKNOWN, 0), facts);
    assert_reason(&out, REASON_LSM);
    facts.lsms = NULL; /* not known: nothing is excluded */
    tell(refused(EPERM, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED), facts);
    assert_reason(&out, REASON_UNKNOWN);
}

static void the_cgroup_and_its_unit_are_named(void **state)
{
    struct facts facts = sample_facts(NULL, 0);

    (void)state;
    facts.cgroup_program = BYTES("/system.slice/web.service");
    tell(refused(EPERM, PT_CHECK_CGROUP, 0), facts);
    assert_note(&out, "attached to the cgroup /system.slice/web.service");
    assert_help(&out, "systemctl show -p SocketBindAllow -p SocketBindDeny web.service");
    tell(refused(EPERM, PT_CHECK_UNKNOWN, 0), facts);
    assert_reason(&out, REASON_CGROUP);
    assert_int_equal(out.confidence, CONFIDENCE_DEDUCED);
    tell(refused(EPERM, PT_CHECK_UNKNOWN, PT_REFUSAL_FILTERED), facts);
    assert_reason(&out, REASON_UNKNOWN);
    assert_note(&out, "a BPF program of the cgroup, or the seccomp filter");
    facts.cgroup_program = BYTES("/");
    tell(refused(EPERM, PT_CHECK_CGROUP, 0), facts);
    assert_no_help(&out, "systemctl");
}

static struct observation refused_connect(const char *peer, uint16_t type, uint16_t protocol)
{
    struct observation seen = refused(EACCES, PT_CHECK_UNKNOWN, 0);

    seen.op = PT_OP_CONNECT;
    seen.stage = PT_STAGE_PROTOCOL;
    seen.requested = sample_endpoint(peer, SAMPLE_PORT);
    seen.socket.type = type;
    seen.socket.protocol = protocol;
    return seen;
}

static void only_datagrams_over_ipv4_are_broadcast(void **state)
{
    static const struct {
        const char *peer;
        uint16_t type;
        uint16_t protocol;
        bool broadcast;
        const char *command;
    } cases[] = {
        {"192.0.2.255", SOCK_DGRAM, IPPROTO_UDP, true, "ip route get 192.0.2.255 ("},
        {"::ffff:192.0.2.255", SOCK_DGRAM, IPPROTO_UDP, true, "ip route get 192.0.2.255 ("},
        {"192.0.2.255", SOCK_RAW, IPPROTO_ICMP, true, "ip route get 192.0.2.255 ("},
        {"2001:db8::1", SOCK_DGRAM, IPPROTO_UDP, false, "ip route get 2001:db8::1 ("},
        {"192.0.2.255", SOCK_STREAM, IPPROTO_TCP, false, "ip route get 192.0.2.255 ("},
    };
    struct observation seen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tell(refused_connect(cases[i].peer, cases[i].type, cases[i].protocol),
             sample_facts(NULL, 0));
        assert_reason(&out, REASON_UNKNOWN);
        assert_note(&out, "of type prohibit");
        assert_help(&out, cases[i].command);
        assert_int_equal(sample_says(out.helps, out.help_count, "SO_BROADCAST"),
                         cases[i].broadcast);
        assert_int_equal(sample_says(out.notes, out.note_count, "broadcast"), cases[i].broadcast);
    }
    seen = refused_connect("fe80::9", SOCK_DGRAM, IPPROTO_UDP);
    seen.requested.scope_id = 3;
    tell(seen, sample_facts(NULL, 0));
    assert_help(&out, "ip route get fe80::9 oif if3 (");
    seen.error = EPERM;
    tell(seen, sample_facts(NULL, 0));
    assert_int_equal(out.note_count + out.help_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_kernels_check_is_certain, end),
        cmocka_unit_test_teardown(a_privileged_port_is_told_by_its_number, end),
        cmocka_unit_test_teardown(what_is_no_privileged_port, end),
        cmocka_unit_test_teardown(a_question_names_no_process, end),
        cmocka_unit_test_teardown(helps_for_a_privileged_port_name_unit_and_program, end),
        cmocka_unit_test_teardown(no_capability_helps_in_a_user_namespace, end),
        cmocka_unit_test_teardown(helps_for_a_privileged_port_are_in_order, end),
        cmocka_unit_test_teardown(two_things_that_are_wrong_are_both_said, end),
        cmocka_unit_test_teardown(the_only_module_that_could_is_named, end),
        cmocka_unit_test_teardown(landlock_knows_tcp_only, end),
        cmocka_unit_test_teardown(a_filter_may_say_that_the_port_is_taken, end),
        cmocka_unit_test_teardown(a_filter_may_say_that_no_port_is_left, end),
        cmocka_unit_test_teardown(exclusion_needs_that_one_is_left, end),
        cmocka_unit_test_teardown(the_cgroup_and_its_unit_are_named, end),
        cmocka_unit_test_teardown(only_datagrams_over_ipv4_are_broadcast, end),
    };

    return cmocka_run_group_tests_name("explain denied", tests, NULL, NULL);
}
