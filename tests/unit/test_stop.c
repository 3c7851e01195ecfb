// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/holders.h"
#include "user/cli/stop_others.h"
#include "user/cli/stop_plan.h"
#include "user/enrich/cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const uint32_t lineage[] = {5000, 4000, 3000};

static struct stop_facts facts_here(void)
{
    return (struct stop_facts){.range_low = 32768,
                               .range_high = 60999,
                               .lineage = lineage,
                               .lineage_count = 3,
                               .services = true,
                               .containers = true};
}

/* All from 100 to 199 are what their service was started for. */
static struct holder_process in_cgroup(uint32_t pid, const char *path, const char *unit)
{
    struct holder_process process = held_process(pid, "server");
    const char *at = unit ? strstr(path, unit) : NULL;

    facts_of(&process)->cgroup = sample_bytes(path, strlen(path));
    facts_of(&process)->cgroup_facts = (struct cgroup_facts){0};
    facts_of(&process)->unit_is_own = pid >= 100 && pid < 200;
    if (at)
        facts_of(&process)->cgroup_facts.unit = sample_bytes(at, strlen(unit));
    return process;
}

static struct holder_process plain(uint32_t pid)
{
    return in_cgroup(pid, "/", NULL);
}

static struct stop_plan plan;

static void make(const struct holder *holder, const struct stop_facts *facts)
{
    const struct holders holders = {holder, 1};

    stop_plan_make(&holders, facts, &plan);
}

static void assert_left(const struct holder *holder, enum stop_leave reason, const char *words)
{
    struct stop_facts facts = facts_here();
    struct strbuf text = {0};

    make(holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.steps[0].way, STOP_LEAVE);
    assert_int_equal(plan.steps[0].leave, reason);
    assert_int_equal(stop_plan_ends(&plan), 0);
    stop_plan_add_step(&text, &plan.steps[0]);
    assert_non_null(strstr(text.text, words));
    strbuf_free(&text);
}

static void assert_step(unsigned int index, enum stop_way way, const char *words)
{
    struct strbuf text = {0};

    assert_true(index < plan.count);
    assert_int_equal(plan.steps[index].way, way);
    stop_plan_add_step(&text, &plan.steps[index]);
    assert_string_equal(text.text, words);
    strbuf_free(&text);
}

static void all_who_share_it_get_a_signal(void **state)
{
    const struct holder_process processes[] = {plain(100), plain(101), plain(100)};
    struct holder holder = held_by(held_listener(80), processes, 3);
    struct stop_facts facts = facts_here();

    (void)state;
    make(&holder, &facts);
    assert_int_equal(plan.count, 2);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
    assert_step(1, STOP_SIGNAL, "send SIGTERM to server (pid 101)");
}

static void assert_others(const struct holder *holders, unsigned int count, const char *words)
{
    const struct holders all = {holders, count};
    const struct holder_list list = holder_list_of(&all);
    const struct question asked = {.endpoint = {.port = 80}, .any_address = true};
    struct stop_facts facts = facts_here();
    struct strbuf text = {0};

    make(&holders[0], &facts);
    stop_others_add(&text, &list, &facts, &asked, &plan.steps[0]);
    assert_string_equal(text.text ? text.text : "", words);
    strbuf_free(&text);
}

static void other_ports_of_what_is_ended_are_told(void **state)
{
    enum { COUNT = 12 };
    const struct holder_process server = plain(100), other = plain(101);
    struct holder holders[COUNT] = {
        held_by(held_listener(80), &server, 1),    held_by(held_listener(80), &server, 1),
        held_by(held_listener(443), &server, 1),   held_by(held_listener(443), &server, 1),
        held_by(held_datagram(443), &server, 1),   held_by(held_listener(444), &other, 1),
        held_by(held_connection(445), &server, 1), held_by(held_client(50001), &server, 1),
    };

    (void)state;
    assert_others(holders, 1, "");
    assert_others(holders, 8, ", which also has tcp/443, udp/443");
    for (unsigned int i = 1; i < COUNT; i++)
        holders[i] = held_by(held_listener((uint16_t)(80 + i)), &server, 1);
    assert_others(holders, COUNT,
                  ", which also has tcp/81, tcp/82, tcp/83, tcp/84, tcp/85, tcp/86, tcp/87, "
                  "tcp/88 and 3 more");
    holders[0].published = &(struct holder_published){.by = "systemd socket",
                                                      .unit = SAMPLE_BYTES("web.service"),
                                                      .sockets = SAMPLE_BYTES("web.socket")};
    holders[0].processes = &(struct holder_process){server.process, 3};
    facts_of(holders[0].processes)->task.pid = 1;
    assert_others(holders, COUNT, "");
}

static void a_service_is_stopped_for_its_main_processes_only(void **state)
{
    const char *path = "/system.slice/web.service";
    const struct holder_process main_group[] = {in_cgroup(100, path, "web.service"),
                                                in_cgroup(101, path, "web.service"),
                                                in_cgroup(700, path, "web.service")};
    const struct holder_process other = in_cgroup(700, path, "web.service");
    struct holder holder = held_by(held_listener(80), main_group, 3);
    struct stop_facts facts = facts_here();

    (void)state;
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_MANAGED, "stop the service web.service (systemctl stop web.service)");
    holder = held_by(held_listener(80), &other, 1);
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 700)");
    facts.services = false;
    holder = held_by(held_listener(80), main_group, 3);
    make(&holder, &facts);
    assert_int_equal(plan.count, 3);
    assert_int_equal(plan.steps[0].way, STOP_SIGNAL);
}

static void a_session_is_never_stopped_as_a_whole(void **state)
{
    static const char *const paths[][2] = {
        {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope"},
        {"/user.slice/user-1000.slice/user@1000.service", "user@1000.service"},
        {"/system.slice/-x.service", "-x.service"},
        {"/system.slice/a b.service", "a b.service"},
    };
    struct stop_facts facts = facts_here();

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const struct holder_process process = in_cgroup(100, paths[i][0], paths[i][1]);
        struct holder holder = held_by(held_listener(80), &process, 1);

        make(&holder, &facts);
        assert_int_equal(plan.count, 1);
        assert_int_equal(plan.steps[0].way, STOP_SIGNAL);
    }
}

static void a_service_of_a_user_has_its_own_manager(void **state)
{
    const struct holder_process process = in_cgroup(
        100, "/user.slice/user-1000.slice/user@1000.service/app.slice/dev.service", "dev.service");
    struct holder holder = held_by(held_listener(80), &process, 1);
    struct stop_facts facts = facts_here();

    (void)state;
    make(&holder, &facts);
    assert_step(0, STOP_MANAGED,
                "stop the service dev.service (systemctl --user -M 1000@.host stop dev.service)");
    assert_true(plan.steps[0].ending.of_user);
    assert_int_equal(plan.steps[0].ending.uid, 1000);
    facts.reader_uid = 1000;
    make(&holder, &facts);
    assert_step(0, STOP_MANAGED,
                "stop the service dev.service (systemctl --user stop dev.service)");
}

static void a_container_is_stopped_by_its_runtime(void **state)
{
    struct holder_process process = in_cgroup(100, "/docker/" ID, NULL);
    struct holder holder;
    struct stop_facts facts = facts_here();

    (void)state;
    facts_of(&process)->cgroup_facts.runtime = RUNTIME_DOCKER;
    facts_of(&process)->cgroup_facts.container_id = SAMPLE_BYTES(ID);
    facts_of(&process)->cgroup_facts.container_is_trusted = true;
    holder = held_by(held_listener(80), &process, 1);
    make(&holder, &facts);
    assert_step(0, STOP_MANAGED, "stop the container " ID " (docker stop " ID ")");
    facts_of(&process)->cgroup_facts.runtime = RUNTIME_PODMAN;
    make(&holder, &facts);
    assert_step(0, STOP_MANAGED, "stop the container " ID " (podman stop " ID ")");
    facts_of(&process)->cgroup_facts.runtime = RUNTIME_UNKNOWN;
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].way, STOP_SIGNAL);
    facts_of(&process)->cgroup_facts.runtime = RUNTIME_DOCKER;
    facts_of(&process)->cgroup_facts.container_is_trusted = false;
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
    facts_of(&process)->cgroup_facts.container_is_trusted = true;
    facts.containers = false;
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].way, STOP_SIGNAL);
}

/* machinectl returns while it runs on. */
static void all_processes_of_a_machine_are_waited_for(void **state)
{
    const char *path = "/machine.slice/machine-web.scope/payload";
    const struct holder_process processes[] = {
        in_cgroup(100, path, NULL), in_cgroup(101, path, NULL), in_cgroup(100, path, NULL)};
    struct holder holder = held_by(held_listener(80), processes, 3);
    struct stop_facts facts = facts_here();

    (void)state;
    for (size_t i = 0; i < sizeof(processes) / sizeof(processes[0]); i++) {
        facts_of(&processes[i])->cgroup_facts.runtime = RUNTIME_SYSTEMD_NSPAWN;
        facts_of(&processes[i])->cgroup_facts.container_id = SAMPLE_BYTES("web");
        facts_of(&processes[i])->cgroup_facts.container_is_trusted = true;
    }
    make(&holder, &facts);
    assert_int_equal(plan.count, 3);
    assert_step(0, STOP_MANAGED, "stop the container web (machinectl poweroff web)");
    assert_step(1, STOP_AWAITED, "wait for the end of server (pid 100)");
    assert_step(2, STOP_AWAITED, "wait for the end of server (pid 101)");
    facts.containers = false;
    make(&holder, &facts);
    assert_int_equal(plan.count, 2);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
}

static void the_way_into_a_container_is_not_ended(void **state)
{
    const struct holder_process proxy = held_process(100, "docker-proxy");
    const struct holder_process rootless = plain(101);
    struct holder holder = held_by(held_listener(80), &proxy, 1);
    struct holder_published behind = {.by = "nft DNAT"};
    struct holder rule = {.seen = {.local = sample_ipv4("0.0.0.0", 80)}, .published = &behind};
    struct stop_facts facts = facts_here();

    (void)state;
    assert_left(&holder, STOP_LEAVE_PROXY, "docker-proxy (pid 100), the way into a container");
    assert_left(&rule, STOP_LEAVE_RULE, "a rule of the firewall");
    holder.processes = &rootless;
    holder.published = &behind;
    behind.by = "rootlesskit-docker-proxy";
    assert_left(&holder, STOP_LEAVE_PROXY, "(pid 101), the way into a container");
    behind.by = "passt"; /* of a virtual machine */
    make(&holder, &facts);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 101)");
    behind.by = "docker-proxy";
    behind.container = SAMPLE_BYTES("shop");
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_MANAGED, "stop the container shop (docker stop shop)");
    make(&rule, &facts);
    assert_step(0, STOP_MANAGED, "stop the container shop (docker stop shop)");
    behind.container = SAMPLE_BYTES("--all");
    assert_left(&rule, STOP_LEAVE_RULE, "a rule of the firewall");
}

static void the_way_into_the_one_container_of_a_service_is_ended_with_it(void **state)
{
    static const struct {
        const char *by;
        bool ends;
    } cases[] = {
        {"rootlessport", true}, {"pasta", true}, {"slirp4netns", true}, {"rootlesskit", false}};
    const struct holder_process proxy =
        in_cgroup(100, "/system.slice/web.service/runtime", "web.service");
    struct holder_published behind = {0};
    struct holder holder = held_by(held_listener(80), &proxy, 1);
    struct stop_facts facts = facts_here();

    (void)state;
    holder.published = &behind;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        behind.by = cases[i].by;
        facts_of(&proxy)->unit_is_own = true;
        make(&holder, &facts);
        assert_int_equal(plan.count, 1);
        if (cases[i].ends)
            assert_step(0, STOP_MANAGED,
                        "stop the service web.service (systemctl stop web.service)");
        else
            assert_int_equal(plan.steps[0].leave, STOP_LEAVE_PROXY);
        facts.services = false; /* a signal would leave the container without its port */
        make(&holder, &facts);
        assert_int_equal(plan.count, 1);
        assert_int_equal(plan.steps[0].leave, STOP_LEAVE_PROXY);
        facts.services = true;
        facts_of(&proxy)->unit_is_own = false;
        assert_left(&holder, STOP_LEAVE_PROXY, "the way into a container");
    }
}

static void the_service_manager_is_never_ended(void **state)
{
    const struct holder_process init = held_process(1, "systemd");
    const struct holder_process of_user =
        in_cgroup(900, "/user.slice/user-1000.slice/user@1000.service/init.scope", "init.scope");
    const struct holder_published behind = {.by = "systemd socket",
                                            .unit = SAMPLE_BYTES("web.service"),
                                            .sockets = SAMPLE_BYTES("web.socket admin.socket")};
    struct holder holder = held_by(held_listener(80), &init, 1);
    struct stop_facts facts = facts_here();

    (void)state;
    assert_left(&holder, STOP_LEAVE_INIT, "systemd (pid 1), the service manager");
    holder.published = &behind;
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_MANAGED,
                "stop the service web.service and the sockets that start it (systemctl stop "
                "web.socket admin.socket web.service)");
    facts.services = false;
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].leave, STOP_LEAVE_INIT);
    holder = held_by(held_listener(80), &of_user, 1);
    assert_left(&holder, STOP_LEAVE_INIT, "server (pid 900), the service manager");
}

static void porttrace_and_what_it_runs_in_are_left(void **state)
{
    const struct holder_process self = plain(5000), shell = plain(3000);
    const char *path = "/system.slice/web.service";
    const struct holder_process around = in_cgroup(100, path, "web.service");
    struct holder holder = held_by(held_listener(80), &self, 1);
    struct stop_facts facts = facts_here();

    (void)state;
    assert_left(&holder, STOP_LEAVE_SELF, "porttrace itself");
    holder = held_by(held_listener(80), &shell, 1);
    assert_left(&holder, STOP_LEAVE_ANCESTOR, "--ancestors ends that too");
    facts.ancestors_too = true;
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].way, STOP_SIGNAL);
    /* To stop the service would end porttrace and all that it was started from. */
    facts.ancestors_too = false;
    facts.own_cgroup = SAMPLE_BYTES("/system.slice/web.service/shell");
    holder = held_by(held_listener(80), &around, 1);
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.steps[0].leave, STOP_LEAVE_ANCESTOR);
    facts.services = false; /* as when systemctl has refused something else */
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].leave, STOP_LEAVE_ANCESTOR);
    facts.services = true;
    facts.own_cgroup = SAMPLE_BYTES("/system.slice/web.services");
    make(&holder, &facts);
    assert_int_equal(plan.steps[0].way, STOP_MANAGED);
}

/* To the host it is all user@1000.service, which is not what would be stopped. */
static void a_service_of_a_user_is_left_where_porttrace_is_in_it(void **state)
{
    static const char path[] =
        "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-" ID;
    struct holder_process process = in_cgroup(100, path, "user@1000.service");
    struct holder holder = held_by(held_listener(80), &process, 1);
    struct stop_facts facts = facts_here();

    (void)state;
    facts_of(&process)->cgroup_facts = cgroup_parse(facts_of(&process)->cgroup);
    facts.own_cgroup =
        SAMPLE_BYTES("/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope");
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_MANAGED,
                "stop the service web.service (systemctl --user -M 1000@.host stop web.service)");
    assert_true(stop_plan_has_process(&plan, process.process));
    facts.own_cgroup =
        SAMPLE_BYTES("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/runtime");
    make(&holder, &facts);
    assert_int_equal(plan.count, 1);
    assert_int_equal(plan.steps[0].leave, STOP_LEAVE_ANCESTOR);
}

static void what_has_no_process_is_told(void **state)
{
    struct holder kernel = held_datagram(51820), wait = held_listener(80);
    struct holder orphan = held_connection(80), unseen = held_listener(80);

    (void)state;
    kernel.seen.flags |= PT_HOLDER_KERNEL;
    wait.seen.socket.state = HELD_TIME_WAIT;
    wait.seen.expires_ns = 22100000000;
    orphan.seen.socket.state = HELD_FIN_WAIT2;
    orphan.seen.flags |= PT_HOLDER_ORPHAN;
    assert_left(&kernel, STOP_LEAVE_KERNEL, "a socket of the kernel itself");
    assert_left(&wait, STOP_LEAVE_TIME_WAIT, "over in 23 s");
    assert_left(&orphan, STOP_LEAVE_NOBODY, "the kernel ends it");
    assert_false(stop_plan_leaves(&plan, STOP_LEAVE_UNSEEN));
    assert_left(&unseen, STOP_LEAVE_UNSEEN, "cannot be seen from here");
    assert_true(stop_plan_leaves(&plan, STOP_LEAVE_UNSEEN));
}

static void a_client_is_left(void **state)
{
    const struct holder_process process = plain(100);
    struct holder client = held_by(held_client(40000), &process, 1);
    struct holder udp = held_by(held_datagram(40000), &process, 1);

    (void)state;
    udp.seen.flags &= ~(uint32_t)PT_HOLDER_BOUND;
    assert_left(&client, STOP_LEAVE_CLIENT, "a client has the port for its own traffic");
    assert_left(&udp, STOP_LEAVE_CLIENT, "a client has the port for its own traffic");
}

static void connections_of_a_listener_are_not_ended_for_it(void **state)
{
    const struct holder_process server = plain(100), session = plain(200);
    struct holder sockets[2] = {held_by(held_listener(22), &server, 1),
                                held_by(held_connection(22), &session, 1)};
    const struct holders holders = {sockets, 2}, alone = {sockets + 1, 1};
    struct stop_facts facts = facts_here();

    (void)state;
    stop_plan_make(&holders, &facts, &plan);
    assert_int_equal(plan.count, 2);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
    assert_int_equal(plan.steps[1].leave, STOP_LEAVE_SERVED);
    assert_false(stop_plan_has_process(&plan, session.process));
    assert_true(stop_plan_has_process(&plan, server.process));
    stop_plan_make(&alone, &facts, &plan);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 200)");
}

#define MANY (STOP_ENDS_MAX + 5)

static void make_processes(struct holder_process *processes)
{
    for (uint32_t i = 0; i < MANY; i++)
        processes[i] = plain(10000 + i);
}

static void more_than_fits_is_told(void **state)
{
    static struct holder_process many[MANY];
    struct holder holder;
    struct stop_facts facts = facts_here();

    (void)state;
    make_processes(many);
    holder = held_by(held_listener(80), many, MANY);
    make(&holder, &facts);
    assert_int_equal(plan.count, STOP_ENDS_MAX + 1);
    assert_int_equal(stop_plan_ends(&plan), STOP_ENDS_MAX);
    assert_step(STOP_ENDS_MAX, STOP_LEAVE, "leave more than can be ended at once");
}

/* Whoever connects leaves them: they must not keep a listener from being ended. */
static void what_nobody_has_is_one_step_for_each_reason(void **state)
{
    const struct holder_process process = plain(100);
    struct stop_facts facts = facts_here();
    static struct holder sockets[MANY];
    const struct holders holders = {sockets, MANY};

    (void)state;
    for (uint32_t i = 0; i < MANY; i++) {
        sockets[i] = held_connection(80);
        sockets[i].seen.socket.state = i % 3 ? HELD_TIME_WAIT : HELD_FIN_WAIT2;
        sockets[i].seen.expires_ns = i % 3 ? 1000000000ull * (1 + i % 50) : 0;
        sockets[i].seen.flags |= i % 3 ? 0 : PT_HOLDER_ORPHAN;
    }
    sockets[MANY - 1] = held_by(held_listener(80), &process, 1);
    stop_plan_make(&holders, &facts, &plan);
    assert_int_equal(plan.count, 3);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
    assert_step(1, STOP_LEAVE, "leave a connection that no process has: the kernel ends it");
    assert_step(2, STOP_LEAVE,
                "leave TIME_WAIT of a closed connection, which is nobody's: over in 50 s");
}

static void clients_do_not_keep_a_listener_from_being_ended(void **state)
{
    const struct holder_process process = plain(100);
    struct stop_facts facts = facts_here();
    static struct holder_process many[MANY];
    static struct holder sockets[MANY + 1];
    const struct holders holders = {sockets, MANY + 1};

    (void)state;
    make_processes(many);
    for (unsigned int i = 0; i < MANY; i++)
        sockets[i] = held_by(held_client(80), &many[i], 1);
    sockets[MANY] = held_by(held_listener(80), &process, 1);
    stop_plan_make(&holders, &facts, &plan);
    assert_int_equal(plan.count, 1 + STOP_LEFT_MAX + 1);
    assert_step(0, STOP_SIGNAL, "send SIGTERM to server (pid 100)");
    assert_int_equal(plan.steps[STOP_LEFT_MAX].leave, STOP_LEAVE_CLIENT);
    assert_step(STOP_LEFT_MAX + 1, STOP_LEAVE, "leave more processes that are not to be ended");
}

/* The listener stands behind them, and the service has all of them. */
static void what_a_service_serves_is_not_left(void **state)
{
    static struct holder sockets[2 * STOP_LEFT_MAX + 1];
    static struct holder_process sessions[2 * STOP_LEFT_MAX];
    const struct holders holders = {sockets, 2 * STOP_LEFT_MAX + 1};
    const char *path = "/system.slice/web.service";
    const struct holder_process server = in_cgroup(100, path, "web.service");
    struct stop_facts facts = facts_here();

    (void)state;
    for (uint32_t i = 0; i < 2 * STOP_LEFT_MAX; i++) {
        sessions[i] = in_cgroup(10000 + i, path, "web.service");
        sockets[i] = held_by(held_connection(80), &sessions[i], 1);
    }
    sockets[2 * STOP_LEFT_MAX] = held_by(held_listener(80), &server, 1);
    stop_plan_make(&holders, &facts, &plan);
    assert_int_equal(plan.count, 1);
    assert_step(0, STOP_MANAGED, "stop the service web.service (systemctl stop web.service)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_who_share_it_get_a_signal),
        cmocka_unit_test(other_ports_of_what_is_ended_are_told),
        cmocka_unit_test(a_service_is_stopped_for_its_main_processes_only),
        cmocka_unit_test(a_session_is_never_stopped_as_a_whole),
        cmocka_unit_test(a_service_of_a_user_has_its_own_manager),
        cmocka_unit_test(a_container_is_stopped_by_its_runtime),
        cmocka_unit_test(all_processes_of_a_machine_are_waited_for),
        cmocka_unit_test(the_way_into_a_container_is_not_ended),
        cmocka_unit_test(the_way_into_the_one_container_of_a_service_is_ended_with_it),
        cmocka_unit_test(the_service_manager_is_never_ended),
        cmocka_unit_test(porttrace_and_what_it_runs_in_are_left),
        cmocka_unit_test(a_service_of_a_user_is_left_where_porttrace_is_in_it),
        cmocka_unit_test(what_has_no_process_is_told),
        cmocka_unit_test(a_client_is_left),
        cmocka_unit_test(connections_of_a_listener_are_not_ended_for_it),
        cmocka_unit_test(more_than_fits_is_told),
        cmocka_unit_test(what_nobody_has_is_one_step_for_each_reason),
        cmocka_unit_test(clients_do_not_keep_a_listener_from_being_ended),
        cmocka_unit_test(what_a_service_serves_is_not_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
