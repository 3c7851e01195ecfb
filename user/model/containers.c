// SPDX-License-Identifier: GPL-2.0
#include "user/model/containers.h"

#include <stddef.h>

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
