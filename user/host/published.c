// SPDX-License-Identifier: GPL-2.0
#include "user/host/published.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "user/host/nat_rules.h"
#include "user/host/port_proxy.h"
#include "user/host/run_program.h"
#include "user/host/socket_units.h"
#include "user/host/text_file.h"
#include "user/model/arena.h"

#define DOCKER_CONTAINERS "/var/lib/docker/containers"
#define CONFIG_LIMIT      (1u << 20)

struct published {
    struct arena memory; /* what holders point into */
    char *sockets;       /* of systemd; NULL: not asked yet, or no answer */
    bool sockets_asked;
    struct holder rules[PUBLISHED_RULES_MAX];
    struct holder_published behind_rules[PUBLISHED_RULES_MAX];
    unsigned int rule_count;
    uint32_t netns; /* of the rules */
    const char *by;
};

struct published *published_new(void)
{
    return calloc(1, sizeof(struct published));
}

void published_reset(struct published *published)
{
    arena_reset(&published->memory);
    free(published->sockets);
    *published = (struct published){0};
}

void published_free(struct published *published)
{
    if (!published)
        return;
    published_reset(published);
    free(published);
}

/* .at NULL: no memory, so it is not known. */
static struct bytes keep(struct published *published, struct bytes from)
{
    return (struct bytes){.at = arena_copy(&published->memory, from.at, from.size),
                          .size = from.size};
}

static bool container_of(struct published *published, const char *id, const char *address,
                         struct bytes *ret_name)
{
    char path[sizeof(DOCKER_CONTAINERS) + 280], *config;
    struct bytes name;
    bool found;

    snprintf(path, sizeof(path), DOCKER_CONTAINERS "/%s/config.v2.json", id);
    if (text_file_read(path, CONFIG_LIMIT, &config, NULL))
        return false;
    found = port_proxy_container(config, address, &name);
    if (found)
        *ret_name = keep(published, name);
    free(config);
    return found;
}

static struct bytes find_container(struct published *published, const struct pt_endpoint *to)
{
    char address[INET6_ADDRSTRLEN];
    struct bytes name = {0};
    struct dirent *entry;
    DIR *dir;

    if (!inet_ntop(to->family, to->address, address, sizeof(address)))
        return name;
    dir = opendir(DOCKER_CONTAINERS);
    if (!dir)
        return name;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.' && container_of(published, entry->d_name, address, &name))
            break;
    closedir(dir);
    return name;
}

static void ask_systemd(struct published *published)
{
    static const char *const command[] = {"systemctl", "list-sockets", "--all",      "--show-types",
                                          "--full",    "--no-legend",  "--no-pager", NULL};

    if (published->sockets_asked)
        return;
    published->sockets_asked = true;
    if (run_program(command, &published->sockets))
        published->sockets = NULL;
}

/* The manager of the host: in a container something else may have the number, but not here. */
static bool is_systemd(const struct process_facts *process)
{
    return process->task.pid == 1 && !strncmp(process->task.comm, "systemd", PT_COMM_SIZE);
}

static void describe_activated(struct published *published, const struct pt_holder *seen,
                               struct holder_published *ret_behind)
{
    struct strbuf sockets = {0};
    struct bytes unit;

    ret_behind->by = "systemd socket";
    ask_systemd(published);
    if (!published->sockets ||
        !socket_units_find(published->sockets, seen->socket.type, &seen->local, &unit))
        return;
    ret_behind->unit = keep(published, unit);
    socket_units_of(published->sockets, unit, &sockets);
    if (sockets.length && !sockets.failed)
        ret_behind->sockets =
            keep(published, (struct bytes){.at = sockets.text, .size = (uint32_t)sockets.length});
    strbuf_free(&sockets);
}

/* False: the process has the socket for itself. */
static bool find_behind(struct published *published, const struct pt_holder *seen,
                        const struct process_facts *process, struct holder_published *ret_behind)
{
    const char *proxy = port_proxy_name(process);

    *ret_behind = (struct holder_published){.by = proxy};
    if (proxy && port_proxy_target(process->args, &ret_behind->to) &&
        port_proxy_is_trusted(process))
        ret_behind->container = find_container(published, &ret_behind->to);
    else if (!proxy && is_systemd(process))
        describe_activated(published, seen, ret_behind);
    return ret_behind->by;
}

int published_describe(struct published *published, struct holder *holder)
{
    struct holder_published behind, *kept;

    for (unsigned int i = 0; i < holder->process_count; i++) {
        if (!find_behind(published, &holder->seen, holder->processes[i].process, &behind))
            continue;
        kept = arena_take(&published->memory, sizeof(*kept));
        if (!kept)
            return -ENOMEM;
        *kept = behind;
        holder->published = kept;
        break;
    }
    return 0;
}

static bool same_rule(const struct holder *known, const struct nat_rule *rule)
{
    return known->seen.socket.protocol == rule->protocol &&
           !memcmp(&known->published->to, &rule->to, sizeof(rule->to)) &&
           !memcmp(known->seen.local.address, rule->from.address, sizeof(rule->from.address));
}

static bool take_rule(void *context, const struct nat_rule *rule)
{
    struct published *published = context;
    struct holder *holder = &published->rules[published->rule_count];
    struct holder_published *behind = &published->behind_rules[published->rule_count];

    for (unsigned int i = 0; i < published->rule_count; i++)
        if (same_rule(&published->rules[i], rule))
            return true;
    *behind = (struct holder_published){.by = published->by, .to = rule->to};
    *holder = (struct holder){
        .seen = {.task = {.netns = published->netns},
                 .socket = {.family = rule->from.family ? rule->from.family : AF_INET,
                            .type = rule->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM,
                            .protocol = rule->protocol},
                 .local = rule->from,
                 .fd = -1,
                 .source = PT_HOLDER_LOOKUP},
        .published = behind,
    };
    if (!rule->from.family)
        holder->seen.local.family =
            rule->to.family ? rule->to.family : AF_INET; /* any, in its family */
    if (rule->to.family)
        behind->container = find_container(published, &rule->to);
    return ++published->rule_count < PUBLISHED_RULES_MAX;
}

void published_by_rules(struct published *published, uint32_t netns, uint16_t port,
                        const struct holder **ret_holders, unsigned int *ret_count)
{
    static const struct {
        const char *by;
        const char *command[5]; /* naming a table would load its module */
        void (*parse)(const char *, uint16_t, nat_rule_fn *, void *);
    } sources[] = {
        {"iptables DNAT", {"iptables-save"}, nat_rules_in_iptables},
        {"iptables DNAT", {"ip6tables-save"}, nat_rules_in_iptables},
        {"nft DNAT", {"nft", "-n", "list", "ruleset"}, nat_rules_in_nft},
    };

    published->rule_count = 0;
    published->netns = netns;
    for (size_t i = 0; port && i < sizeof(sources) / sizeof(sources[0]); i++) {
        char *text;

        if (published->rule_count == PUBLISHED_RULES_MAX || run_program(sources[i].command, &text))
            continue;
        published->by = sources[i].by;
        sources[i].parse(text, port, take_rule, published);
        free(text);
    }
    *ret_holders = published->rules;
    *ret_count = published->rule_count;
}
