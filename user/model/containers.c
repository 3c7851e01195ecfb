// SPDX-License-Identifier: GPL-2.0
#include "user/model/containers.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE 4 /* bytes of "\x2d" */

const char *container_runtime_name(enum runtime runtime)
{
    switch (runtime) {
    case RUNTIME_DOCKER:
        return "docker";
    case RUNTIME_PODMAN:
        return "podman";
    case RUNTIME_CONTAINERD:
    case RUNTIME_CONTAINERD_CRI:
    case RUNTIME_CONTAINERD_NERDCTL:
        return "containerd";
    case RUNTIME_CRIO:
        return "cri-o";
    case RUNTIME_LXC:
        return "lxc";
    case RUNTIME_SYSTEMD_NSPAWN:
        return "systemd-nspawn";
    case RUNTIME_NONE:
    case RUNTIME_UNKNOWN:
        break;
    }
    return NULL;
}

/* The bytes that were read, 0: it is no escape. */
static size_t read_escape(const char *at, size_t size, char *ret_byte)
{
    char digits[] = {0, 0, 0};

    if (size < ESCAPE || at[0] != '\\' || at[1] != 'x' || !isxdigit((unsigned char)at[2]) ||
        !isxdigit((unsigned char)at[3]))
        return 0;
    memcpy(digits, at + 2, 2);
    *ret_byte = (char)strtoul(digits, NULL, 16);
    return ESCAPE;
}

static bool may_be_in_machine_name(char byte, bool first)
{
    return isalnum((unsigned char)byte) || (!first && byte && strchr("-_.", byte));
}

bool container_machine_name(struct bytes in_units, char ret_name[CONTAINER_MACHINE_SIZE])
{
    size_t length = 0;

    for (size_t at = 0; at < in_units.size; length++) {
        char byte = in_units.at[at];
        size_t escape = read_escape(in_units.at + at, in_units.size - at, &byte);

        if (length == CONTAINER_MACHINE_SIZE - 1 || !may_be_in_machine_name(byte, !length))
            return false;
        ret_name[length] = byte;
        at += escape ? escape : 1;
    }
    ret_name[length] = '\0';
    return length > 0;
}

enum runtime container_proxy_runtime(const char *program)
{
    static const struct {
        const char *program;
        enum runtime runtime;
    } proxies[] = {
        {"docker-proxy", RUNTIME_DOCKER}, {"rootlesskit-docker-proxy", RUNTIME_DOCKER},
        {"rootlesskit", RUNTIME_DOCKER},  {"rootlessport", RUNTIME_PODMAN},
        {"slirp4netns", RUNTIME_PODMAN},  {"pasta", RUNTIME_PODMAN},
        {"pasta.avx2", RUNTIME_PODMAN},
    };

    for (size_t i = 0; i < sizeof(proxies) / sizeof(proxies[0]); i++)
        if (!strcmp(program, proxies[i].program))
            return proxies[i].runtime;
    return RUNTIME_NONE;
}
