// SPDX-License-Identifier: GPL-2.0
/* What other programs of the host print or keep: systemctl, nft, iptables-save, Docker, proxies. */
#include <sys/socket.h>

#include "tests/fuzz/input.h"
#include "user/host/nat_rules.h"
#include "user/host/port_proxy.h"
#include "user/host/security.h"
#include "user/host/service_manager.h"
#include "user/host/socket_units.h"

#define PORT 80

static bool on_rule(void *context, const struct nat_rule *rule)
{
    unsigned int *count = context;

    require(rule->from.port == PORT && rule->protocol);
    require(!rule->from.family || rule->from.family == AF_INET || rule->from.family == AF_INET6);
    require(!rule->to.family || rule->to.family == AF_INET || rule->to.family == AF_INET6);
    return ++*count < 3;
}

static void require_part(struct bytes part, const char *text, size_t size)
{
    require(part.at && part.size && part.at >= text && part.at + part.size <= text + size);
}

static void check_rules(const char *text)
{
    unsigned int count = 0;

    nat_rules_in_iptables(text, PORT, on_rule, &count);
    require(count <= 3);
    count = 0;
    nat_rules_in_nft(text, PORT, on_rule, &count);
    require(count <= 3);
}

static void check_sockets(struct bytes unit, const char *text, size_t size)
{
    struct strbuf sockets = {0};

    require_part(unit, text, size);
    socket_units_of(text, unit, &sockets);
    require(sockets.length <= size);
    strbuf_free(&sockets);
}

static void check_units(const char *text, size_t size)
{
    static const struct pt_endpoint v4 = {.family = AF_INET, .port = PORT};
    static const struct pt_endpoint v6 = {.family = AF_INET6, .port = PORT};
    struct bytes unit;

    if (socket_units_find(text, SOCK_STREAM, &v4, &unit))
        check_sockets(unit, text, size);
    if (socket_units_find(text, SOCK_DGRAM, &v6, &unit))
        check_sockets(unit, text, size);
}

static void check_proxy(const char *text, size_t size)
{
    struct process_facts process = {.exe = {.at = text, .size = (uint32_t)size}};
    struct bytes name;
    struct pt_endpoint to;

    port_proxy_name(&process);
    if (port_proxy_target(process.exe, &to))
        require(to.family == AF_INET || to.family == AF_INET6);
    if (port_proxy_container(text, "10.0.0.1", &name))
        require_part(name, text, size);
}

static void check_manager(const char *text, size_t size)
{
    size_t length;
    const char *value = service_manager_property(text, "MainPID", &length);

    require(!value || (value >= text && value + length <= text + size));
    security_parse_confinement(text, &length);
    require(length <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input input = {bytes, size};
    size_t length;
    char *text;

    /* Arguments hold NULs, and none need be at their end. */
    if (size) {
        struct bytes args = {.at = (const char *)bytes, .size = (uint32_t)size};
        struct pt_endpoint to;

        port_proxy_target(args, &to);
    }
    text = input_text(&input, &length);
    length = strlen(text);
    check_rules(text);
    check_units(text, length);
    check_proxy(text, length);
    check_manager(text, length);
    free(text);
    return 0;
}
