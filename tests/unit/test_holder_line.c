// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/holder_sample.h"

#define USER_CGROUP "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service"
#define CONTAINER   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct explanation out;

static int end(void **state)
{
    (void)state;
    explanation_free(&out);
    return 0;
}

static const char *name_of(void *context, uint32_t uid)
{
    (void)context;
    return uid == 33 ? "www-data" : NULL;
}

static uint32_t reader_uid;
static bool pids_elsewhere;

static const char *tell(const struct holder *holder)
{
    struct facts facts = sample_facts(holder, 1);
    struct observation seen = sample_bind("0.0.0.0", 0);

    facts.user_name = name_of;
    facts.reader_uid = reader_uid;
    facts.pids_elsewhere = pids_elsewhere;
    facts.wall_offset_ns = (int64_t)SAMPLE_SECOND * 1763683200 - (int64_t)SAMPLE_NOW_NS;
    facts.utc_offset_s = 3600;
    explanation_free(&out);
    explain(&seen, &facts, &out);
    assert_int_equal(out.holder_count, 1);
    return out.holder_lines[0].text;
}

static void a_service_is_told_in_one_line(void **state)
{
    struct holder_process node = process(1188, "node");
    struct holder holder = listening(&node, 1);

    (void)state;
    facts_of(&node)->args = BYTES("node\0/srv/web/server.js\0");
    facts_of(&node)->cgroup_facts.unit = BYTES("web.service");
    facts_of(&node)->unit_is_own = true;
    assert_string_equal(tell(&holder),
                        "node /srv/web/server.js, pid 1188, user www-data, web.service, listening "
                        "on 0.0.0.0:8080 since 2025-11-20 22:46:00 (2 h 14 min)");
    assert_help(&out, "systemctl stop web.service");
    assert_no_help(&out, "kill");
}

static void units_of_a_users_own_systemd(void **state)
{
    struct holder_process node = process(1188, "node");
    struct holder holder = listening(&node, 1);

    (void)state;
    facts_of(&node)->cgroup = BYTES(USER_CGROUP);
    facts_of(&node)->cgroup_facts.unit = BYTES("web.service");
    facts_of(&node)->unit_is_own = true;
    tell(&holder);
    assert_help(&out, "systemctl --user -M 1000@.host stop web.service");
    reader_uid = 1000;
    tell(&holder);
    assert_help(&out, "systemctl --user stop web.service");
    reader_uid = 0;
    facts_of(&node)->cgroup = BYTES("/system.slice/user@x.service/web.service");
    tell(&holder);
    assert_help(&out, "systemctl stop web.service");
    facts_of(&node)->cgroup_facts.unit = BYTES("session-3.scope");
    tell(&holder);
    assert_help(&out, "kill 1188");
    facts_of(&node)->cgroup_facts.unit = BYTES("user@1000.service");
    tell(&holder);
    assert_no_help(&out, "systemctl");
}

/* Who came by ssh is in the service that lets everybody in. */
static void a_service_that_is_for_others_is_not_stopped(void **state)
{
    struct holder_process node = process(1188, "node");
    struct holder holder = listening(&node, 1);

    (void)state;
    facts_of(&node)->cgroup_facts.unit = BYTES("ssh.service");
    tell(&holder);
    assert_help(&out, "kill 1188");
    assert_no_help(&out, "systemctl");
    /* A socket unit of a user: whoever is killed for it takes all of the user's services along. */
    facts_of(&node)->unit_is_own = true;
    facts_of(&node)->cgroup_facts.unit = BYTES("init.scope");
    tell(&holder);
    assert_no_help(&out, "kill");
    assert_no_help(&out, "systemctl");
}

static void containers_are_stopped_by_their_runtime(void **state)
{
    struct holder_process node = process(1188, "node");
    struct holder holder = listening(&node, 1);

    (void)state;
    facts_of(&node)->cgroup_facts.runtime = RUNTIME_DOCKER;
    facts_of(&node)->cgroup_facts.container_id = BYTES(CONTAINER);
    facts_of(&node)->cgroup_facts.container_is_trusted = true;
    facts_of(&node)->cgroup_facts.unit = BYTES("docker.service");
    assert_non_null(strstr(tell(&holder), "docker container 0123456789ab, listening"));
    assert_help(&out, "docker stop " CONTAINER);
    facts_of(&node)->cgroup_facts.runtime = RUNTIME_PODMAN;
    tell(&holder);
    assert_help(&out, "podman stop " CONTAINER);
    facts_of(&node)->cgroup_facts.container_is_trusted = false;
    assert_non_null(strstr(tell(&holder), "podman container 0123456789ab, listening"));
    assert_help(&out, "kill 1188");
    assert_no_help(&out, CONTAINER);
}

static void machines_are_called_as_machinectl_does(void **state)
{
    static const char *const machines[][2] = {
        {"web", "machinectl poweroff web"},
        {"my\\x2dbox", "machinectl poweroff my-box"},
        {"my-box_1.lan", "machinectl poweroff my-box_1.lan"},
        {CONTAINER, "machinectl poweroff " CONTAINER},
        {"\\x2ehost", "kill 1188"}, /* machinectl would end this host */
        {"\\x2d\\x2dhelp", "kill 1188"},
        {"a\\x20b", "kill 1188"},
        {"a\\x00b", "kill 1188"},
        {"a\\x2", "kill 1188"},
        {"a\\y", "kill 1188"},
        {CONTAINER "0", "kill 1188"},
    };
    struct holder_process node = process(1188, "node");
    struct holder holder = listening(&node, 1);

    (void)state;
    facts_of(&node)->cgroup_facts.runtime = RUNTIME_SYSTEMD_NSPAWN;
    facts_of(&node)->cgroup_facts.container_is_trusted = true;
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        facts_of(&node)->cgroup_facts.container_id =
            (struct bytes){machines[i][0], (uint32_t)strlen(machines[i][0]), false};
        tell(&holder);
        assert_help(&out, machines[i][1]);
    }
}

static void a_published_port_names_the_container(void **state)
{
    struct holder_process proxy = process(900, "docker-proxy");
    const struct holder_published behind = {
        .by = "docker-proxy", .container = BYTES("web-1"), .to = sample_endpoint("172.17.0.2", 80)};
    struct holder holder = listening(&proxy, 1);

    (void)state;
    facts_of(&proxy)->cgroup_facts.unit = BYTES("docker.service");
    holder.published = &behind;
    assert_non_null(strstr(tell(&holder), "for container web-1 (172.17.0.2:80)"));
    assert_help(&out, "docker stop web-1");
    assert_no_help(&out, "docker.service");
}

static void a_proxy_of_an_unknown_container_is_left_alone(void **state)
{
    struct holder_process proxy = process(900, "docker-proxy");
    struct holder_published behind = {.by = "docker-proxy",
                                      .to = sample_endpoint("172.17.0.2", 80)};
    struct holder holder = listening(&proxy, 1);

    (void)state;
    facts_of(&proxy)->cgroup_facts.unit = BYTES("docker.service");
    holder.published = &behind;
    tell(&holder);
    assert_help(&out, "docker ps --filter publish=8080");
    assert_no_help(&out, "docker.service");
    assert_no_help(&out, "kill");
    behind.by = "pasta";
    tell(&holder);
    assert_help(&out, "podman ps");
    assert_no_help(&out, "docker");
    assert_no_help(&out, "kill");
    facts_of(&proxy)->cgroup_facts.unit = BYTES("web.service");
    facts_of(&proxy)->unit_is_own = true;
    tell(&holder);
    assert_help(&out, "systemctl stop web.service");
    assert_no_help(&out, "podman ps");
    facts_of(&proxy)->unit_is_own = false;
    behind.by = "passt"; /* of a virtual machine */
    facts_of(&proxy)->cgroup_facts.unit = (struct bytes){0};
    tell(&holder);
    assert_help(&out, "kill 900");
}

static void socket_activation_means_the_service(void **state)
{
    struct holder_process both[2] = {process(1, "systemd"), process(700, "sshd")};
    const struct holder_published behind = {
        .by = "systemd socket", .unit = BYTES("ssh.service"), .sockets = BYTES("ssh.socket")};
    struct holder holder = listening(both, 2);

    (void)state;
    holder.published = &behind;
    assert_non_null(strstr(tell(&holder), "sshd, pid 700"));
    assert_non_null(strstr(out.holder_lines[0].text, "held for ssh.service"));
    assert_help(&out, "systemctl stop ssh.socket ssh.service");
    assert_no_help(&out, "kill");
    holder.process_count = 1;
    holder.published = NULL;
    tell(&holder);
    assert_no_help(&out, "kill");
    assert_no_help(&out, "systemctl");
}

/* For which service that of a user listens is not known, but who serves is. */
static void socket_activation_of_a_user_means_the_service_that_runs(void **state)
{
    struct holder_process both[2] = {process(900, "systemd"), process(1188, "node")};
    struct holder holder = listening(both, 2);

    (void)state;
    facts_of(&both[0])->cgroup_facts.unit = BYTES("init.scope");
    facts_of(&both[1])->cgroup = BYTES(USER_CGROUP);
    facts_of(&both[1])->cgroup_facts.unit = BYTES("web.service");
    facts_of(&both[1])->unit_is_own = true;
    tell(&holder);
    assert_help(&out, "systemctl --user -M 1000@.host stop web.service");
    assert_no_help(&out, "kill");
}

static void all_who_share_a_descriptor_are_named_and_stopped(void **state)
{
    struct holder_process workers[20];
    struct holder holder = listening(workers, 3);

    (void)state;
    for (unsigned int i = 0; i < 20; i++)
        workers[i] = process(500 + i, "nginx");
    tell(&holder);
    assert_non_null(strstr(out.holder_lines[0].text,
                           "shared with nginx (pid 501), nginx (pid 502), listening"));
    assert_help(&out, "kill 500 501 502");
    holder.process_count = 20;
    assert_non_null(strstr(tell(&holder), "nginx (pid 505) and 14 more"));
    assert_no_help(&out, "kill");
    facts_of(&workers[1])->task.pid = facts_of(&workers[0])->task.pid; /* a second descriptor */
    holder.process_count = 2;
    assert_null(strstr(tell(&holder), "shared with"));
    assert_help(&out, "kill 500");
}

static void of_a_server_and_its_workers_the_server_is_stopped(void **state)
{
    struct holder_process workers[3];
    struct holder holder = listening(workers, 3);

    (void)state;
    for (unsigned int i = 0; i < 3; i++) {
        workers[i] = process(500 + i, "nginx");
        facts_of(&workers[i])->task.parent_pid = i ? 500 : 1;
    }
    tell(&holder);
    assert_help(&out, "kill 500 (the parent of the others)");
    facts_of(&workers[2])->task.parent_pid = 501;
    tell(&holder);
    assert_help(&out, "kill 500 (the parent of the others)");
    facts_of(&workers[2])->task.parent_pid = 1; /* left behind by another one */
    tell(&holder);
    assert_help(&out, "kill 500 501 502");
    workers[2] = process(502, "helper"); /* it does not end with the server */
    facts_of(&workers[2])->task.parent_pid = 500;
    tell(&holder);
    assert_help(&out, "kill 500 501 502");
}

static const char *tell_all(const struct holder *holders, unsigned int count)
{
    struct facts facts = sample_facts(holders, count);
    struct observation seen = sample_bind("0.0.0.0", 0);

    explanation_free(&out);
    explain(&seen, &facts, &out);
    return out.helps[0].text;
}

/* As workers do that share a port by SO_REUSEPORT: to end one of them is no help. */
static void many_holders_are_ended_by_one_command(void **state)
{
    enum { COUNT = 40 };
    struct holder_process workers[COUNT];
    struct holder holders[COUNT];

    (void)state;
    for (unsigned int i = 0; i < COUNT; i++) {
        workers[i] = process(500 + i, i % 2 ? "worker" : "node");
        holders[i] = listening(&workers[i], 1);
        holders[i].seen.socket.inode = i + 1;
    }
    assert_string_equal(tell_all(holders, 6), "kill 500 501 502 503 504 505");
    assert_string_equal(tell_all(holders, 16), "kill 500 501 502 503 504 505 506 507 508 509 510 "
                                               "511 512 513 514 515");
    assert_string_equal(tell_all(holders, 17),
                        "porttrace stop tcp/0.0.0.0:8080 (all of them; it asks before)");
    assert_string_equal(tell_all(holders, COUNT),
                        "porttrace stop tcp/0.0.0.0:8080 (all of them; it asks before)");
    holders[1].processes = NULL; /* only who took it is known */
    holders[1].process_count = 0;
    assert_string_equal(tell_all(holders, 3), "kill 500 1188 502");
    facts_of(&workers[2])->unit_is_own = true;
    facts_of(&workers[2])->cgroup_facts.unit = BYTES("web.service");
    assert_string_equal(tell_all(holders, 3), "systemctl stop web.service");
    assert_help(&out, "kill 500 1188");
}

static void a_signal_that_does_not_end_it_is_not_advised(void **state)
{
    struct holder_process workers[2] = {process(500, "nginx"), process(501, "nginx")};
    struct holder one = listening(workers, 1), both = listening(workers, 2);

    (void)state;
    facts_of(&workers[0])->term = TERM_IGNORED;
    tell(&one);
    assert_help(&out, "kill -9 500 (it ignores SIGTERM)");
    tell(&both);
    assert_help(&out, "kill -9 500 501 (one ignores SIGTERM)");
    facts_of(&workers[0])->term = TERM_WAITS;
    tell(&one);
    assert_help(&out, "kill 500 && kill -CONT 500 (it is stopped)");
    facts_of(&workers[1])->task.parent_pid = 500;
    tell(&both);
    assert_help(&out, "kill 500 && kill -CONT 500 (the parent of the other) (it is stopped)");
    facts_of(&workers[0])->term = TERM_ENDS;
    facts_of(&workers[1])->term = TERM_IGNORED; /* its parent ends it */
    tell(&both);
    assert_help(&out, "kill 500 (the parent of the other)");
    assert_no_help(&out, "-9");
}

static void numbers_of_another_pid_namespace_are_not_for_kill(void **state)
{
    struct holder_process workers[2] = {process(500, "nginx"), process(501, "nginx")};
    struct holder holder = listening(workers, 2);

    (void)state;
    pids_elsewhere = true;
    tell(&holder);
    assert_help(&out, "end 500 501 from outside of this pid namespace: in it such a number is "
                      "another process");
    assert_no_help(&out, "kill");
    facts_of(&workers[1])->task.parent_pid = 500;
    tell(&holder);
    assert_help(&out, "end 500 (the parent of the other) from outside of this pid namespace");
    pids_elsewhere = false;
}

static void a_title_is_quoted_to_its_end(void **state)
{
    struct holder_process redis = process(7, "redis-server");
    struct holder holder = listening(&redis, 1);

    (void)state;
    facts_of(&redis)->args = BYTES("redis-server *:6379\0\0\0\0");
    assert_non_null(strstr(tell(&holder), "'redis-server *:6379', pid 7,"));
    facts_of(&redis)->args =
        BYTES("nginx: master process nginx -c /etc/nginx/a-long-name/of-some.conf");
    assert_non_null(strstr(tell(&holder),
                           "'nginx: master process nginx -c /etc/nginx/a-long-name/of-…', pid 7,"));
}

static void a_long_command_keeps_its_program(void **state)
{
    const struct {
        struct bytes args;
        const char *told;
    } commands[] = {
        {BYTES("/usr/lib/jvm/java-17/bin/java\0-jar\0app.jar"),
         "/usr/lib/jvm/java-17/bin/java -jar app.jar, pid 7,"},
        {BYTES("/usr/lib/jvm/java-17-openjdk-amd64/bin/java\0-jar\0a/long/app.jar"),
         "java -jar a/long/app.jar, pid 7,"},
        {BYTES("/usr/lib/postgresql/15/bin/postgres: a title -c /etc/postgresql/main.conf"),
         "'/usr/lib/postgresql/15/bin/postgres: a title"},
        {BYTES("/a/folder/whose/name/is/longer/than/all/that/can/be/told/of/it/"),
         "/a/folder/whose/name/is"},
    };
    struct holder_process java = process(7, "java");
    struct holder holder = listening(&java, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        facts_of(&java)->args = commands[i].args;
        assert_int_equal(strncmp(tell(&holder), commands[i].told, strlen(commands[i].told)), 0);
    }
}

static void hostile_names_stay_on_their_line(void **state)
{
    struct holder_process evil = process(666, "x\x1b[2J\nnote");
    struct holder holder = listening(&evil, 1);
    const char *line;

    (void)state;
    facts_of(&evil)->args = BYTES("a, pid 1, user root\0\x1b]0;x\x07\0\n  = help: rm -rf /\0");
    facts_of(&evil)->cgroup_facts.unit = BYTES("$(reboot)\n.service");
    facts_of(&evil)->unit_is_own = true;
    line = tell(&holder);
    for (const char *at = line; *at; at++)
        assert_true((unsigned char)*at >= ' ');
    assert_null(strstr(line, "\n"));
    assert_memory_equal(line, "'a, pid 1, user root'", 21);
    assert_help(&out, "kill 666");
    assert_no_help(&out, "systemctl");
    facts_of(&evil)->args = (struct bytes){0};
    line = tell(&holder);
    assert_null(strchr(line, '\x1b'));
}

static void long_commands_are_cut(void **state)
{
    static char args[4096];
    struct holder_process java = process(5, "java");
    struct holder holder = listening(&java, 1);

    (void)state;
    memset(args, 'a', sizeof(args));
    facts_of(&java)->args = (struct bytes){.at = args, .size = sizeof(args)};
    assert_true(strlen(tell(&holder)) < 250);
    assert_non_null(strstr(out.holder_lines[0].text, "pid 5, user www-data"));
}

static void who_has_gone_is_named_all_the_same(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.gone_ns = SAMPLE_NOW_NS - SAMPLE_SECOND;
    assert_non_null(strstr(tell(&holder), "node, pid 1188"));
    assert_non_null(strstr(out.holder_lines[0].text, "gone since 00:59:59"));
    assert_note(&out, "given the port back since");
    assert_no_help(&out, "kill");
}

static void owners_that_are_not_known(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.flags = 0;
    holder.seen.since_ns = 0;
    assert_string_equal(tell(&holder), "a process that is not known, listening on 0.0.0.0:8080");
    holder.seen.flags |= PT_HOLDER_UID_KNOWN;
    holder.seen.uid = 33;
    assert_string_equal(tell(&holder),
                        "a process that is not known, user www-data, listening on 0.0.0.0:8080");
    assert_no_help(&out, "kill");
    holder.seen.socket.inode = 4711;
    tell(&holder);
    assert_note(&out, "on its way between two (SCM_RIGHTS)");
    holder.seen.flags = PT_HOLDER_ORPHAN;
    assert_string_equal(tell(&holder), "no process any more, listening on 0.0.0.0:8080");
    assert_no_note(&out, "SCM_RIGHTS");
}

static void times_that_cannot_be(void **state)
{
    struct holder holder = sample_holder("0.0.0.0", TCP_LISTEN, 0);

    (void)state;
    holder.seen.since_ns = UINT64_MAX;
    assert_null(strstr(tell(&holder), "since"));
    holder.seen.since_ns = 0;
    holder.seen.task.start_ns = SAMPLE_NOW_NS - 60 * SAMPLE_SECOND;
    assert_non_null(strstr(tell(&holder), "process started 00:59:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_service_is_told_in_one_line, end),
        cmocka_unit_test_teardown(units_of_a_users_own_systemd, end),
        cmocka_unit_test_teardown(a_service_that_is_for_others_is_not_stopped, end),
        cmocka_unit_test_teardown(containers_are_stopped_by_their_runtime, end),
        cmocka_unit_test_teardown(machines_are_called_as_machinectl_does, end),
        cmocka_unit_test_teardown(a_published_port_names_the_container, end),
        cmocka_unit_test_teardown(a_proxy_of_an_unknown_container_is_left_alone, end),
        cmocka_unit_test_teardown(socket_activation_means_the_service, end),
        cmocka_unit_test_teardown(socket_activation_of_a_user_means_the_service_that_runs, end),
        cmocka_unit_test_teardown(all_who_share_a_descriptor_are_named_and_stopped, end),
        cmocka_unit_test_teardown(of_a_server_and_its_workers_the_server_is_stopped, end),
        cmocka_unit_test_teardown(many_holders_are_ended_by_one_command, end),
        cmocka_unit_test_teardown(a_signal_that_does_not_end_it_is_not_advised, end),
        cmocka_unit_test_teardown(numbers_of_another_pid_namespace_are_not_for_kill, end),
        cmocka_unit_test_teardown(a_title_is_quoted_to_its_end, end),
        cmocka_unit_test_teardown(a_long_command_keeps_its_program, end),
        cmocka_unit_test_teardown(hostile_names_stay_on_their_line, end),
        cmocka_unit_test_teardown(long_commands_are_cut, end),
        cmocka_unit_test_teardown(who_has_gone_is_named_all_the_same, end),
        cmocka_unit_test_teardown(owners_that_are_not_known, end),
        cmocka_unit_test_teardown(times_that_cannot_be, end),
    };

    return cmocka_run_group_tests_name("holder line", tests, NULL, NULL);
}
