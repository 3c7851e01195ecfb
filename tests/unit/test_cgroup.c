// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "user/enrich/cgroup.h"

#define HEX             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2            "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define BUILD           "k3x9q0z7w1v5b2n8m4c6p0a2s"
#define TASK            "03752a671e744971a862edcee6195646"
#define UID_DASHES      "a1b2c3d4-1111-2222-3333-444455556666"
#define UID_UNDERSCORES "a1b2c3d4_1111_2222_3333_444455556666"
#define UID_STATIC      "89f4f2cb511c3b0b7e5272cff5ec37bf"
#define USER            "/user.slice/user-1000.slice/user@1000.service"
#define BURST           "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod"

struct sample {
    const char *path;
    const char *unit;
    enum runtime runtime;
    const char *container;
    const char *pod;
};

/* On the heap, exactly as large as told, so that the sanitizer sees a read past the end. */
static char *copy(const char *path, size_t *ret_size)
{
    char *text;

    *ret_size = strlen(path);
    text = malloc(*ret_size ? *ret_size : 1);
    assert_non_null(text);
    memcpy(text, path, *ret_size);
    return text;
}

static void assert_bytes(const char *path, struct bytes got, const char *wanted)
{
    if (!wanted) {
        if (got.at)
            fail_msg("%s: did not expect '%.*s'", path, (int)got.size, got.at);
        assert_int_equal(got.size, 0);
    } else if (!got.at || got.size != strlen(wanted) || memcmp(got.at, wanted, got.size)) {
        fail_msg("%s: expected '%s', got '%.*s'", path, wanted, got.at ? (int)got.size : 0,
                 got.at ? got.at : "");
    }
    assert_false(got.truncated);
}

static void assert_sample(const struct sample *sample)
{
    size_t size;
    char *text = copy(sample->path, &size);
    struct cgroup_facts facts = cgroup_parse((struct bytes){text, (uint32_t)size, false});

    assert_bytes(sample->path, facts.unit, sample->unit);
    if (facts.runtime != sample->runtime)
        fail_msg("%s: expected runtime %u, got %u", sample->path, sample->runtime, facts.runtime);
    assert_bytes(sample->path, facts.container_id, sample->container);
    assert_bytes(sample->path, facts.pod_id, sample->pod);
    free(text);
}

#define ASSERT_SAMPLES(samples)                                                                    \
    do {                                                                                           \
        for (size_t i_ = 0; i_ < sizeof(samples) / sizeof((samples)[0]); i_++)                     \
            assert_sample(&(samples)[i_]);                                                         \
    } while (0)

static void paths_that_tell_nothing(void **state)
{
    static const struct sample samples[] = {
        {.path = ""},
        {.path = "/"},
        {.path = "///"},
        {.path = "/system.slice"},
        {.path = "/user.slice/user-1000.slice"},
        {.path = "/foo/bar"},
        {.path = "/.service/.scope/_.mount"},
        {.path = "/../../x"},
        {.path = "/docker"},
        {.path = "/lxc"},
        {.path = "/lxc.payload"},
        {.path = "/lxc.payload."},
        {.path = "/kubepods/burstable"},
        {.path = "/a:b/:/::/-/-.scopes"},
    };
    struct cgroup_facts facts = cgroup_parse((struct bytes){NULL, 7, false});

    (void)state;
    ASSERT_SAMPLES(samples);
    assert_null(facts.unit.at);
    assert_int_equal(facts.runtime, RUNTIME_NONE);
}

static void units_of_systemd(void **state)
{
    static const struct sample samples[] = {
        {"/init.scope", "init.scope", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/web.service", "web.service", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/web.service/worker-1", "web.service", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/system-getty.slice/getty@tty1.service", "getty@tty1.service", RUNTIME_NONE,
         NULL, NULL},
        {"/system.slice/dbus.socket", "dbus.socket", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/boot-efi.mount", "boot-efi.mount", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/swapfile.swap", "swapfile.swap", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/a\\x2db.service", "a\\x2db.service", RUNTIME_NONE, NULL, NULL},
        {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", RUNTIME_NONE, NULL,
         NULL},
        {USER "/app.slice/app-foo.service", "app-foo.service", RUNTIME_NONE, NULL, NULL},
        {USER "/init.scope", "init.scope", RUNTIME_NONE, NULL, NULL},
        {USER, "user@1000.service", RUNTIME_NONE, NULL, NULL},
        {"web.service", "web.service", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/_cpu.service", "cpu.service", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/docker.service", "docker.service", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/\033[31m\nx.service", "\033[31m\nx.service", RUNTIME_NONE, NULL, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static void containers_of_docker(void **state)
{
    static const struct sample samples[] = {
        {"/docker/" HEX, NULL, RUNTIME_DOCKER, HEX, NULL},
        {"/docker/" HEX "/init", NULL, RUNTIME_DOCKER, HEX, NULL},
        {"/system.slice/docker-" HEX ".scope", "docker-" HEX ".scope", RUNTIME_DOCKER, HEX, NULL},
        {"/docker/" HEX "/docker/" HEX2, NULL, RUNTIME_DOCKER, HEX2, NULL},
        {"/system.slice/docker-" HEX ".scope/docker/" HEX2, "docker-" HEX ".scope", RUNTIME_DOCKER,
         HEX2, NULL},
        {"/system.slice/docker-" HEX ".scope/system.slice/web.service", "docker-" HEX ".scope",
         RUNTIME_DOCKER, HEX, NULL},
        {"/ecstasks.slice/ecstasks-" TASK ".slice/docker-" HEX ".scope", "docker-" HEX ".scope",
         RUNTIME_DOCKER, HEX, NULL},
        {"/docker/buildkit/" BUILD, NULL, RUNTIME_UNKNOWN, BUILD, NULL},
        {"/system.slice/buildkit-" BUILD ".scope", "buildkit-" BUILD ".scope", RUNTIME_UNKNOWN,
         BUILD, NULL},
        {"/system.slice:docker:" HEX, NULL, RUNTIME_DOCKER, HEX, NULL},
        {"/" HEX, NULL, RUNTIME_UNKNOWN, HEX, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static void containers_of_podman(void **state)
{
    static const struct sample samples[] = {
        {"/machine.slice/libpod-" HEX ".scope", "libpod-" HEX ".scope", RUNTIME_PODMAN, HEX, NULL},
        {"/machine.slice/libpod-" HEX ".scope/container", "libpod-" HEX ".scope", RUNTIME_PODMAN,
         HEX, NULL},
        {"/machine.slice/machine-libpod_pod_" HEX2 ".slice/libpod-" HEX ".scope",
         "libpod-" HEX ".scope", RUNTIME_PODMAN, HEX, NULL},
        {"/libpod_parent/libpod-" HEX, NULL, RUNTIME_PODMAN, HEX, NULL},
        {"/system.slice/web.service/libpod-payload-" HEX, "web.service", RUNTIME_PODMAN, HEX, NULL},
        {"/machine.slice/libpod-conmon-" HEX ".scope", "libpod-conmon-" HEX ".scope", RUNTIME_NONE,
         NULL, NULL},
        {"/libpod_parent/libpod-conmon-" HEX, NULL, RUNTIME_NONE, NULL, NULL},
        {USER "/user.slice/libpod-" HEX ".scope/container", "user@1000.service", RUNTIME_PODMAN,
         HEX, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static void containers_of_kubernetes(void **state)
{
    static const struct sample samples[] = {
        {BURST UID_UNDERSCORES ".slice/cri-containerd-" HEX ".scope",
         "cri-containerd-" HEX ".scope", RUNTIME_CONTAINERD_CRI, HEX, UID_UNDERSCORES},
        {BURST UID_UNDERSCORES ".slice/crio-" HEX ".scope", "crio-" HEX ".scope", RUNTIME_CRIO, HEX,
         UID_UNDERSCORES},
        {BURST UID_UNDERSCORES ".slice/crio-" HEX ".scope/container", "crio-" HEX ".scope",
         RUNTIME_CRIO, HEX, UID_UNDERSCORES},
        {BURST UID_UNDERSCORES ".slice/crio-conmon-" HEX ".scope", "crio-conmon-" HEX ".scope",
         RUNTIME_NONE, NULL, UID_UNDERSCORES},
        {BURST UID_UNDERSCORES ".slice/docker-" HEX ".scope", "docker-" HEX ".scope",
         RUNTIME_DOCKER, HEX, UID_UNDERSCORES},
        {"/kubepods.slice/kubepods-pod" UID_UNDERSCORES ".slice/cri-containerd-" HEX ".scope",
         "cri-containerd-" HEX ".scope", RUNTIME_CONTAINERD_CRI, HEX, UID_UNDERSCORES},
        {"/kubepods/burstable/pod" UID_DASHES "/" HEX, NULL, RUNTIME_UNKNOWN, HEX, UID_DASHES},
        {"/kubepods/pod" UID_STATIC "/" HEX, NULL, RUNTIME_UNKNOWN, HEX, UID_STATIC},
        {"/kubepods/besteffort/pod" UID_DASHES "/crio-" HEX, NULL, RUNTIME_CRIO, HEX, UID_DASHES},
        {"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/"
         "kubelet-kubepods-besteffort-pod" UID_UNDERSCORES ".slice/cri-containerd-" HEX ".scope",
         "cri-containerd-" HEX ".scope", RUNTIME_CONTAINERD_CRI, HEX, UID_UNDERSCORES},
        {"/kubelet/kubepods/burstable/pod" UID_DASHES "/" HEX, NULL, RUNTIME_UNKNOWN, HEX,
         UID_DASHES},
        {"/system.slice/containerd.service/kubepods-burstable-pod" UID_STATIC
         ".slice:cri-containerd:" HEX,
         "containerd.service", RUNTIME_CONTAINERD_CRI, HEX, UID_STATIC},
        {"/kubepods-burstable-pod" UID_UNDERSCORES ".slice:cri-containerd:" HEX, NULL,
         RUNTIME_CONTAINERD_CRI, HEX, UID_UNDERSCORES},
        {"/system.slice/docker-" HEX2 ".scope/kubelet.slice/kubelet-kubepods.slice/"
         "kubelet-kubepods-pod" UID_UNDERSCORES ".slice/cri-containerd-" HEX ".scope",
         "docker-" HEX2 ".scope", RUNTIME_CONTAINERD_CRI, HEX, UID_UNDERSCORES},
        {"/kubepods/burstable/pod" UID_DASHES "/" HEX "/docker/" HEX2, NULL, RUNTIME_DOCKER, HEX2,
         UID_DASHES},
        {"/k8s.io/" HEX, NULL, RUNTIME_CONTAINERD, HEX, NULL},
        {"/system.slice/cri-containerd-" HEX ".scope", "cri-containerd-" HEX ".scope",
         RUNTIME_CONTAINERD_CRI, HEX, NULL},
        {"/system.slice/nerdctl-" HEX ".scope", "nerdctl-" HEX ".scope", RUNTIME_CONTAINERD_NERDCTL,
         HEX, NULL},
        {"/ecs/" TASK "/" HEX, NULL, RUNTIME_UNKNOWN, HEX, NULL},
        {"/ecs/" TASK "/" TASK "-4015103728", NULL, RUNTIME_UNKNOWN, TASK "-4015103728", NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static void containers_of_lxc(void **state)
{
    static const struct sample samples[] = {
        {"/lxc/web", NULL, RUNTIME_LXC, "web", NULL},
        {"/lxc/101/ns/system.slice/ssh.service", NULL, RUNTIME_LXC, "101", NULL},
        {"/lxc.payload.web/system.slice/ssh.service", NULL, RUNTIME_LXC, "web", NULL},
        {"/lxc.payload.project_web/init.scope", NULL, RUNTIME_LXC, "project_web", NULL},
        {"/lxc.payload/web", NULL, RUNTIME_LXC, "web", NULL},
        {"/lxc.payload.web/docker/" HEX, NULL, RUNTIME_DOCKER, HEX, NULL},
        {"/lxc.payload.a/lxc.payload.b", NULL, RUNTIME_LXC, "b", NULL},
        {"/lxc.monitor.web", NULL, RUNTIME_NONE, NULL, NULL},
        {"/lxc.monitor/web", NULL, RUNTIME_NONE, NULL, NULL},
        {USER "/app.slice/lxc.payload.web", "user@1000.service", RUNTIME_LXC, "web", NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static void machines_of_systemd_nspawn(void **state)
{
    static const struct sample samples[] = {
        {"/machine.slice/machine-web.scope/payload", "machine-web.scope", RUNTIME_SYSTEMD_NSPAWN,
         "web", NULL},
        {"/machine.slice/machine-web\\x2d1.scope/payload/system.slice/ssh.service",
         "machine-web\\x2d1.scope", RUNTIME_SYSTEMD_NSPAWN, "web\\x2d1", NULL},
        {"/machine.slice/systemd-nspawn@web.service/payload/init.scope",
         "systemd-nspawn@web.service", RUNTIME_SYSTEMD_NSPAWN, "web", NULL},
        {"/machine.slice/systemd-nspawn@web.service/supervisor", "systemd-nspawn@web.service",
         RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/machine-web.scope/supervisor", "machine-web.scope", RUNTIME_NONE, NULL,
         NULL},
        {"/machine.slice/machine-vm.scope", "machine-vm.scope", RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt/emulator",
         "machine-qemu\\x2d1\\x2dvm.scope", RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/vcpu0", "machine-qemu\\x2d1\\x2dvm.scope",
         RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/machine-.scope/payload", "machine-.scope", RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/machine-web.slice/payload", NULL, RUNTIME_NONE, NULL, NULL},
        {"/machine.slice/systemd-nspawn@.service/payload", "systemd-nspawn@.service", RUNTIME_NONE,
         NULL, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

/*
 * Decided: a user may name what is below the own user@UID.service as he likes. The runtime is told
 * as the path says, and the unit says whose word that is. The same holds for a service to which a
 * subtree is delegated, and for what a container makes up inside of itself.
 */
static void claims_of_users_show_the_unit_of_the_user(void **state)
{
    static const struct sample samples[] = {
        {USER "/docker-" HEX ".scope", "user@1000.service", RUNTIME_DOCKER, HEX, NULL},
        {USER "/system.slice/docker-" HEX ".scope", "user@1000.service", RUNTIME_DOCKER, HEX, NULL},
        {USER "/app.slice/nginx.service/docker/" HEX, "user@1000.service", RUNTIME_DOCKER, HEX,
         NULL},
        {USER "/docker-" HEX ".scope/nginx.service", "user@1000.service", RUNTIME_DOCKER, HEX,
         NULL},
        {USER BURST UID_UNDERSCORES ".slice/crio-" HEX ".scope", "user@1000.service", RUNTIME_CRIO,
         HEX, UID_UNDERSCORES},
        {USER "/machine.slice/machine-web.scope/payload", "user@1000.service",
         RUNTIME_SYSTEMD_NSPAWN, "web", NULL},
        {"/system.slice/app.service/docker-" HEX ".scope", "app.service", RUNTIME_DOCKER, HEX,
         NULL},
        {"/docker/" HEX "/system.slice/sshd.service", NULL, RUNTIME_DOCKER, HEX, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

static bool is_trusted(const char *path)
{
    size_t size;
    char *text = copy(path, &size);
    struct cgroup_facts facts = cgroup_parse((struct bytes){text, (uint32_t)size, false});

    assert_int_not_equal(facts.runtime, RUNTIME_NONE);
    free(text);
    return facts.container_is_trusted;
}

static void a_container_that_root_has_made_is_trusted(void **state)
{
    static const char *const paths[] = {
        "/docker/" HEX,
        "/docker/" HEX "/init",
        "/docker/" HEX "/system.slice/sshd.service",
        "/system.slice/docker-" HEX ".scope",
        "/ecstasks.slice/ecstasks-" TASK ".slice/docker-" HEX ".scope",
        "/system.slice:docker:" HEX,
        "/machine.slice/libpod-" HEX ".scope/container",
        "/machine.slice/machine-libpod_pod_" HEX2 ".slice/libpod-" HEX ".scope",
        "/user.slice/user-1000.slice/libpod-" HEX ".scope",
        "/libpod_parent/libpod-" HEX,
        BURST UID_UNDERSCORES ".slice/cri-containerd-" HEX ".scope",
        BURST UID_UNDERSCORES ".slice/crio-" HEX ".scope/container",
        "/kubepods/besteffort/pod" UID_DASHES "/crio-" HEX,
        "/kubepods/pod" UID_STATIC "/" HEX,
        "/kubelet/kubepods/burstable/pod" UID_DASHES "/" HEX,
        "/k8s.io/" HEX,
        "/system.slice/nerdctl-" HEX ".scope",
        "/lxc/101/ns/system.slice/ssh.service",
        "/lxc.payload.web/system.slice/ssh.service",
        "/lxc.payload/web",
        "/machine.slice/machine-web.scope/payload/system.slice/ssh.service",
        "/machine.slice/systemd-nspawn@web.service/payload/init.scope",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (!is_trusted(paths[i]))
            fail_msg("%s is not trusted", paths[i]);
}

/* Below a delegated unit, a session, a user's manager, a container, or who knows what. */
static void a_container_that_others_could_have_made_is_not(void **state)
{
    static const char *const paths[] = {
        "/system.slice/foo.service/docker-" HEX ".scope",
        "/system.slice/foo.service/system.slice/docker-" HEX ".scope",
        "/system.slice/foo.service/docker/" HEX,
        "/system.slice/run-1.scope/docker-" HEX ".scope",
        "/user.slice/user-1000.slice/session-3.scope/docker-" HEX ".scope",
        "/user/jane/0/docker/" HEX,
        "/system.slice/foo.service:docker:" HEX "/docker/" HEX2,
        "/docker/" HEX "/docker/" HEX2,
        "/system.slice/docker-" HEX ".scope/docker/" HEX2,
        "/system.slice/docker-" HEX ".scope/system.slice/docker-" HEX2 ".scope",
        "/lxc.payload.web/docker/" HEX,
        "/lxc/web/lxc/mail",
        "/lxc.payload.a/lxc.payload.b",
        USER "/user.slice/libpod-" HEX ".scope/container",
        USER "/docker-" HEX ".scope",
        USER "/system.slice/docker-" HEX ".scope",
        USER "/app.slice/lxc.payload.web",
        USER "/machine.slice/machine-web.scope/payload",
        USER BURST UID_UNDERSCORES ".slice/crio-" HEX ".scope",
        "/system.slice/web.service/libpod-payload-" HEX,
        "/system.slice/foo.service/libpod_parent/libpod-" HEX,
        "/system.slice/foo.service/lxc/web",
        "/system.slice/foo.service/lxc.payload.web",
        "/system.slice/foo.service/k8s.io/" HEX,
        "/system.slice/containerd.service/kubepods-burstable-pod" UID_STATIC
        ".slice:cri-containerd:" HEX,
        "/kubepods/burstable/pod" UID_DASHES "/" HEX "/crio-" HEX2,
        "/system.slice/foo.service/machine.slice/machine-web.scope/payload",
        "/system.slice/foo.service/systemd-nspawn@web.service/payload",
        "/machine.slice/machine-mine.scope/payload/machine.slice/machine-web.scope/payload",
        "/machine.slice/machine-mine.scope/machine-web.scope/payload",
        "/machine.slice/machine-mine.scope/docker-" HEX ".scope",
        "/machine.slice/systemd-nspawn@mine.service/payload/docker/" HEX,
        "/lxc/machine-web.scope/payload",
        "/../docker-" HEX ".scope",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        if (is_trusted(paths[i]))
            fail_msg("%s is trusted", paths[i]);
}

static void assert_of_user(const char *path, const char *unit, bool container)
{
    size_t size;
    char *text = copy(path, &size);
    struct cgroup_facts facts = cgroup_parse((struct bytes){text, (uint32_t)size, false});

    assert_bytes(path, facts.unit_of_user, unit);
    if (facts.container_is_of_user != container)
        fail_msg("%s: is %sof a user", path, container ? "not " : "");
    free(text);
}

static void containers_below_the_manager_of_a_user_are_of_that_user(void **state)
{
    (void)state;
    assert_of_user(USER "/user.slice/libpod-" HEX ".scope/container", "libpod-" HEX ".scope", true);
    assert_of_user(USER "/user.slice/libpod-" HEX, NULL, true);
    assert_of_user(USER "/app.slice/web.service/libpod-payload-" HEX, "web.service", false);
    assert_of_user(USER "/user.slice/libpod-" HEX ".scope/libpod-" HEX2 ".scope",
                   "libpod-" HEX ".scope", false);
    assert_of_user(USER "/app.slice/web.service", NULL, false);
    assert_of_user(USER, NULL, false);
    assert_of_user(USER "/", NULL, false);
    assert_of_user("/machine.slice/libpod-" HEX ".scope", NULL, false);
    assert_of_user("/system.slice/web.service/user@1000.service/user.slice/libpod-" HEX ".scope",
                   NULL, false);
    assert_of_user("user.slice/user@1000.service/user.slice/libpod-" HEX ".scope", NULL, false);
}

static void names_that_only_look_alike(void **state)
{
    static const struct sample samples[] = {
        {"/system.slice/docker-cleanup.service", "docker-cleanup.service", RUNTIME_NONE, NULL,
         NULL},
        {"/system.slice/docker-abc.scope", "docker-abc.scope", RUNTIME_NONE, NULL, NULL},
        {"/system.slice/docker-" HEX "0.scope", "docker-" HEX "0.scope", RUNTIME_NONE, NULL, NULL},
        {"/docker/web", NULL, RUNTIME_NONE, NULL, NULL},
        {"/docker/" HEX "0", NULL, RUNTIME_NONE, NULL, NULL},
        {"/docker/G123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", NULL,
         RUNTIME_NONE, NULL, NULL},
        {"/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", NULL,
         RUNTIME_NONE, NULL, NULL},
        {"/xdocker-" HEX ".scope", "xdocker-" HEX ".scope", RUNTIME_NONE, NULL, NULL},
        {"/-" HEX, NULL, RUNTIME_NONE, NULL, NULL},
        {"/pod" UID_DASHES "/x", NULL, RUNTIME_NONE, NULL, NULL},
        {"/kubepods/pod1234/x", NULL, RUNTIME_NONE, NULL, NULL},
        {"/kubepods/podA1b2c3d4-1111-2222-3333-444455556666/x", NULL, RUNTIME_NONE, NULL, NULL},
        {"/kubepods/poda1b2c3d4-1111-2222-3333x444455556666/x", NULL, RUNTIME_NONE, NULL, NULL},
        {"/kubepods.slice/kubepods-pod.slice", NULL, RUNTIME_NONE, NULL, NULL},
        {"/ecs/" TASK "/other-12", NULL, RUNTIME_NONE, NULL, NULL},
        {"/ecs/" TASK "/" TASK "-", NULL, RUNTIME_NONE, NULL, NULL},
        {"/x/buildkit-tooshort.scope", "buildkit-tooshort.scope", RUNTIME_NONE, NULL, NULL},
        {"/buildkit/cache", NULL, RUNTIME_NONE, NULL, NULL},
        {"/docker/" BUILD, NULL, RUNTIME_NONE, NULL, NULL},
        {"/docker-" BUILD ".scope", "docker-" BUILD ".scope", RUNTIME_NONE, NULL, NULL},
        {"/" HEX ":" HEX2, NULL, RUNTIME_NONE, NULL, NULL},
    };

    (void)state;
    ASSERT_SAMPLES(samples);
}

/* Where the root is missing nobody can say whose the names are. */
static void truncated_path_tells_nothing(void **state)
{
    static const char path[] = ".../system.slice/docker-" HEX ".scope";
    struct cgroup_facts facts = cgroup_parse((struct bytes){path, sizeof(path) - 1, true});

    (void)state;
    assert_null(facts.unit.at);
    assert_int_equal(facts.runtime, RUNTIME_NONE);
    assert_null(facts.container_id.at);
    assert_null(facts.pod_id.at);
}

static void nul_bytes_are_bytes_like_others(void **state)
{
    char path[] = "/docker/" HEX "/x";
    struct cgroup_facts facts;

    (void)state;
    path[20] = '\0';
    facts = cgroup_parse((struct bytes){path, sizeof(path) - 1, false});
    assert_int_equal(facts.runtime, RUNTIME_NONE);
}

static void facts_are_borrowed_from_the_path(void **state)
{
    static const char path[] = "/system.slice/docker-" HEX ".scope";
    struct cgroup_facts facts = cgroup_parse((struct bytes){path, sizeof(path) - 1, false});

    (void)state;
    assert_ptr_equal(facts.unit.at, path + strlen("/system.slice/"));
    assert_ptr_equal(facts.container_id.at, path + strlen("/system.slice/docker-"));
}

static void pod_uid_is_written_as_by_the_api(void **state)
{
    char uid[CGROUP_POD_ID_MAX];

    (void)state;
    cgroup_pod_uid((struct bytes){UID_UNDERSCORES, CGROUP_POD_ID_MAX, false}, uid);
    assert_memory_equal(uid, UID_DASHES, sizeof(uid));
    cgroup_pod_uid((struct bytes){UID_STATIC, strlen(UID_STATIC), false}, uid);
    assert_memory_equal(uid, UID_STATIC, strlen(UID_STATIC));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_that_tell_nothing),
        cmocka_unit_test(units_of_systemd),
        cmocka_unit_test(containers_of_docker),
        cmocka_unit_test(containers_of_podman),
        cmocka_unit_test(containers_of_kubernetes),
        cmocka_unit_test(containers_of_lxc),
        cmocka_unit_test(machines_of_systemd_nspawn),
        cmocka_unit_test(claims_of_users_show_the_unit_of_the_user),
        cmocka_unit_test(a_container_that_root_has_made_is_trusted),
        cmocka_unit_test(a_container_that_others_could_have_made_is_not),
        cmocka_unit_test(containers_below_the_manager_of_a_user_are_of_that_user),
        cmocka_unit_test(names_that_only_look_alike),
        cmocka_unit_test(truncated_path_tells_nothing),
        cmocka_unit_test(nul_bytes_are_bytes_like_others),
        cmocka_unit_test(facts_are_borrowed_from_the_path),
        cmocka_unit_test(pod_uid_is_written_as_by_the_api),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
