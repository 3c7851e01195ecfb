// SPDX-License-Identifier: GPL-2.0
#include "user/host/port_proxy.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORT_MAX 65535

static struct bytes name_of_exe(const struct process_facts *process)
{
    struct bytes exe = process->exe;
    const char *slash = exe.at ? memrchr(exe.at, '/', exe.size) : NULL;

    if (slash)
        return (struct bytes){.at = slash + 1, .size = (uint32_t)(exe.at + exe.size - slash - 1)};
    return (struct bytes){
        .at = process->task.comm,
        .size = (uint32_t)strnlen(process->task.comm, sizeof(process->task.comm)),
    };
}

const char *port_proxy_name(const struct process_facts *process)
{
    static const char *const names[] = {"docker-proxy", "rootlesskit", "rootlesskit-docker-proxy",
                                        "rootlessport", "slirp4netns", "pasta",
                                        "pasta.avx2",   "passt",       "gvproxy"};
    struct bytes name = name_of_exe(process);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (name.size == strlen(names[i]) && !memcmp(name.at, names[i], name.size))
            return names[i];
    return NULL;
}

bool port_proxy_is_trusted(const struct process_facts *process)
{
    return !process->task.uid && process->cgroup_facts.runtime == RUNTIME_NONE;
}

/* The value behind "-name", "--name", "-name=" or "--name=", ended by NUL; NULL: there is none. */
static const char *value_of(const char *at, const char *end, const char *name)
{
    while (at < end) {
        const char *next = memchr(at, '\0', (size_t)(end - at));
        size_t length = strlen(name);

        if (!next) /* cut off */
            return NULL;
        at += *at == '-';
        at += *at == '-';
        next++;
        if (!strncmp(at, name, length) && at[length] == '=')
            return at + length + 1;
        if (!strcmp(at, name))
            return next < end && memchr(next, '\0', (size_t)(end - next)) ? next : NULL;
        at = next;
    }
    return NULL;
}

static bool take_address(const char *text, struct pt_endpoint *endpoint)
{
    endpoint->family = strchr(text, ':') ? AF_INET6 : AF_INET;
    return inet_pton(endpoint->family, text, endpoint->address) == 1;
}

static bool take_port(const char *text, struct pt_endpoint *endpoint)
{
    unsigned long port;
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    port = strtoul(text, &end, 10);
    endpoint->port = (uint16_t)port;
    return !*end && port <= PORT_MAX;
}

bool port_proxy_target(struct bytes args, struct pt_endpoint *ret_to)
{
    struct pt_endpoint to = {0};
    const char *address, *port;

    if (!args.at)
        return false;
    address = value_of(args.at, args.at + args.size, "container-ip");
    port = value_of(args.at, args.at + args.size, "container-port");
    if (!address || !port || !take_address(address, &to) || !take_port(port, &to))
        return false;
    *ret_to = to;
    return true;
}

bool port_proxy_container(const char *config, const char *address, struct bytes *ret_name)
{
    static const char name_key[] = "\"Name\":\"/";
    char address_key[64];
    const char *name;
    size_t length;

    snprintf(address_key, sizeof(address_key), "\"IPAddress\":\"%s\"", address);
    if (!strstr(config, address_key)) {
        snprintf(address_key, sizeof(address_key), "\"GlobalIPv6Address\":\"%s\"", address);
        if (!strstr(config, address_key))
            return false;
    }
    name = strstr(config, name_key);
    if (!name)
        return false;
    name += sizeof(name_key) - 1;
    /* What Docker lets a container be called. */
    length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");
    if (!length || name[length] != '"')
        return false;
    *ret_name = (struct bytes){.at = name, .size = (uint32_t)length};
    return true;
}
