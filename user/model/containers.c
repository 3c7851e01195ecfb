// SPDX-License-Identifier: GPL-2.0
#include "user/model/containers.h"

#include <stddef.h>
#include <string.h>

const char *container_runtime_name(enum runtime runtime)
{
    switch (runtime) {
    case RUNTIME_DOCKER:
        return "docker";
    case RUNTIME_PODMAN:
        return "podman";
    case RUNTIME_CONTAINERD:
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
