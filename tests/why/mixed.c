// SPDX-License-Identifier: GPL-2.0
/* Sockets of every kind that hold a port, and others that ask for it, mixed by chance. */
#include "tests/why/mixed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/rules/hold.h"

#define FIRST_PORT  2000
#define EACH_MANNER 12
#define TRIES       1000

static const char *const devices[] = {NULL, NULL, "lo", SPOT_DEVICE};
static const uint32_t users[] = {0, SPOT_OTHER_USER};
static const enum protocol protocols[] = {PROTOCOL_TCP,  PROTOCOL_TCP, PROTOCOL_TCP,
                                          PROTOCOL_UDP,  PROTOCOL_UDP, PROTOCOL_UDPLITE,
                                          PROTOCOL_MPTCP};

#define PICK(array) (array)[(size_t)rand() % (sizeof(array) / sizeof((array)[0]))]

struct held {
    struct spot spot;
    enum hold_state state;
    bool via_ipv6;
};

static const char *address_of(enum place place)
{
    return place == PLACE_6_ONLY ? "::" : spot_place_name(place);
}

static struct spot any_spot(enum protocol protocol)
{
    return (struct spot){
        .protocol = protocol,
        .place = (enum place)(rand() % PLACES),
        .options =
            (rand() & 1 ? PT_OPTION_REUSEADDR : 0u) | (rand() & 1 ? PT_OPTION_REUSEPORT : 0u),
        .uid = PICK(users),
        .device = PICK(devices),
    };
}

static struct held any_held(enum protocol protocol)
{
    for (int i = 0; i < TRIES; i++) {
        struct held held = {
            .spot = any_spot(protocol),
            .state = (enum hold_state)(rand() % HOLD_STATES),
            .via_ipv6 = rand() & 1,
        };

        if (hold_is_possible(&held.spot, held.state, held.via_ipv6))
            return held;
    }
    spot_die("chance gives nothing that is possible");
}

static enum protocol any_protocol(void)
{
    enum protocol protocol = PICK(protocols);

    return spot_has_protocol(protocol) ? protocol : PROTOCOL_TCP;
}

/* MPTCP and TCP share their ports. */
static enum protocol against(enum protocol protocol)
{
    if (protocol != PROTOCOL_MPTCP && protocol != PROTOCOL_TCP)
        return rand() % 8 ? protocol : PROTOCOL_TCP;
    return rand() % 4 || !spot_has_protocol(PROTOCOL_MPTCP) ? PROTOCOL_TCP : PROTOCOL_MPTCP;
}

static bool can_ask(const struct manner *manner, const struct spot *asker)
{
    bool only = asker->place == PLACE_6_ONLY;

    if (only != !!(manner->options & PT_OPTION_V6ONLY))
        return only ? false : asker->place == PLACE_6_ONE || asker->place == PLACE_4_ONE;
    return spot_is_possible(asker);
}

static void add_one(struct batch *batch, uint16_t port, struct hold *ret_hold)
{
    struct spot asker = {.protocol = any_protocol(), .device = batch->manner.device};
    struct held held = any_held(against(asker.protocol));
    char what[WHAT_SIZE];

    do {
        asker.place = (enum place)(rand() % PLACES);
    } while (!can_ask(&batch->manner, &asker));
    /* Where the two share an address more than chance has it, more is at stake. */
    if (rand() % 2 && held.spot.place != PLACE_6_ONLY) {
        asker.place = held.spot.place;
        if (!can_ask(&batch->manner, &asker))
            asker.place = PLACE_4_ONE;
    }
    hold_take(&held.spot, held.state, held.via_ipv6, port, ret_hold);
    snprintf(what, sizeof(what), "held: %s %s %s uid %u%s%s device %s%s",
             spot_protocol_name(held.spot.protocol), spot_place_name(held.spot.place),
             hold_state_name(held.state), held.spot.uid,
             held.spot.options & PT_OPTION_REUSEADDR ? " REUSEADDR" : "",
             held.spot.options & PT_OPTION_REUSEPORT ? " REUSEPORT" : "",
             held.spot.device ? held.spot.device : "any", held.via_ipv6 ? " via IPv6" : "");
    batch_add(batch, spot_protocol_name(asker.protocol), address_of(asker.place), ret_hold->port,
              what);
}

void mixed_run(unsigned int rounds, struct counts *counts)
{
    static struct hold holds[EACH_MANNER];
    uint16_t port = FIRST_PORT;

    for (unsigned int round = 0; round < rounds; round++) {
        struct batch batch = {
            .manner = {.options = (round & 1 ? PT_OPTION_REUSEADDR : 0u) |
                                  (round & 2 ? PT_OPTION_REUSEPORT : 0u) |
                                  (round & 4 ? PT_OPTION_V6ONLY : 0u),
                       .uid = users[round >> 3 & 1],
                       .device = devices[round >> 4 & 3],
                       .bind_only = rand() % 4 == 0,
                       .from_outside = rand() % 4 == 0},
        };

        batch.manner.unprivileged =
            batch.manner.uid && !batch.manner.from_outside && rand() % 2 == 0;

        for (int i = 0; i < EACH_MANNER; i++)
            add_one(&batch, port++, &holds[i]);
        batch_run(&batch, counts);
        for (int i = 0; i < EACH_MANNER; i++)
            hold_give_back(&holds[i]);
    }
}
