/* SPDX-License-Identifier: GPL-2.0 */
/* Ranges of ports, and the classes of RFC 6335 that a port number falls into. */
#ifndef PORTTRACE_MODEL_PORTS_H
#define PORTTRACE_MODEL_PORTS_H

#include <stdint.h>

enum port_class {
    PORT_ANY,        /* 0: the kernel chooses */
    PORT_WELL_KNOWN, /* 1-1023 */
    PORT_REGISTERED, /* 1024-49151 */
    PORT_DYNAMIC,    /* 49152-65535 */
};

struct port_range {
    uint16_t low;
    uint16_t high;
};

enum port_class port_class(uint16_t port);
const char *port_class_name(enum port_class class);

#endif
