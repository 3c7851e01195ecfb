// SPDX-License-Identifier: GPL-2.0
#include "user/model/ports.h"

#define FIRST_REGISTERED 1024
#define FIRST_DYNAMIC    49152

enum port_class port_class(uint16_t port)
{
    if (port == 0)
        return PORT_ANY;
    if (port < FIRST_REGISTERED)
        return PORT_WELL_KNOWN;
    return port < FIRST_DYNAMIC ? PORT_REGISTERED : PORT_DYNAMIC;
}

const char *port_class_name(enum port_class class)
{
    switch (class) {
    case PORT_ANY:
        return "any";
    case PORT_WELL_KNOWN:
        return "well-known";
    case PORT_REGISTERED:
        return "registered";
    case PORT_DYNAMIC:
        return "dynamic";
    }
    return "unknown";
}
