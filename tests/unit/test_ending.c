// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "user/enrich/cgroup.h"
#include "user/model/ending.h"

#define ID   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define USER "/user.slice/user-1000.slice/user@1000.service"

static struct bytes bytes(const char *text)
{
    return (struct bytes){text, text ? (uint32_t)strlen(text) : 0, false};
}

/* NULL: it is not to be ended so. */
static void assert_command(bool found, const struct ending *ending, const char *command)
{
    struct strbuf text = {0};

    assert_int_equal(found, command != NULL);
    if (!command)
        return;
    ending_add_command(&text, ending);
    assert_string_equal(text.text, command);
    strbuf_free(&text);
}

static void a_container_is_ended_by_its_runtime(void **state)
{
    static const struct {
        enum runtime runtime;
        const char *id;
        const char *command;
    } cases[] = {
        {RUNTIME_DOCKER, ID, "docker stop " ID},
        {RUNTIME_PODMAN, ID, "podman stop " ID},
        {RUNTIME_CONTAINERD_NERDCTL, ID, "nerdctl stop " ID},
        {RUNTIME_CONTAINERD_CRI, ID, "crictl stop " ID},
        {RUNTIME_CONTAINERD, ID, NULL},
        {RUNTIME_CRIO, ID, "crictl stop " ID},
        {RUNTIME_LXC, "web", "lxc-stop -n web"},
        {RUNTIME_SYSTEMD_NSPAWN, "my\\x2dbox", "machinectl poweroff my-box"},
        {RUNTIME_SYSTEMD_NSPAWN, "\\x2ehost", NULL},
        {RUNTIME_LXC, "--all", NULL},
        {RUNTIME_LXC, ".", NULL},
        {RUNTIME_LXC, "a b", NULL},
        {RUNTIME_LXC, "$(reboot)", NULL},
        {RUNTIME_LXC, "", NULL},
        {RUNTIME_LXC, NULL, NULL},
        {RUNTIME_UNKNOWN, ID, NULL},
        {RUNTIME_NONE, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct process_facts process = {.cgroup_facts = {.runtime = cases[i].runtime,
                                                         .container_id = bytes(cases[i].id),
                                                         .container_is_trusted = true}};
        struct ending ending;

        assert_command(ending_of_container(&process, 0, &ending), &ending, cases[i].command);
        process.cgroup_facts.pod_id = bytes("pod");
        assert_command(ending_of_container(&process, 0, &ending), &ending, NULL);
        process.cgroup_facts.pod_id = bytes(NULL);
        process.cgroup_facts.container_is_trusted = false;
        assert_command(ending_of_container(&process, 0, &ending), &ending, NULL);
        process.cgroup_facts.container_is_trusted = true;
        process.cgroup_facts.container_id.truncated = true;
        if (cases[i].runtime != RUNTIME_SYSTEMD_NSPAWN)
            assert_command(ending_of_container(&process, 0, &ending), &ending, NULL);
    }
}

static struct process_facts in_cgroup(const char *path)
{
    return (struct process_facts){.cgroup = bytes(path), .cgroup_facts = cgroup_parse(bytes(path))};
}

/* Whoever owns the cgroups below user@1000.service can name them as he likes: that user is asked.
 */
static void a_container_of_a_user_is_ended_by_the_podman_of_that_user(void **state)
{
    static const struct {
        const char *cgroup;
        const char *command; /* of root */
        const char *own;     /* of user 1000 */
    } cases[] = {
        {USER "/user.slice/libpod-" ID ".scope/container",
         "systemd-run --user -M 1000@.host --pipe --wait podman stop " ID, "podman stop " ID},
        {USER "/user.slice/user-libpod_pod_" ID ".slice/libpod-" ID ".scope",
         "systemd-run --user -M 1000@.host --pipe --wait podman stop " ID, "podman stop " ID},
        {USER "/app.slice/web.service/libpod-payload-" ID, NULL, NULL},
        {USER "/app.slice/web.service/libpod-" ID ".scope", NULL, NULL},
        {USER "/user.slice/libpod-" ID ".scope/libpod-" ID ".scope", NULL, NULL},
        {USER "/user.slice/docker-" ID ".scope", NULL, NULL},
        {USER "/user.slice/nerdctl-" ID ".scope", NULL, NULL},
        {USER "/machine.slice/machine-web.scope/payload", NULL, NULL},
        {"/system.slice/web.service/user@1000.service/user.slice/libpod-" ID ".scope", NULL, NULL},
        {"/user.slice/session-3.scope/user@0.service/user.slice/libpod-" ID ".scope", NULL, NULL},
        {"/user.slice/user@1000x.service/user.slice/libpod-" ID ".scope", NULL, NULL},
        {"/user.slice/user@4294967295.service/user.slice/libpod-" ID ".scope", NULL, NULL},
        {"/user.slice/user@.service/user.slice/libpod-" ID ".scope", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct process_facts process = in_cgroup(cases[i].cgroup);
        struct ending ending;

        assert_command(ending_of_container(&process, 0, &ending), &ending, cases[i].command);
        assert_command(ending_of_container(&process, 1000, &ending), &ending, cases[i].own);
    }
}

static void a_container_of_a_users_service_is_ended_by_the_manager_of_that_user(void **state)
{
    static const struct {
        const char *cgroup;
        const char *command;
    } cases[] = {
        {USER "/app.slice/web.service/libpod-payload-" ID,
         "systemctl --user -M 1000@.host stop web.service"},
        {USER "/app.slice/web.service/mail.service/libpod-payload-" ID,
         "systemctl --user -M 1000@.host stop web.service"},
        {USER "/app.slice/user@1001.service/app.slice/web.service/libpod-payload-" ID, NULL},
        {USER "/user.slice/libpod-" ID ".scope/web.service", NULL},
        {USER "/libpod-payload-" ID, NULL},
        {"/system.slice/web.service/user@1000.service/app.slice/mail.service/libpod-payload-" ID,
         "systemctl stop web.service"},
        {"/system.slice/web.service/libpod-payload-" ID, "systemctl stop web.service"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct process_facts process = in_cgroup(cases[i].cgroup);
        struct ending ending;

        assert_command(ending_of_unit(&process, 0, &ending), &ending, NULL);
        process.unit_is_own = true;
        assert_command(ending_of_unit(&process, 0, &ending), &ending, cases[i].command);
    }
}

static void a_service_is_ended_by_its_manager(void **state)
{
    static const struct {
        const char *cgroup;
        const char *unit;
        const char *command; /* of root */
        const char *own;     /* of user 1000 */
    } cases[] = {
        {"/system.slice/web.service", "web.service", "systemctl stop web.service",
         "systemctl stop web.service"},
        {"/system.slice/a\\x2db@1.service", "a\\x2db@1.service",
         "systemctl stop $'a\\\\x2db@1.service'", "systemctl stop $'a\\\\x2db@1.service'"},
        {USER "/app.slice/web.service", "web.service",
         "systemctl --user -M 1000@.host stop web.service", "systemctl --user stop web.service"},
        {USER, "user@1000.service", NULL, NULL},
        {"/user.slice/session-3.scope", "session-3.scope", NULL, NULL},
        {"/system.slice/app.service/user@1000.service/web.service", "web.service",
         "systemctl stop web.service", "systemctl stop web.service"},
        {"/system.slice/-x.service", "-x.service", NULL, NULL},
        {"/system.slice/a b.service", "a b.service", NULL, NULL},
        {"/system.slice/.service", ".service", NULL, NULL},
        {"/", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct process_facts process = {.cgroup = bytes(cases[i].cgroup),
                                        .cgroup_facts = {.unit = bytes(cases[i].unit)},
                                        .unit_is_own = true};
        struct ending ending;

        assert_command(ending_of_unit(&process, 0, &ending), &ending, cases[i].command);
        assert_command(ending_of_unit(&process, 1000, &ending), &ending, cases[i].own);
        /* As podman's units are: the container is below the service that was started for it. */
        process.cgroup_facts.runtime = RUNTIME_PODMAN;
        assert_command(ending_of_unit(&process, 0, &ending), &ending, cases[i].command);
        process.cgroup_facts.container_is_trusted = true;
        assert_command(ending_of_unit(&process, 0, &ending), &ending, NULL);
        process.cgroup_facts.container_is_trusted = false;
        process.unit_is_own = false;
        assert_command(ending_of_unit(&process, 0, &ending), &ending, NULL);
    }
}

static void a_socket_unit_is_ended_with_its_service(void **state)
{
    struct process_facts init = {.task.pid = 1}, of_user = {.cgroup = bytes(USER "/init.scope")};
    struct holder_published published = {.unit = bytes("web.service"),
                                         .sockets = bytes("web.socket a\\x2db.socket")};
    static const char *const others[] = {NULL,
                                         "",
                                         "web.path",
                                         "web.socket -b.socket",
                                         " ",
                                         "web.socket  b.socket",
                                         "web.socket $(reboot).socket"};
    struct ending ending;

    (void)state;
    assert_command(ending_of_socket(&published, &init, 0, &ending), &ending,
                   "systemctl stop web.socket $'a\\\\x2db.socket' web.service");
    assert_command(ending_of_socket(&published, &of_user, 1000, &ending), &ending,
                   "systemctl --user stop web.socket $'a\\\\x2db.socket' web.service");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        published.sockets = bytes(others[i]);
        assert_command(ending_of_socket(&published, &init, 0, &ending), &ending, NULL);
    }
    published.sockets = bytes("web.socket");
    assert_command(ending_of_socket(NULL, &init, 0, &ending), &ending, NULL);
    published.unit = bytes("web.target");
    assert_command(ending_of_socket(&published, &init, 0, &ending), &ending, NULL);
    published.unit = bytes(NULL);
    assert_command(ending_of_socket(&published, &init, 0, &ending), &ending, NULL);
}

static void what_is_published_is_ended_by_its_container(void **state)
{
    struct holder_published published = {.by = "docker-proxy", .container = bytes("web-1")};
    struct ending ending;

    (void)state;
    assert_command(ending_of_published(&published, &ending), &ending, "docker stop web-1");
    published.container = bytes("--all");
    assert_command(ending_of_published(&published, &ending), &ending, NULL);
    published.container = bytes(NULL);
    assert_command(ending_of_published(&published, &ending), &ending, NULL);
    assert_command(ending_of_published(NULL, &ending), &ending, NULL);
}

static void managers_are_those_of_the_host_and_of_users(void **state)
{
    struct process_facts process = {.task.pid = 1};

    (void)state;
    assert_true(ending_is_manager(&process));
    process.task.pid = 900;
    assert_false(ending_is_manager(&process));
    process.cgroup_facts.unit = bytes("init.scope");
    assert_true(ending_is_manager(&process));
    process.cgroup_facts.unit = bytes("init.scopes");
    assert_false(ending_is_manager(&process));
    process.cgroup_facts.unit = bytes("init.scope");
    process.cgroup_facts.runtime = RUNTIME_DOCKER;
    assert_false(ending_is_manager(&process));
}

static void endings_are_the_same_by_what_they_end(void **state)
{
    struct process_facts one = {.cgroup = bytes("/system.slice/web.service"),
                                .cgroup_facts.unit = bytes("web.service"),
                                .unit_is_own = true};
    struct process_facts other = one;
    struct ending a, b;

    (void)state;
    assert_true(ending_of_unit(&one, 0, &a) && ending_of_unit(&other, 0, &b));
    assert_true(ending_is_same(&a, &b));
    other.cgroup = bytes(USER "/app.slice/web.service");
    assert_true(ending_of_unit(&other, 0, &b));
    assert_false(ending_is_same(&a, &b));
    other = one;
    other.cgroup_facts.unit = bytes("web2.service");
    assert_true(ending_of_unit(&other, 0, &b));
    assert_false(ending_is_same(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_container_is_ended_by_its_runtime),
        cmocka_unit_test(a_container_of_a_user_is_ended_by_the_podman_of_that_user),
        cmocka_unit_test(a_container_of_a_users_service_is_ended_by_the_manager_of_that_user),
        cmocka_unit_test(a_service_is_ended_by_its_manager),
        cmocka_unit_test(a_socket_unit_is_ended_with_its_service),
        cmocka_unit_test(what_is_published_is_ended_by_its_container),
        cmocka_unit_test(managers_are_those_of_the_host_and_of_users),
        cmocka_unit_test(endings_are_the_same_by_what_they_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
