/* SPDX-License-Identifier: GPL-2.0 */
/* A socket that is to be made: of which protocol, where, with which options, for whom. */
#ifndef TESTS_RULES_SPOT_H
#define TESTS_RULES_SPOT_H

#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "bpf/event.h"

#define SPOT_OTHER_USER 1000
#define SPOT_DEVICE     "d0" /* beside lo */

enum place {
    PLACE_4_ANY,
    PLACE_4_ONE,
    PLACE_4_TWO,
    PLACE_6_ANY,
    PLACE_6_ONLY, /* [::] with V6ONLY */
    PLACE_6_ONE,
    PLACE_6_TWO,
    PLACE_MAPPED_ONE,
    PLACE_MAPPED_ANY,
    PLACES,
};

enum protocol {
    PROTOCOL_TCP,
    PROTOCOL_UDP,
    PROTOCOL_UDPLITE,
    PROTOCOL_MPTCP,
    PROTOCOL_PING,
    PROTOCOLS,
};

struct spot {
    enum protocol protocol;
    enum place place;
    uint32_t options; /* PT_OPTION_REUSEADDR, PT_OPTION_REUSEPORT */
    uint32_t uid;
    const char *device; /* NULL: any */
};

/* A net namespace of its own, with lo, SPOT_DEVICE and an IPv6 address. Ends the program if not. */
void spot_prepare(void);

bool spot_has_protocol(enum protocol protocol);
uint16_t spot_family(const struct spot *spot);
uint16_t spot_type(enum protocol protocol);
uint16_t spot_protocol(const struct spot *spot);
int32_t spot_device_index(const struct spot *spot);
const char *spot_place_name(enum place place);
const char *spot_protocol_name(enum protocol protocol);

/* Some addresses are not on some devices, some protocols do not have some. */
bool spot_is_possible(const struct spot *spot);

/* A socket with the options, not bound. Negative errno. */
int spot_socket(const struct spot *spot);
int spot_set(int fd, int option, bool on);
socklen_t spot_address(enum place place, uint16_t port, struct sockaddr_storage *ret_address);
int spot_bind(int fd, enum place place, uint16_t port); /* 0 or positive errno */

/* The user whose sockets are made from here on. */
void spot_become(uint32_t uid);

__attribute__((noreturn, format(printf, 1, 2))) void spot_die(const char *format, ...);

#endif
