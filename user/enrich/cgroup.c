// SPDX-License-Identifier: GPL-2.0
#include "user/enrich/cgroup.h"

#include <string.h>

#include "user/model/user_manager.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define CONTAINER_ID_SIZE   64
#define BUILDKIT_ID_SIZE    25
#define POD_UID_SIZE        CGROUP_POD_ID_MAX
#define STATIC_POD_UID_SIZE 32

struct name {
    const char *at;
    size_t size;
};

struct walk {
    struct cgroup_facts facts;
    struct name first_unit;
    struct name last_unit;
    struct name parent;
    struct name grandparent;
    bool below_kubepods;
    bool is_roots;        /* all that is above */
    bool parent_is_roots; /* all that is above the parent */
};

static bool is(struct name name, const char *text)
{
    return name.size == strlen(text) && !memcmp(name.at, text, name.size);
}

static bool contains(struct name name, const char *text)
{
    return name.size && memmem(name.at, name.size, text, strlen(text));
}

static bool has_prefix(struct name name, const char *prefix)
{
    return name.size >= strlen(prefix) && !memcmp(name.at, prefix, strlen(prefix));
}

/* Each takes something off the name, or leaves it as it is; false when nothing would be left. */
static bool cut_prefix(struct name *name, const char *prefix)
{
    size_t size = strlen(prefix);

    if (name->size <= size || memcmp(name->at, prefix, size))
        return false;
    name->at += size;
    name->size -= size;
    return true;
}

static bool cut_suffix(struct name *name, const char *suffix)
{
    size_t size = strlen(suffix);

    if (name->size <= size || memcmp(name->at + name->size - size, suffix, size))
        return false;
    name->size -= size;
    return true;
}

/* What stands before and after the last separator. */
static bool split_last(struct name name, char separator, struct name *ret_before,
                       struct name *ret_after)
{
    const char *at = name.size ? memrchr(name.at, separator, name.size) : NULL;

    if (!at)
        return false;
    *ret_before = (struct name){name.at, (size_t)(at - name.at)};
    *ret_after = (struct name){at + 1, name.size - ret_before->size - 1};
    return true;
}

static bool all_of(struct name name, const char *allowed)
{
    for (size_t i = 0; i < name.size; i++)
        if (!name.at[i] || !strchr(allowed, name.at[i]))
            return false;
    return name.size > 0;
}

static bool is_container_id(struct name name)
{
    return name.size == CONTAINER_ID_SIZE && all_of(name, "0123456789abcdef");
}

static bool is_buildkit_id(struct name name)
{
    return name.size == BUILDKIT_ID_SIZE && all_of(name, "0123456789abcdefghijklmnopqrstuvwxyz");
}

static bool is_pod_uid(struct name name)
{
    if (name.size == STATIC_POD_UID_SIZE)
        return all_of(name, "0123456789abcdef");
    if (name.size != POD_UID_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        bool separator = i == 8 || i == 13 || i == 18 || i == 23;

        if (!name.at[i] || !strchr(separator ? "-_" : "0123456789abcdef", name.at[i]))
            return false;
    }
    return true;
}

/* systemd puts an underscore before a name that would clash with a file of the cgroup. */
static bool is_unit(struct name *name)
{
    static const char *const suffixes[] = {".service", ".scope", ".socket", ".mount", ".swap"};
    struct name stem = *name;

    cut_prefix(&stem, "_");
    for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
        struct name full = stem;

        if (cut_suffix(&stem, suffixes[i])) {
            *name = full;
            return true;
        }
    }
    return false;
}

static struct bytes borrow(struct name name)
{
    return (struct bytes){.at = name.at, .size = (uint32_t)name.size};
}

static void found(struct walk *walk, enum runtime runtime, struct name id)
{
    walk->facts.runtime = runtime;
    walk->facts.container_id = borrow(id);
    walk->facts.container_is_trusted = walk->is_roots;
}

/* docker-ID.scope, crio-ID, SLICE:cri-containerd:ID. Monitors (libpod-conmon-ID) are not listed. */
static bool find_prefixed(struct walk *walk, struct name name)
{
    static const struct {
        const char *prefix;
        enum runtime runtime;
    } prefixes[] = {
        {"docker", RUNTIME_DOCKER},
        {"libpod", RUNTIME_PODMAN},
        {"libpod-payload", RUNTIME_PODMAN},
        {"cri-containerd", RUNTIME_CONTAINERD_CRI},
        {"nerdctl", RUNTIME_CONTAINERD_NERDCTL},
        {"crio", RUNTIME_CRIO},
        {"buildkit", RUNTIME_UNKNOWN},
    };
    struct name prefix, id, slice;

    if (split_last(name, ':', &prefix, &id)) {
        if (!split_last(prefix, ':', &slice, &prefix))
            return false;
    } else {
        cut_suffix(&name, ".scope");
        if (!split_last(name, '-', &prefix, &id))
            return false;
    }
    for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
        if (!is(prefix, prefixes[i].prefix))
            continue;
        if (!is_container_id(id) && !(is(prefix, "buildkit") && is_buildkit_id(id)))
            return false;
        found(walk, prefixes[i].runtime, id);
        return true;
    }
    return false;
}

/*
 * /docker/ID, /kubepods/burstable/podUID/ID, /ecs/TASK/ID, /ecs/TASK/TASK-NUMBER. Of containerd the
 * folder is that of the namespace, in which CRI and nerdctl may both have containers: /k8s.io/ID.
 */
static bool find_bare(struct walk *walk, struct name name)
{
    struct name task, number;

    if (is_container_id(name)) {
        found(walk,
              is(walk->parent, "docker")   ? RUNTIME_DOCKER
              : is(walk->parent, "k8s.io") ? RUNTIME_CONTAINERD
                                           : RUNTIME_UNKNOWN,
              name);
        return true;
    }
    if ((is(walk->parent, "buildkit") && is_buildkit_id(name)) ||
        (is(walk->grandparent, "ecs") && split_last(name, '-', &task, &number) &&
         task.size == walk->parent.size && !memcmp(task.at, walk->parent.at, task.size) &&
         all_of(number, "0123456789"))) {
        found(walk, RUNTIME_UNKNOWN, name);
        return true;
    }
    return false;
}

/* /lxc/NAME, /lxc.payload/NAME, /lxc.payload.NAME; but not lxc.monitor. */
static bool find_lxc(struct walk *walk, struct name name)
{
    if (!is(walk->parent, "lxc") && !is(walk->parent, "lxc.payload") &&
        !cut_prefix(&name, "lxc.payload."))
        return false;
    found(walk, RUNTIME_LXC, name);
    return true;
}

/*
 * machine-NAME.scope/payload, systemd-nspawn@NAME.service/payload. The scope alone may hold a
 * virtual machine, and libvirt's are not systemd-nspawn's.
 */
static bool find_nspawn(struct walk *walk, struct name name)
{
    bool is_trusted = walk->parent_is_roots && walk->facts.runtime == RUNTIME_NONE;
    struct name machine = walk->parent;

    if (is(name, "supervisor") || is(name, "libvirt"))
        return false;
    if (cut_prefix(&machine, "machine-")) {
        if (has_prefix(machine, "qemu\\x2d") || has_prefix(machine, "lxc\\x2d") ||
            !cut_suffix(&machine, ".scope"))
            return false;
    } else if (!cut_prefix(&machine, "systemd-nspawn@") || !cut_suffix(&machine, ".service")) {
        return false;
    }
    found(walk, RUNTIME_SYSTEMD_NSPAWN, machine);
    walk->facts.container_is_trusted = is_trusted;
    return true;
}

/* .../podUID below kubepods; kubepods-burstable-podUID.slice, also as in SLICE:PREFIX:ID. */
static void find_pod(struct walk *walk, struct name name)
{
    const char *colon = memchr(name.at, ':', name.size);
    struct name uid = name;

    if (!walk->below_kubepods)
        return;
    if (!cut_prefix(&uid, "pod")) {
        if (colon)
            uid.size = (size_t)(colon - uid.at);
        if (!cut_suffix(&uid, ".slice") || !split_last(uid, '-', &name, &uid) ||
            !cut_prefix(&uid, "pod"))
            return;
    }
    if (is_pod_uid(uid))
        walk->facts.pod_id = borrow(uid);
}

/* Of what root's managers make, that which they hand over to nobody. */
static bool stays_roots(struct name name)
{
    static const char *const folders[] = {"docker",        "k8s.io",     "kubepods",
                                          "burstable",     "besteffort", "kubelet",
                                          "libpod_parent", "lxc",        "lxc.payload"};
    struct name stem = name;

    if (cut_suffix(&stem, ".slice") || (cut_prefix(&stem, "pod") && is_pod_uid(stem)))
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
        if (is(name, folders[i]))
            return true;
    return false;
}

static void visit(struct walk *walk, struct name name)
{
    struct name unit = name;

    if (walk->facts.runtime == RUNTIME_NONE && is_unit(&unit)) {
        if (!walk->first_unit.at)
            walk->first_unit = unit;
        walk->last_unit = unit;
    }
    walk->below_kubepods |= contains(name, "kubepods");
    find_pod(walk, name);
    if (!find_prefixed(walk, name) && !find_bare(walk, name) && !find_lxc(walk, name))
        find_nspawn(walk, name);
    walk->grandparent = walk->parent;
    walk->parent = name;
    walk->parent_is_roots = walk->is_roots;
    walk->is_roots &= walk->facts.runtime == RUNTIME_NONE && stays_roots(name);
}

static struct cgroup_facts parse(struct bytes path)
{
    struct walk walk = {.parent = {"", 0}, .grandparent = {"", 0}, .is_roots = true};
    struct name unit;
    uint32_t end;

    for (uint32_t at = 0; at < path.size; at = end + 1) {
        const char *slash = memchr(path.at + at, '/', path.size - at);

        end = slash ? (uint32_t)(slash - path.at) : path.size;
        if (end > at)
            visit(&walk, (struct name){path.at + at, end - at});
    }
    unit = walk.facts.runtime == RUNTIME_NONE ? walk.last_unit : walk.first_unit;
    walk.facts.unit = borrow(unit);
    return walk.facts;
}

struct cgroup_facts cgroup_parse(struct bytes path)
{
    struct user_manager manager;
    struct cgroup_facts facts, of_user;

    if (!path.at || path.truncated)
        return (struct cgroup_facts){0};
    facts = parse(path);
    if (facts.runtime == RUNTIME_NONE || !user_manager_of(path, &manager))
        return facts;
    of_user = parse(manager.below);
    facts.unit_of_user = of_user.unit;
    facts.container_is_of_user = of_user.container_is_trusted;
    return facts;
}

void cgroup_pod_uid(struct bytes pod_id, char *ret_uid)
{
    for (uint32_t i = 0; i < pod_id.size; i++)
        ret_uid[i] = pod_id.at[i] == '_' ? '-' : pod_id.at[i];
}
